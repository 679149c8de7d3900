"""Who publishes this installation: what the law asks every site to say, kept in ``instance/association.toml``."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

from flask import Flask, current_app
from flask_babel import gettext

from guinguette.config import ConfigError
from guinguette.web.edge import edge


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


def card() -> str:
    """Return who we are and how to reach us, in one line: as much as the publisher has said."""
    publisher = cast(Association, current_app.jinja_env.globals["association"])
    name = publisher.name or gettext("l’association qui publie ce site")
    return ", ".join(each for each in (name, publisher.phone, publisher.email) if each)


def register(app: Flask) -> None:
    """Give the templates ``association``."""
    with app.app_context():
        app.jinja_env.globals["association"] = read(edge().settings.instance / "association.toml")
