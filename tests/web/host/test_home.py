"""The first page of a host."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.services import host_home
from guinguette.services.host_todo import Todo
from tests import factories as make
from tests.host_pages import make_village
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


def test_every_errand_says_what_it_awaits(client: FlaskClient, session: Session) -> None:
    """An option that lapses, days to give, an evening to prepare, one to tell of, places to describe."""
    page = client.get(f"/comite/{make_village(session)}/").text
    for title in (
        "Répondez pour le",
        "Dire quels jours",
        "Préparer la soirée",
        "Raconter la soirée",
        "Compléter la fiche",
    ):
        assert title in page


def test_nothing_to_do_is_said(host: HostAtHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that no date is set yet."""
    monkeypatch.setattr(host_home, "SOURCES", ())
    page = host.get().text
    assert "Rien à faire pour l’instant" in page
    assert "Aucune date n’est encore retenue chez vous." in page


def test_what_is_awaited_stands_first_with_one_button(
    host: HostAtHome, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest, its day in words; the others below it; then the evenings of the village, each with its state."""
    day = dt.date(2027, 7, 17)
    awaited = [
        Todo(title="Il manque {count} choses", values={"count": 3}, endpoint="host.people"),
        Todo(title="Répondez pour le {day}", values={"day": day}, endpoint="host.history", due_on=dt.date(2027, 6, 24)),
    ]
    monkeypatch.setattr(host_home, "SOURCES", (lambda *_asked: awaited,))
    make.make_evening(session, commune=host.commune, date=day, state="option")
    session.commit()
    page = host.get().text
    first, _, rest = page.partition("Et ensuite")
    assert "Répondez pour le samedi 17\u00a0juillet" in first
    assert "À faire d’ici au jeudi 24\u00a0juin." in first
    assert f'class="btn " href="{host.path("journal")}"' in first
    assert "Il manque 3 choses" in rest
    assert "Samedi 17\u00a0juillet" in rest
    assert "À confirmer" in rest
