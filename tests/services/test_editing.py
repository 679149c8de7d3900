"""What cannot be put aside while people count on it."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict
from guinguette.domain.states import EveningState
from guinguette.models import Evening
from guinguette.services import editing
from tests import factories as make
from tests.fakes import FixedClock

TODAY = dt.date(2027, 6, 9)


def parts_of(session: Session, evening: Evening) -> list[editing.Record]:
    """Every record that the evening is made of."""
    request = make.make_request(session, tour=evening.tour, commune=evening.commune)
    evening.permit_holder = make.make_committee(session, commune=evening.commune)
    session.flush()
    parts = [evening.tour, request, evening.permit_holder, evening.vehicle, evening.pitch, evening.fallback_venue]
    return [part for part in parts if part is not None]


@pytest.mark.parametrize("state", [EveningState.PROPOSED, EveningState.OPTION, EveningState.CONFIRMED])
def test_what_an_evening_to_come_needs_stays(session: Session, clock: FixedClock, state: EveningState) -> None:
    """Tonight's evening is still to come; the sentence names the last date."""
    parts = parts_of(session, make.make_evening(session, date=TODAY, state=state))
    assert len(parts) == 6
    for part in parts:
        with pytest.raises(Conflict, match="jusqu’au 09/06/2027"):
            editing.archive(session, part, part.version, clock)
        assert part.archived_at is None


@pytest.mark.parametrize(
    ("date", "state"),
    [
        (TODAY - dt.timedelta(days=1), EveningState.CONFIRMED),
        (TODAY, EveningState.HELD),
        (TODAY, EveningState.CANCELLED),
        (TODAY, EveningState.POSTPONED),
    ],
)
def test_what_only_past_evenings_need_goes(
    session: Session, clock: FixedClock, date: dt.date, state: EveningState
) -> None:
    """Held, called off, or of yesterday: nobody waits for it any more."""
    for part in parts_of(session, make.make_evening(session, date=date, state=state)):
        editing.archive(session, part, part.version, clock)
        assert part.archived_at == clock.now()


def test_a_commune_may_leave_one_tour_and_stay_in_another(session: Session, clock: FixedClock) -> None:
    """Its evenings in another tour do not keep its request in this one."""
    evening = make.make_evening(session)
    request = make.make_request(session, commune=evening.commune)
    editing.archive(session, request, 1, clock)
    assert request.archived_at == clock.now()
