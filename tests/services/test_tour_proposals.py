"""What a new tour's form starts from."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.services import tour_proposals
from tests import factories as make
from tests.fakes import NOW


@pytest.mark.parametrize(
    ("day", "season", "first", "last", "name"),
    [
        (dt.date(2027, 4, 30), "summer", dt.date(2027, 5, 1), dt.date(2027, 9, 30), "Tournée 2027"),
        (dt.date(2027, 5, 1), "summer", dt.date(2028, 5, 1), dt.date(2028, 9, 30), "Tournée 2028"),
        (dt.date(2027, 6, 9), "winter", dt.date(2027, 12, 1), dt.date(2028, 3, 15), "Tournée 2027-2028"),
    ],
)
def test_a_preset_s_coming_season(
    session: Session, day: dt.date, season: str, first: dt.date, last: dt.date, name: str
) -> None:
    """The next one that has not begun, and only vans that can serve it."""
    open_van, covered = make.make_vehicle(session), make.make_vehicle(session, equipment=["covered"])
    proposal = tour_proposals.from_preset(session, season, day, "Tournée {years}")
    assert (proposal.first, proposal.last, proposal.settings.name) == (first, last, name)
    assert set(proposal.vehicle_ids) == ({covered.id} if season == "winter" else {open_van.id, covered.id})


def test_the_likely_season_is_the_next_to_begin() -> None:
    """In June one prepares the winter, in January the summer."""
    assert tour_proposals.likely_season(dt.date(2027, 6, 9)) == "winter"
    assert tour_proposals.likely_season(dt.date(2027, 1, 9)) == "summer"


def test_last_season_is_moved_by_whole_years(session: Session) -> None:
    """Its period, its name's years, its usual weekdays (not those of a lone holiday), its vans that still roll."""
    van = make.make_vehicle(session)
    fridays = [dt.date(2025, 5, 2) + dt.timedelta(weeks=n) for n in range(8)]
    source = make.make_tour(
        session,
        name="Tournée 2025-2026",
        dates=[*fridays, dt.date(2025, 7, 14)],
        vehicles=[van, make.make_vehicle(session, archived_at=NOW)],
    )
    proposal = tour_proposals.from_tour(source, dt.date(2027, 6, 9))
    assert proposal.settings.name == "Tournée 2028-2029"
    assert (proposal.first, proposal.last) == (dt.date(2028, 5, 2), dt.date(2028, 7, 14))
    assert (proposal.weekdays, proposal.vehicle_ids) == (frozenset({4}), (van.id,))


def test_the_twenty_ninth_of_february_moves_too(session: Session) -> None:
    """A leap day becomes the 28th."""
    source = make.make_tour(session, dates=[dt.date(2024, 2, 29)])
    assert tour_proposals.from_tour(source, dt.date(2024, 6, 1)).first == dt.date(2025, 2, 28)
