"""What of an e-mail address may be shown."""

import pytest

from guinguette.domain.email_addresses import masked


@pytest.mark.parametrize(
    ("address", "shown"), [("anne@example.org", "a•••@example.org"), ("@example.org", "•••@example.org"), ("", "")]
)
def test_an_address_is_masked_and_none_is_nothing(address: str, shown: str) -> None:
    """One first letter and the domain; whoever gave no address has no dots either."""
    assert masked(address) == shown
