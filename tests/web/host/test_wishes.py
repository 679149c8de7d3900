"""Needs, temporary bar and days of the hall, as a host answers; and the season that the solver gets of it all."""

import datetime as dt
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.models import CommuneRequest, FallbackVenue, HallBooking, JournalEntry
from guinguette.services import planning
from tests import factories as make
from tests.fakes import FixedClock
from tests.web.host.conftest import HostAtHome

FRIDAYS = [dt.date(2027, 11, 5) + dt.timedelta(weeks=week) for week in range(3)]


@pytest.fixture
def request_(session: Session, host: HostAtHome) -> CommuneRequest:
    """What Éclaron asks of a winter tour with a hall for each evening."""
    van = make.make_vehicle(session, equipment=["covered", "sound"])
    tour = make.make_tour(
        session, slug="hiver", dates=FRIDAYS, vehicles=[van], hall_required=True, default_needs=["covered"]
    )
    row = make.make_request(
        session,
        tour=tour,
        commune=host.commune,
        pitch=make.make_pitch(session, commune=host.commune),
        fallback_venue=make.make_hall(session, commune=host.commune),
    )
    session.commit()
    return row


@pytest.fixture
def hall(request_: CommuneRequest) -> FallbackVenue:
    """The village's hall."""
    assert request_.fallback_venue is not None
    return request_.fallback_venue


def _text(page: TestResponse) -> str:
    """Return a page's text with plain spaces."""
    return " ".join(page.text.replace("\u00a0", " ").split())


def _season(session: Session, request: CommuneRequest, clock: FixedClock) -> dict[str, Any]:
    """Return what ``guinguette tour export --format season`` writes."""
    session.expire_all()
    return planning.season_of(session, request.tour, clock)


def test_what_a_host_enters_is_what_the_solver_gets(
    session: Session, host: HostAtHome, request_: CommuneRequest, hall: FallbackVenue, clock: FixedClock
) -> None:
    """Before and after on the exported season: needs, hall, permit and position have changed, and nothing else."""
    before = _season(session, request_, clock)
    host.post("lieux/tournees/hiver/besoins", data={"version": 1, "needs": ["sound", "stage"]})
    host.post("lieux/tournees/hiver/buvette", data={"version": 2, "permit_holder_id": host.contact.committee_id})
    host.post(f"lieux/salle/{hall.id}/reservations", data={"date": FRIDAYS[1].isoformat(), "what": "Loto"})
    typed = {"version": 1, "name": "Préau", "address": "", "lat": "48,61", "lon": "4,91"}
    host.post(f"lieux/emplacement/{request_.pitch_id}/place", data=typed)
    after = _season(session, request_, clock)
    (village,), (changed,) = before["communes"], after["communes"]
    assert (village["needs"], changed["needs"]) == (["covered"], ["covered", "sound", "stage"])
    assert set(village["availability"]) - set(changed["availability"]) == {FRIDAYS[1].isoformat()}
    assert before["quotas"] == []
    assert [(quota["id"], quota["communes"], quota["max"]) for quota in after["quotas"]] == [
        (f"permis-{host.contact.committee_id}-2027", [host.commune.insee], 5)
    ]
    (place,) = (each for each in after["locations"] if each["id"] == host.commune.insee)
    assert (place["lat"], place["lon"]) == (48.61, 4.91)
    same = {"needs", "availability"}
    assert {k: v for k, v in village.items() if k not in same} == {k: v for k, v in changed.items() if k not in same}
    moved = {"communes", "quotas", "locations"}
    assert {k: v for k, v in before.items() if k not in moved} == {k: v for k, v in after.items() if k not in moved}


def test_the_pages_say_where_things_stand(session: Session, host: HostAtHome, request_: CommuneRequest) -> None:
    """What no van carries is marked; the permits of the year are counted; the journal says who answered."""
    committee = host.contact.committee_id
    for day in (5, 12):
        make.make_evening(session, date=dt.date(2027, 2, day), permit_holder_id=committee)
    session.commit()
    page = _text(host.get("lieux/tournees/hiver/besoins"))
    assert "Groupe électrogène (aucun camion n’en a pour l’instant" in page
    assert "Bar couvert" not in page
    assert "2 buvettes sur 5 en 2027" in _text(host.get("lieux/tournees/hiver/buvette"))
    host.post("lieux/tournees/hiver/besoins", data={"version": 1})
    host.post("lieux/tournees/hiver/buvette", data={"version": 2, "permit_holder_id": committee})
    host.post("lieux/tournees/hiver/buvette", data={"version": 3, "permit_holder_id": ""})
    lines = session.execute(select(JournalEntry.what, JournalEntry.detail).order_by(JournalEntry.id)).all()
    assert [tuple(line) for line in lines if line.what != "link"] == [
        ("needs", "rien de plus"),
        ("permit", "Comité des fêtes de Éclaron"),
        ("permit", "personne"),
    ]


def test_another_villages_committee_or_tour_is_refused(
    session: Session, host: HostAtHome, request_: CommuneRequest
) -> None:
    """A holder of one's own making changes nothing; a tour the village takes no part in is not there."""
    foreign = make.make_committee(session)
    make.make_request(session, tour=make.make_tour(session, slug="ailleurs", dates=FRIDAYS))
    session.commit()
    host.post("lieux/tournees/hiver/buvette", data={"version": 1, "permit_holder_id": foreign.id})
    session.expire_all()
    assert request_.permit_holder_id is None
    for page in ("besoins", "buvette"):
        assert host.get(f"lieux/tournees/ailleurs/{page}").status_code == 404


def test_a_taken_hall_is_told_to_both_sides(
    session: Session, host: HostAtHome, hall: FallbackVenue, organiser_client: FlaskClient
) -> None:
    """The host who notes it, their page of places, the desk's page of the evening; the desk can free the day."""
    day = FRIDAYS[0]
    evening = make.make_evening(session, commune=host.commune, fallback_venue=hall, venue="hall", date=day)
    session.commit()
    host.post(f"lieux/salle/{hall.id}/reservations", data={"date": day.isoformat(), "what": "Mariage"})
    page = _text(host.get(f"lieux/salle/{hall.id}/reservations"))
    assert "C’est noté, mais une soirée de la guinguette est prévue dans cette salle le vendredi 5 novembre" in page
    assert "Vendredi 5 novembre 2027" in page
    assert "Une soirée de la guinguette y est prévue le vendredi 5 novembre" in _text(host.get("lieux"))
    page = _text(organiser_client.get(f"/organisation/soirees/{evening.id}"))
    assert "La soirée ne peut pas s’y tenir ce jour-là" in page
    assert "Régler la salle déjà prise" in page
    booking = session.scalars(select(HallBooking)).one()
    organiser_client.post(f"/organisation/salle/{hall.id}/reservations/{booking.id}/libre")
    assert "La soirée ne peut pas s’y tenir" not in _text(organiser_client.get(f"/organisation/soirees/{evening.id}"))


def test_the_desk_notes_a_day_too(session: Session, hall: FallbackVenue, organiser_client: FlaskClient) -> None:
    """On the hall's page; a day without a date, or noted twice, is refused in words."""
    address = f"/organisation/salle/{hall.id}"
    organiser_client.post(f"{address}/reservations", data={"date": FRIDAYS[0].isoformat(), "what": "Loto"})
    assert "Vendredi 5 novembre 2027" in _text(organiser_client.get(address))
    for date, refusal in (
        (FRIDAYS[0].isoformat(), "déjà notée prise"),
        ("", "à remplir"),
        ("05/11/2027", "déjà notée prise"),
    ):
        organiser_client.post(f"{address}/reservations", data={"date": date})
        assert refusal in _text(organiser_client.get(address))
    assert len(session.scalars(select(HallBooking)).all()) == 1
