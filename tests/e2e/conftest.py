"""A real browser on the app: served on loopback, at the width of a phone."""

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from guinguette.paths import STATIC


@pytest.fixture
def app(fresh_app: Flask) -> Flask:
    """The app, of this test alone: a browser may still be asking for something when its test is over."""
    return fresh_app


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The app, served on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    """Debian's Chromium, started after the app, which cannot be made beside playwright's event loop.

    Fails on any exception that a script leaves uncaught, in whatever window.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no browser here: apt-get install chromium")
    if not (STATIC / "vendor").is_dir():
        pytest.skip("the pages' packages are not in static/vendor/: make install")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        uncaught: list[str] = []
        open_context = browser.new_context

        def new_context(**options: Any) -> BrowserContext:
            context = open_context(**options)
            context.on("weberror", lambda found: uncaught.append(str(found.error)))
            return context

        browser.new_context = new_context  # type: ignore[method-assign]
        yield browser
        browser.close()
    assert uncaught == []


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """A page of 390 × 844 on the app (``phone.goto("/")``). Fails on anything the browser complains of."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=address, locale="fr-FR")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []
