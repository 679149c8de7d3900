"""Static addresses and how long a phone keeps what is behind them."""

from flask import Flask
from flask.testing import FlaskClient

from guinguette.web.assets import asset


def test_an_address_carries_its_contents_hash(app: Flask, client: FlaskClient) -> None:
    """A stylesheet's address changes with its content, so it may be kept for a year."""
    with app.test_request_context("/"):
        address = asset("css/tokens.css")
    assert "?v=" in address
    with client.get(address) as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_without_its_hash_a_file_is_asked_for_again(client: FlaskClient) -> None:
    """An address somebody wrote by hand must not be kept."""
    with client.get("/static/css/tokens.css") as response:
        assert "immutable" not in response.headers["Cache-Control"]


def test_a_missing_file_is_not_kept(client: FlaskClient) -> None:
    """A 404 for a year would outlive the repair."""
    assert "Cache-Control" not in client.get("/static/css/none.css?v=1").headers
