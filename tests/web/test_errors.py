"""Error pages (guinguette/web/errors.py)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from guinguette.domain.errors import Conflict, InvalidInput, NotFound


def test_an_unknown_address_has_a_page_with_a_way_out(client: FlaskClient) -> None:
    """It says so and links home."""
    answer = client.get("/nulle-part")
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.parametrize(("error", "status"), [(InvalidInput, 400), (NotFound, 404), (Conflict, 409)])
def test_a_refusal_nobody_caught_is_a_page(fresh_app: Flask, error: type[Exception], status: int) -> None:
    """Its own sentence is shown, with its values in place."""

    def view() -> str:
        raise error("Le village {name} manque.", name="Éclaron")

    fresh_app.add_url_rule("/refus", view_func=view)
    answer = fresh_app.test_client().get("/refus")
    assert answer.status_code == status
    assert "Le village Éclaron manque." in answer.text


def test_a_fault_of_ours_shows_no_inside(fresh_app: Flask) -> None:
    """The page of a broken view apologises in one sentence and tells nothing of the fault."""

    def view() -> str:
        raise RuntimeError("secret detail")

    fresh_app.config["PROPAGATE_EXCEPTIONS"] = False
    fresh_app.add_url_rule("/casse", view_func=view)
    answer = fresh_app.test_client().get("/casse")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
