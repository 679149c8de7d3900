"""The design system: a page for those who draw, not for villagers."""

import dataclasses

from flask.testing import FlaskClient

from guinguette import create_app
from guinguette.config import Settings


def test_every_state_and_every_contrast_is_shown(client: FlaskClient) -> None:
    """Each shape of the lantern, and no pair of colours that falls short."""
    text = client.get("/design").text
    for state in ("s-ok", "s-att", "s-dep", "s-ann", "s-rep"):
        assert f'<figure class="{state}">' in text
    assert "suffit" in text
    assert "NE SUFFIT PAS" not in text


def test_production_has_no_such_page(settings: Settings) -> None:
    """It is not even registered there."""
    production = dataclasses.replace(settings, env="production", public_url="https://guinguette.example.org")
    app = create_app(production)
    assert "design.page" not in app.view_functions
