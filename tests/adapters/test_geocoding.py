"""The address search against a server on loopback that speaks as the Géoplateforme does (GeoJSON of the BAN)."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from guinguette.adapters.geocoding import BanGeocoder
from guinguette.adapters.ports import Candidate, GeocodingError

pytestmark = pytest.mark.enable_socket

CHURCH = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [4.848, 48.572]},
    "properties": {
        "label": "Place de l’Église 52290 Éclaron-Braucourt-Sainte-Livière",
        "score": 0.83,
        "type": "street",
        "citycode": "52182",
        "postcode": "52290",
        "context": "52, Haute-Marne, Grand Est",
    },
}


class Ban(BaseHTTPRequestHandler):
    """Answers what its server was given, and remembers what it was asked."""

    def do_GET(self) -> None:
        """Answer a search."""
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        status, body = self.server.answer  # type: ignore[attr-defined]
        self.server.ready.wait(5)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def ban() -> Iterator[Any]:
    """A server that knows the church of Éclaron."""
    server: Any = HTTPServer(("127.0.0.1", 0), Ban)
    server.asked, server.ready = [], threading.Event()
    server.ready.set()
    server.answer = (200, json.dumps({"type": "FeatureCollection", "features": [CHURCH]}).encode())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def geocoder(server: Any) -> BanGeocoder:
    """Return the geocoder that asks this server, below a path as the Géoplateforme's."""
    return BanGeocoder(f"http://127.0.0.1:{server.server_port}/geocodage")


def test_an_address_is_found(ban: Any) -> None:
    """The path is the Géoplateforme's, the address is all that is sent, degrees come back in their order."""
    found = geocoder(ban).search("place de l’Église, 52290 Éclaron")
    label = "Place de l’Église 52290 Éclaron-Braucourt-Sainte-Livière"
    assert found == [Candidate(label=label, kind="street", insee="52182", lat=48.572, lon=4.848, score=0.83)]
    asked = urlsplit(ban.asked[0])
    assert asked.path == "/geocodage/search"
    assert parse_qs(asked.query) == {"q": ["place de l’Église, 52290 Éclaron"], "limit": ["6"]}


def test_no_address_is_no_error(ban: Any) -> None:
    """An empty collection is an answer."""
    ban.answer = (200, b'{"type": "FeatureCollection", "features": []}')
    assert geocoder(ban).search("nulle part") == []


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (429, b"{}"), (200, b"<html>"), (200, b'{"features": [{}]}'), (404, b"")],
)
def test_a_service_that_fails_is_one_error(ban: Any, answer: tuple[int, bytes]) -> None:
    """Broken, overloaded, a captive portal, another service: the form will say that it does not answer."""
    ban.answer = answer
    with pytest.raises(GeocodingError):
        geocoder(ban).search("place de l’Église")


def test_a_service_that_is_slow_is_not_waited_for(ban: Any) -> None:
    """An organiser on the telephone has other ways to place a pitch."""
    ban.ready.clear()
    with pytest.raises(GeocodingError):
        BanGeocoder(f"http://127.0.0.1:{ban.server_port}/geocodage", timeout_seconds=0.2).search("place de l’Église")
    ban.ready.set()


def test_nobody_there_and_nobody_set(ban: Any) -> None:
    """A closed port, and an installation that wants no such service."""
    for url in ("http://127.0.0.1:9/geocodage", ""):
        with pytest.raises(GeocodingError):
            BanGeocoder(url).search("place de l’Église")
