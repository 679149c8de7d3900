"""The association's identity for the templates: what the law asks every site to say."""

from typing import cast

from flask import Flask, current_app

from guinguette.association import Association, read
from guinguette.web.edge import edge


def register(app: Flask) -> None:
    """Give the templates ``association``."""
    with app.app_context():
        app.jinja_env.globals["association"] = read(edge().settings.instance / "association.toml")


def association() -> Association:
    """Return the running app's."""
    return cast(Association, current_app.jinja_env.globals["association"])
