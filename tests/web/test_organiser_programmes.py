"""An evening's programme, hours and permit, as an organiser writes them."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Evening, Message
from tests import factories as make
from tests.web.evening_page import page, rehearse


def programme(evening: Evening, **values: object) -> dict[str, object]:
    """Return what the programme's form posts."""
    unchanged = {"pitch_id": evening.pitch_id, "fallback_venue_id": evening.fallback_venue_id}
    return {"version": evening.version, "starts_at": "18:00", "ends_at": "22:00", **unchanged, **values}


def test_the_programme_is_written_without_telling_anybody(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """Who plays and what there is to eat goes online, by no SMS."""
    html = page(organiser_client, "/programme", data=programme(evening, artists="Les Souliers vernis", food="Frites"))
    assert "Le programme est enregistré." in html
    assert "Les Souliers vernis" in html
    assert session.scalars(select(Message)).all() == []


def test_a_second_programme_is_told_what_the_first_wrote(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """The artists of one, the menu of the other: nothing is lost, and the second save is a knowing one."""
    html = page(organiser_client, "/programme")
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen is not None
    opened = programme(evening, seen=seen[1], artists="", food="")
    page(organiser_client, "/programme", data=opened | {"artists": "Les Souliers vernis"})
    html = page(organiser_client, "/programme", data=opened | {"food": "Frites"})
    assert "enregistré «\u00a0Les Souliers vernis\u00a0», repris ci-dessous." in html
    assert 'value="Les Souliers vernis"' in html
    assert 'value="Frites"' in html


def test_another_committee_takes_over_the_permit(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """The history names both; whoever has used up the year's five is refused, and the former holder may be archived."""
    old = make.make_committee(session, commune=evening.commune, name="Comité d’avant")
    new = make.make_committee(session, commune=evening.commune, name="Les Pompiers")
    tired = make.make_committee(session, commune=evening.commune, name="Comité épuisé")
    for day in range(5):
        make.make_evening(session, date=dt.date(2027, 8, 1 + day), permit_holder=tired)
    evening.permit_holder = old
    session.commit()
    html = page(organiser_client, "/programme", data=programme(evening, permit_holder_id=tired.id))
    assert "Comité épuisé a déjà ses 5 buvettes temporaires de 2027" in html
    html = page(organiser_client, "/programme", data=programme(evening, permit_holder_id=new.id))
    assert "<strong>Les Pompiers</strong>" in html
    assert re.search(r"<del>Comité d’avant</del>.*?Les Pompiers", html, re.DOTALL)
    organiser_client.post(f"/organisation/comites/{old.id}/archiver", data={"version": old.version})
    session.refresh(old)
    assert old.archived_at is not None


def test_another_hour_is_told(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """People would come at the wrong time: the SMS is read first, then it leaves."""
    html = page(organiser_client, "/programme", data=programme(evening, starts_at="19:30"))
    assert "1 personne reçoit un SMS." in html
    assert '<blockquote class="sms">' in html
    assert session.scalars(select(Message)).all() == []
    html = page(organiser_client, "/programme", data=programme(evening, starts_at="19:30", confirmed="1"))
    assert "19\u00a0h\u00a030" in html
    session.refresh(evening)
    assert evening.sequence == 1
    assert [message.kind for message in session.scalars(select(Message))] == ["changed"]


@pytest.mark.parametrize("state", ["proposed"])
def test_what_was_told_before_is_not_counted_again(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """Confirming tells nobody, even where an earlier change has."""
    page(organiser_client, "/programme", data=programme(evening, starts_at="19:30", confirmed="1"))
    session.refresh(evening)
    html = rehearse(organiser_client, evening, "confirmer")
    assert "La soirée est confirmée." in html
    assert "SMS." not in html.split("</h1>")[0]


def test_a_programme_that_ends_as_it_begins_is_refused(organiser_client: FlaskClient, evening: Evening) -> None:
    """The sentence stands beside the field, and what was typed is still there."""
    html = page(organiser_client, "/programme", data=programme(evening, ends_at="18:00", artists="Mado"))
    assert 'id="ends_at-erreur"' in html
    assert 'value="Mado"' in html
