"""What axe and a ruler say of every page of a host, on the smallest phone."""

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from tests.e2e.faults import faults_of, needs_axe
from tests.host_pages import host_paths, make_village

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@needs_axe
def test_axe_finds_nothing(app: Flask, address: str, browser: Browser, session: Session) -> None:
    """No page is out of reach of a finger, a keyboard or a screen reader; none scrolls sideways at 360 px."""
    token = make_village(session)
    context = browser.new_context(viewport={"width": 360, "height": 640}, base_url=address, locale="fr-FR")
    # one page of a kind: what differs from one letter or evening to the next are its words
    asked = [path for path in host_paths(app, token) if not path.endswith(("/sacem", "/voie"))]
    assert faults_of(context.new_page(), asked) == {}
    context.close()
