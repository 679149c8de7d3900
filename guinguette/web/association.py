"""The association's identity for the templates: what the law asks every site to say."""

from typing import cast

from flask import Flask, current_app
from flask_babel import gettext

from guinguette.association import Association, read
from guinguette.web.edge import edge


def card() -> str:
    """Return who we are and how to reach us, in one line: as much as the publisher has said."""
    publisher = cast(Association, current_app.jinja_env.globals["association"])
    name = publisher.name or gettext("l’association qui publie ce site")
    return ", ".join(each for each in (name, publisher.phone, publisher.email) if each)


def register(app: Flask) -> None:
    """Give the templates ``association``."""
    with app.app_context():
        app.jinja_env.globals["association"] = read(edge().settings.instance / "association.toml")


def association() -> Association:
    """Return the running app's."""
    return cast(Association, current_app.jinja_env.globals["association"])
