"""E-mail addresses, as far as a page or a log may show them."""


def masked(address: str) -> str:
    """Return the address with all but its first letter and its domain hidden (a•••@example.org), nothing of none."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}" if address else ""
