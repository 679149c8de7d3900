"""A mail server's address, as ``GUINGUETTE_SMTP_URL`` writes it."""

from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465}
#: A relay on this machine is spoken to in clear where its address says so: nothing leaves the machine.
HERE = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where e-mails are handed over. ``security``: tls (from the first byte), starttls (or nothing leaves), none.

    ``sender`` is the address that people see, ``user`` is empty where the server asks for no password.
    """

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str

    @property
    def domain(self) -> str:
        """Return the sender's domain, which Message-ID carries."""
        return self.sender.rpartition("@")[2]


def parse(url: str) -> MailServer:
    """Return the server at ``smtp[s]://[user:password@]host[:port][?from=address&starttls=no]``.

    ``smtp`` means STARTTLS, ``smtps`` TLS at once. ``from`` may be left out where the user is an address. Raises
    ``ValueError`` with a French sentence that says what to write.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in _PORTS or not host:
        raise ValueError("écrire smtp://utilisateur:mot-de-passe@serveur:587?from=adresse, ou smtps://…:465")
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = options.pop("from", user)
    if "@" not in sender or parseaddr(sender)[1] != sender:
        raise ValueError("ajouter l’adresse de l’expéditeur, ?from=guinguette@exemple.fr")
    starttls = options.pop("starttls", "yes")
    if options or starttls not in ("yes", "no"):
        raise ValueError("seuls ?from= et ?starttls=no sont compris")
    if parts.scheme == "smtp" and starttls == "no":
        if password and host not in HERE:
            raise ValueError("un mot de passe ne part jamais en clair : retirer starttls=no")
        security = "none"
    else:
        security = "tls" if parts.scheme == "smtps" else "starttls"
    return MailServer(
        host=host,
        port=port or _PORTS[parts.scheme],
        security=security,
        user=user,
        password=password,
        sender=sender,
    )
