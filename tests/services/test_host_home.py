"""What a host sees first: what is awaited, the nearest before all, and the evenings to come."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.models import Commune
from guinguette.services import evening_queries, host_home
from guinguette.services.host_todo import Todo
from tests import factories as make
from tests.fakes import FixedClock

DAY = dt.date(2027, 7, 2)


def test_what_has_a_date_comes_first(session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """From every errand, each in its own order."""
    commune = make.make_commune(session)

    def first(_session: Session, _commune: Commune, _clock: Clock) -> list[Todo]:
        return [Todo(title="sometime", endpoint="x"), Todo(title="later", endpoint="x", due_on=DAY + dt.timedelta(1))]

    def second(_session: Session, asked: Commune, _clock: Clock) -> list[Todo]:
        return [Todo(title=asked.name, endpoint="x", due_on=DAY)]

    monkeypatch.setattr(host_home, "SOURCES", (first, second))
    found = host_home.todos(session, commune, clock)
    assert [todo.title for todo in found] == [commune.name, "later", "sometime"]


def test_only_the_villages_own_evenings_to_come(session: Session, clock: FixedClock) -> None:
    """Not yesterday's, not a neighbour's, not those of a tour put aside, nor what was called off."""
    commune, tour = make.make_commune(session), make.make_tour(session)
    put_aside = make.make_tour(session, archived_at=clock.now())
    for values in (
        {"commune": commune, "date": dt.date(2027, 6, 8)},
        {"commune": make.make_commune(session)},
        {"commune": commune, "tour": put_aside},
        {"commune": commune, "state": "cancelled"},
    ):
        make.make_evening(session, **({"tour": tour} | values))
    tonight = make.make_evening(session, tour=tour, commune=commune, date=dt.date(2027, 6, 9), state="option")
    assert list(evening_queries.coming_to(session, commune.insee, today(clock))) == [tonight]
