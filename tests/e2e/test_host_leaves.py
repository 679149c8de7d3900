"""A host follows a link away from their pages: nobody at the other side learns where they were."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.e2e.faults import faults
from tests.factories import (
    make_committee,
    make_commune,
    make_contact,
    make_evening,
    make_host_link,
    make_publication,
    make_tour,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


class _Elsewhere(BaseHTTPRequestHandler):
    """Another site, which notes where its visitors come from."""

    seen: list[str | None]

    def do_GET(self) -> None:
        """Answer any page."""
        self.seen.append(self.headers["Referer"])
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>Ailleurs</title><h1>Ailleurs</h1>")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str | None]]]:
    """The address of another site, and the Referer of each visit there."""
    seen: list[str | None] = []
    server = HTTPServer(("127.0.0.1", 0), type("Site", (_Elsewhere,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/", seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_other_side_sees_no_referer(
    phone: Page, session: Session, elsewhere: tuple[str, list[str | None]], address: str
) -> None:
    """Neither our own public pages, nor another site; nothing was fetched from anywhere else meanwhile."""
    commune = make_commune(session, name="Éclaron")
    tour = make_tour(session)
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=commune)])
    contact = make_contact(session, committee=make_committee(session, commune=commune), email="j@example.org")
    home = f"/comite/{make_host_link(session, contact=contact)}/"
    session.commit()
    requests: list[tuple[str, str | None]] = []
    phone.on("request", lambda each: requests.append((each.url, each.all_headers().get("referer"))))

    phone.goto(home)
    expect(phone.get_by_role("heading", name="Éclaron")).to_be_visible()
    assert faults(phone) == []
    phone.get_by_role("link", name="La page de votre village").click()
    phone.wait_for_url("**/communes/*")
    assert {referer for url, referer in requests if home in (referer or "")} == set()
    assert [url for url, _ in requests if not url.startswith((address, "data:"))] == []

    phone.goto(f"{home}referents")
    assert faults(phone) == []
    there, seen = elsewhere
    # as any link that somebody writes into a text would be
    phone.evaluate(
        "href => { const a = document.createElement('a'); a.href = href; a.textContent = 'Ailleurs'; a.id = 'ailleurs';"
        " document.querySelector('main').append(a); }",
        there,
    )
    phone.locator("#ailleurs").click()
    expect(phone.get_by_role("heading", name="Ailleurs")).to_be_visible()
    assert seen == [None]
