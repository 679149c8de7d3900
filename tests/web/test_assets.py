"""Static addresses and how long a phone keeps what is behind them."""

import re

import brotli
from flask import Flask
from flask.testing import FlaskClient

from guinguette.web.assets import asset, base_stylesheet


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


def test_every_page_s_stylesheets_come_as_one(app: Flask, client: FlaskClient) -> None:
    """One request, kept for a year, whose typefaces are found from its own address."""
    with app.test_request_context("/"):
        address = base_stylesheet()
    answer = client.get(address)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    for found in re.findall(r"url\((/[^)]+)\)", answer.text):
        with client.get(found) as file:
            assert file.status_code == 200
    assert "url(../" not in answer.text
    assert answer.text.index("--g-fond:") < answer.text.index(".lampion{")
    assert "/*" not in answer.text
    small = client.get(address, headers={"Accept-Encoding": "br"})
    assert small.headers["Content-Encoding"] == "br"
    assert len(small.data) < 13_500
    assert brotli.decompress(small.data).decode() == answer.text
