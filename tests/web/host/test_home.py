"""The first page of a host."""

from tests.web.host.conftest import HostAtHome


def test_the_link_opens_the_village_and_keeps_its_secret(host: HostAtHome) -> None:
    """Nobody else learns the address: not the next page, not a cache, not a search engine."""
    page = host.get()
    assert page.status_code == 200
    assert "Éclaron" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_another_token_opens_nothing(host: HostAtHome) -> None:
    """And says where to ask for a new one."""
    assert host.client.get("/comite/" + "x" * 22 + "/").status_code == 404
