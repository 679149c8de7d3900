"""A corrected place, host or tour reaches what is online, and only the calendars that read otherwise are renumbered."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput
from guinguette.domain.states import Venue
from guinguette.models import Evening, Message
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import committees, corrections, publication, published, sites, tours, vehicles
from guinguette.services.committees import CommitteeCommand
from guinguette.services.sites import SiteCommand
from guinguette.services.tours import TourSettings
from guinguette.services.vehicles import VehicleCommand
from tests import factories as make
from tests.fakes import FixedClock


@pytest.fixture
def by(clock: FixedClock) -> dict[str, Any]:
    """Who corrects, an hour after everything was published."""
    return {"actor": "mairie@example.org", "clock": clock}


@pytest.fixture
def evening(session: Session, clock: FixedClock) -> Evening:
    """An evening online, on a pitch with an address, in a tour with another evening elsewhere."""
    evening = make.make_evening(session)
    make.make_evening(session, tour=evening.tour)
    evening.permit_holder = make.make_committee(session, commune=evening.commune)
    session.flush()
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    clock.advance(hours=1)
    return evening


def online(session: Session, evening: Evening) -> PublishedEvening:
    """The evening as people see it."""
    return published.evening(session, evening.id)[1]


def test_a_corrected_pitch_is_seen_and_counted(session: Session, evening: Evening, by: dict[str, Any]) -> None:
    """The page says it, the calendar's SEQUENCE and LAST-MODIFIED go up, the other evening's do not; nobody is told."""
    pitch = sites.get(session, "emplacement", evening.pitch_id or 0)
    followed = sites.edit(session, pitch, SiteCommand(name="Place du Jard", lat=48.7, lon=4.9), 1, **by)
    assert followed == [evening]
    seen = online(session, evening)
    assert seen.pitch is not None
    assert (seen.pitch.name, seen.lat, seen.sequence, seen.updated_at) == ("Place du Jard", 48.7, 1, by["clock"].now())
    others = [e for e in published.evening(session, evening.id)[0].evenings if e.id != evening.id]
    assert [e.sequence for e in others] == [0]
    assert session.query(Message).count() == 0


def test_a_corrected_hall_is_counted_where_the_calendar_names_it(
    session: Session, evening: Evening, by: dict[str, Any]
) -> None:
    """ "In case of rain" names the hall, not its address, which counts once the evening has moved there."""
    hall = sites.get(session, "salle", evening.fallback_venue_id or 0)
    assert sites.edit(session, hall, SiteCommand(name=hall.name, address="rue Haute"), 1, **by) == []
    assert online(session, evening).hall.address == "rue Haute"  # type: ignore[union-attr]
    evening.venue, evening.change_note = Venue.HALL.value, "Orages."
    assert sites.edit(session, hall, SiteCommand(name=hall.name, address="rue Basse"), 2, **by) == [evening]
    assert online(session, evening).sequence == 1


def test_what_no_calendar_shows_is_published_without_a_number(
    session: Session, evening: Evening, by: dict[str, Any]
) -> None:
    """The host's name and the way in stand on the page alone; the tour's words on its own."""
    holder = evening.permit_holder
    assert holder is not None
    committees.edit(session, holder, CommitteeCommand(name="Les Amis du Lac"), 1, **by)
    vehicles.edit(
        session, evening.vehicle, VehicleCommand(name="Firmin", depot_name="V", depot_lat=48, depot_lon=4), 1, **by
    )
    tour = evening.tour
    settings = TourSettings(name="L’été", starts_at=tour.starts_at, ends_at=tour.ends_at, presentation="Venez !")
    tours.edit(session, tour, settings, tour.version, **by)
    its_tour, seen = published.evening(session, evening.id)
    assert (its_tour.name, its_tour.presentation, its_tour.number) == ("L’été", "Venez !", 4)
    assert (seen.host, seen.vehicle, seen.sequence) == ("Les Amis du Lac", "Firmin", 0)


def test_what_nobody_sees_publishes_nothing(session: Session, evening: Evening, by: dict[str, Any]) -> None:
    """A plug, a capacity, notes; a tour not yet online."""
    pitch = sites.get(session, "emplacement", evening.pitch_id or 0)
    same = SiteCommand(name=pitch.name, address=pitch.address, capacity=40, power_supply="16 A")
    assert sites.edit(session, pitch, same, 1, **by) == []
    assert published.by_slug(session, evening.tour.slug).number == 1
    draft = make.make_evening(session)
    assert corrections.follow(session, draft.tour, **by) == []
    assert draft.tour.published_version == 0


def test_what_is_archived_stays_as_it_was(session: Session, evening: Evening, by: dict[str, Any]) -> None:
    """Last year's evenings keep last year's words; past evenings of a tour in use follow, without being announced."""
    old = make.make_evening(session, pitch=evening.pitch, commune=evening.commune, date=by["clock"].now().date())
    publication.refresh(session, old.tour, **by)
    old.tour.archived_at = by["clock"].now()
    by["clock"].advance(days=30)
    pitch = sites.get(session, "emplacement", evening.pitch_id or 0)
    assert sites.edit(session, pitch, SiteCommand(name="Place du Jard"), 1, **by) == []
    assert online(session, old).pitch.name == "Place de l’Église"  # type: ignore[union-attr]
    assert online(session, evening).pitch.name == "Place du Jard"  # type: ignore[union-attr]


def test_a_place_cannot_lose_the_only_position(session: Session, clock: FixedClock, by: dict[str, Any]) -> None:
    """Where the commune has none either, the map would have nowhere to put the evening."""
    commune = make.make_commune(session, lat=None, lon=None)
    pitch = make.make_pitch(session, commune=commune, lat=48.5, lon=4.9)
    shown = make.make_evening(session, commune=commune, pitch=pitch)
    publication.refresh(session, shown.tour, actor="x", clock=clock)
    with pytest.raises(InvalidInput):
        sites.edit(session, pitch, SiteCommand(name="Place"), 1, **by)


def test_a_correction_does_not_make_a_plan_stale(
    session: Session, evening: Evening, vault: Vault, by: dict[str, Any]
) -> None:
    """A typo mended while the solver works must not cost its plan; a date changed by hand still does."""
    plan = make.make_plan(session, tour=evening.tour)
    plan.season_at = by["clock"].now()
    before = replace(online(session, evening))
    by["clock"].advance(minutes=1)
    pitch = sites.get(session, "emplacement", evening.pitch_id or 0)
    sites.edit(session, pitch, SiteCommand(name="Place du Jard"), 1, **by)
    version = publication.publish(session, plan, vault=vault, public_url="https://g.example", **by)
    assert version.number == 3
    assert online(session, evening).sequence == before.sequence + 2  # corrected, then cancelled by the empty plan
