"""A road server's address, as ``GUINGUETTE_ROADS_URL`` writes it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

#: What each kind of server calls the car where its address names no profile.
_PROFILES = {"osrm": "driving", "valhalla": "auto"}
SCHEMES = tuple(f"{kind}+{transport}://" for kind in _PROFILES for transport in ("http", "https"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadServer:
    """Who is asked for roads. ``kind``: osrm or valhalla. ``url`` is where it listens, ``profile`` what it calls a car.

    ``name`` says which answers are its own; it holds no password.
    """

    kind: str
    url: str
    profile: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Return « osrm 127.0.0.1:5000/driving »."""
        return f"{self.kind} {self.url.partition('://')[2]}/{self.profile}"


def parse(url: str) -> RoadServer:
    """Return the server at ``osrm+http[s]://[user:password@]host[:port][/path][/profile]``, or ``valhalla+http[s]``.

    The last word of the path is the profile (default: ``driving`` for OSRM, ``auto`` for Valhalla). Raises
    ``ValueError`` with a French sentence that says what to write.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    kind, _, transport = parts.scheme.partition("+")
    if not url.startswith(SCHEMES) or not host or parts.query or parts.fragment:
        raise ValueError("écrire osrm+http://serveur:5000 ou valhalla+http://serveur:8002, suivi au besoin de /profil")
    path, _, profile = parts.path.rpartition("/")
    if profile and not profile.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f"« {profile} » n’est pas le nom d’un profil")
    name = f"[{host}]" if ":" in host else host
    return RoadServer(
        kind=kind,
        url=f"{transport}://{name}{f':{port}' if port else ''}{path}",
        profile=profile or _PROFILES[kind],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
