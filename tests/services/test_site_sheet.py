"""What a village has said of its places (guinguette/services/site_sheet.py)."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import Commune, JournalEntry
from guinguette.services import site_sheet, sites
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import FixedClock


@pytest.fixture
def commune(session: Session) -> Commune:
    """A village."""
    return make.make_commune(session)


def _missing(session: Session, commune: Commune, clock: FixedClock) -> list[str]:
    return [f"{one.kind}:{one.question.key}" for one in site_sheet.sheet(session, commune, clock).missing]


def test_everything_is_missing_where_nobody_has_said_anything(
    session: Session, commune: Commune, clock: FixedClock
) -> None:
    """Fourteen pieces, also where neither pitch nor hall is known; the host is told once."""
    assert len(_missing(session, commune, clock)) == 14
    (todo,) = site_sheet.todos(session, commune, clock)
    assert (todo.endpoint, todo.values) == ("host.places", {"missing": 14, "total": 14})


_PITCH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("place", {"lat": 48.5, "lon": 4.9}),
    ("power", {"power": ("32a", "three_phase"), "power_metres": 25}),
    ("water", {"water": "no"}),
    ("toilets", {"toilets": "yes"}),
    ("parking", {"parking": 0}),
    ("accessible", {"accessible": "yes"}),
    ("coverage", {"coverage": "weak"}),
    ("capacity", {"capacity": 250}),
)


def test_each_answer_is_one_piece_less(session: Session, commune: Commune, by: By, clock: FixedClock) -> None:
    """In the order of the questions, each with a line in the journal; the rest of the place stays as it was."""
    pitch = make.make_pitch(session, commune=commune, capacity=None, access="Par le haut")
    contact = make.make_contact(session, committee=make.make_committee(session, commune=commune))
    make.make_photo(session, pitch_id=pitch.id)
    for key, values in (*_PITCH, ("keys", {"keys_contact_id": contact.id})):
        assert f"emplacement:{key}" in _missing(session, commune, clock)
        site_sheet.answer(session, "emplacement", pitch, key, values, pitch.version, by=by)
        assert f"emplacement:{key}" not in _missing(session, commune, clock)
    assert not any(one.startswith("emplacement") for one in _missing(session, commune, clock))
    assert (pitch.access, pitch.power, pitch.power_metres) == ("Par le haut", ["32a", "three_phase"], 25)
    assert len(session.scalars(select(JournalEntry).where(JournalEntry.what == "site")).all()) == 9


def test_no_plug_at_all_is_an_answer(session: Session, commune: Commune, by: By, clock: FixedClock) -> None:
    """It needs no distance; beside a plug it is a contradiction."""
    pitch = make.make_pitch(session, commune=commune, power_supply="")
    assert not sites.plug_known(pitch)
    with pytest.raises(InvalidInput, match="ou aucune"):
        site_sheet.answer(session, "emplacement", pitch, "power", {"power": ("none", "16a")}, pitch.version, by=by)
    site_sheet.answer(session, "emplacement", pitch, "power", {"power": ("none",)}, pitch.version, by=by)
    assert "emplacement:power" not in _missing(session, commune, clock)
    assert sites.plug_known(pitch)


def test_not_knowing_is_written_down_and_stays_missing(
    session: Session, commune: Commune, by: By, clock: FixedClock
) -> None:
    """The desk reads who was asked; the question stays open for the next person."""
    hall = make.make_hall(session, commune=commune, capacity=None)
    site_sheet.not_known(session, "salle", hall, "capacity", by=by)
    assert "salle:capacity" in _missing(session, commune, clock)
    assert session.scalars(select(JournalEntry.detail)).one().endswith("ne sait pas")


@pytest.mark.parametrize(
    ("key", "values", "refusal"),
    [
        ("water", {"water": "perhaps"}, InvalidInput),
        ("water", {"name": "Ailleurs"}, NotFound),
        ("cave", {}, NotFound),
        ("place", {"lat": 48.5, "lon": None}, InvalidInput),
    ],
)
def test_what_is_not_asked_is_not_written(
    session: Session, commune: Commune, by: By, key: str, values: dict[str, Any], refusal: type[Exception]
) -> None:
    """A question takes its own fields, and their words alone."""
    pitch = make.make_pitch(session, commune=commune)
    with pytest.raises(refusal):
        site_sheet.answer(session, "emplacement", pitch, key, values, pitch.version, by=by)


def test_keys_are_with_somebody_of_the_village(session: Session, commune: Commune, by: By) -> None:
    """Another village's contact is refused."""
    pitch = make.make_pitch(session, commune=commune)
    values = {"keys_contact_id": make.make_contact(session).id}
    with pytest.raises(InvalidInput, match="pas de ce village"):
        site_sheet.answer(session, "emplacement", pitch, "keys", values, pitch.version, by=by)


def test_an_older_page_overwrites_nothing(session: Session, commune: Commune, by: By) -> None:
    """Two people of a village: the second, on the version of before, is refused here (the page tries again)."""
    pitch = make.make_pitch(session, commune=commune)
    site_sheet.answer(session, "emplacement", pitch, "water", {"water": "yes"}, 1, by=by)
    with pytest.raises(Conflict):
        site_sheet.answer(session, "emplacement", pitch, "water", {"water": "no"}, 1, by=by)


def test_a_new_place_serves_the_tours_that_lack_one(session: Session, commune: Commune, by: By) -> None:
    """A request without hall takes the one the village adds; one that has a pitch keeps it."""
    tour = make.make_tour(session, dates=[dt.date(2027, 6, 18)])
    request = make.make_request(session, tour=tour, commune=commune, pitch=make.make_pitch(session, commune=commune))
    old = request.pitch
    hall = site_sheet.create(session, "salle", commune, "Préau", by=by)
    site_sheet.create(session, "emplacement", commune, "Stade", by=by)
    assert (request.fallback_venue, request.pitch) == (hall, old)


def test_the_tours_own_place_is_asked_about_first(session: Session, commune: Commune, clock: FixedClock) -> None:
    """Where a village has two, the one its next tour uses counts; the other is shown, and is not missing."""
    make.make_pitch(session, commune=commune, name="Stade")
    used = make.make_pitch(session, commune=commune, name="Préau")
    tour = make.make_tour(session, dates=[dt.date(2027, 6, 18)])
    make.make_request(session, tour=tour, commune=commune, pitch=used)
    sheet = site_sheet.sheet(session, commune, clock)
    assert sheet.pitch is used
    assert len(sheet.pieces) == 14
    assert [site and site.name for _, site, _ in sheet.groups] == ["Préau", None, "Stade"]


def test_the_public_is_what_came_before(session: Session, commune: Commune) -> None:
    """The mean of the village's counted evenings; where there is none, the rule's number."""
    day = dt.date(2027, 6, 9)
    assert site_sheet.expected_public(session, commune, day) == site_sheet.Expected(200, 0)
    for number, people in enumerate((120, 181)):
        make.make_evening(
            session, commune=commune, date=day - dt.timedelta(days=9 + number), state="held", attendance=people
        )
    assert site_sheet.expected_public(session, commune, day) == site_sheet.Expected(150, 2)


def test_a_link_does_not_fill_the_registry(session: Session, commune: Commune, by: By) -> None:
    """Ten places of a kind are more than any village has."""
    for _ in range(10):
        make.make_hall(session, commune=commune)
    with pytest.raises(Conflict, match="appelez-nous"):
        site_sheet.create(session, "salle", commune, "Encore une", by=by)
