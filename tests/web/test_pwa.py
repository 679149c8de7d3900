"""The manifest, the worker and the page of what is kept; what the worker does is in tests/e2e/test_offline.py."""

import json
import re
import struct

import pytest
from flask import Flask
from flask.testing import FlaskClient

from guinguette.paths import STATIC


@pytest.mark.parametrize(
    ("path", "language", "start"), [("/manifest.webmanifest", "fr", "/"), ("/en/manifest.webmanifest", "en", "/en/")]
)
def test_the_manifest_speaks_the_language_of_the_page(
    client: FlaskClient, path: str, language: str, start: str
) -> None:
    """Installed from an English page, the app opens in English; both keep the whole site inside."""
    answer = client.get(path)
    manifest = json.loads(answer.text)
    assert answer.mimetype == "application/manifest+json"
    assert (manifest["lang"], manifest["start_url"], manifest["scope"]) == (language, start, "/")
    assert f'href="{path}"' in client.get(start).text
    for shortcut in manifest["shortcuts"]:
        assert client.get(shortcut["url"]).status_code == 200


def test_each_icon_has_the_size_that_the_manifest_says(client: FlaskClient) -> None:
    """A phone refuses to install an app whose icons lie."""
    icons = json.loads(client.get("/manifest.webmanifest").text)["icons"]
    assert {icon.get("purpose", "any") for icon in icons} == {"any", "maskable"}
    for icon in icons:
        with client.get(icon["src"]) as answer:
            width, height = struct.unpack(">II", answer.data[16:24])
        assert icon["sizes"] == f"{width}x{height}"


def _shell(client: FlaskClient) -> dict[str, object]:
    head = re.match(r"const SHELL = (.*);\n", client.get("/sw.js").text)
    assert head
    return json.loads(head[1])


def test_what_the_worker_keeps_from_the_start_is_there(client: FlaskClient) -> None:
    """One missing file and the worker would never install."""
    shell = _shell(client)
    paths = [*shell["files"], *shell["offline"].values()]
    assert len(paths) >= 6
    for path in paths:
        with client.get(path) as answer:
            assert answer.status_code == 200, path


def test_the_worker_is_asked_for_each_time_and_holds_the_whole_site(client: FlaskClient) -> None:
    """A worker kept for a year could not be mended; unchanged, it costs a 304."""
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert "Cookie" not in answer.vary
    assert client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_another_stylesheet_is_another_worker(
    app: Flask, client: FlaskClient, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its version follows the hashes of what it keeps, so that a phone takes the new ones."""
    before = _shell(client)["version"]
    assert _shell(client)["version"] == before
    monkeypatch.setattr("guinguette.web.pwa.base_stylesheet", lambda: "/pages.css?v=another")
    assert _shell(client)["version"] != before


@pytest.mark.parametrize(
    "path",
    ["/organisation", "/connexion", "/comite", "/equipe", "/abonnement", "/en/abonnement", "/en/stop", "/embed"],
)
def test_somebody_s_own_pages_are_left_to_the_browser(client: FlaskClient, path: str) -> None:
    """The worker does not even look at them."""
    assert path in _shell(client)["never"]


@pytest.mark.parametrize("path", ["/", "/hors-ligne", "/en/hors-ligne"])
def test_public_pages_start_the_worker_and_may_be_kept(client: FlaskClient, path: str) -> None:
    """They load its script, and their answer depends on nobody's cookie."""
    answer = client.get(path)
    assert "/static/js/offline.js" in answer.text
    assert answer.text.count('name="theme-color"') == 2
    assert "Cookie" not in answer.vary


def test_the_desk_starts_no_worker(organiser_client: FlaskClient) -> None:
    """What the association works on stays out of a phone's memory."""
    text = organiser_client.get("/organisation/").text
    assert "offline.js" not in text
    assert "manifest" not in text


def test_the_policy_allows_the_worker_and_the_manifest(client: FlaskClient) -> None:
    """From here and nowhere else."""
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "worker-src 'self'; manifest-src 'self'" in policy


def test_the_worker_knows_where_static_files_lie() -> None:
    """Its program names the addresses of files that Flask serves."""
    program = (STATIC / "js" / "worker.js").read_text(encoding="utf-8")
    assert '"/static/"' in program
    assert '"/pages.css"' in program
