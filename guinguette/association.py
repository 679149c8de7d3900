"""Who publishes this installation: what the law asks every site to say, kept in ``instance/association.toml``."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from guinguette.config import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """The publisher and its host, in words as they are printed. Empty: nobody has said yet.

    ``registration`` is the RNA or SIRET number, ``director`` the director of publication, ``host_…`` who houses the
    server (loi n° 2004-575, article 1-1).
    """

    name: str = ""
    registration: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    director: str = ""
    host_name: str = ""
    host_address: str = ""
    host_phone: str = ""

    @property
    def complete(self) -> bool:
        """Tell whether everything the law asks for is there."""
        return all(getattr(self, each.name) for each in fields(self))


def read(path: Path) -> Association:
    """Read the file, or return an empty identity where there is none. Raises ``ConfigError`` for a wrong one."""
    if not path.is_file():
        return Association()
    try:
        return Association(**{key: str(value) for key, value in tomllib.loads(path.read_text("utf-8")).items()})
    except (tomllib.TOMLDecodeError, TypeError) as error:
        names = ", ".join(each.name for each in fields(Association))
        raise ConfigError(f"{path} ne se lit pas ({error}). Les lignes attendues : {names}.") from error
