"""Plans side by side: their figures, and the villages for which it matters."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import InvalidInput
from guinguette.models import PastSeason, Plan, Tour, UnservedWish
from guinguette.services import comparison, rules
from tests import factories as make
from tests.fakes import FixedClock

FRIDAY, SATURDAY, SUNDAY = (dt.date(2027, 7, day) for day in (2, 3, 4))


@pytest.fixture
def plans(session: Session) -> list[Plan]:
    """Four villages in two plans: one has the same evening in both, one a later one, one more, one never any."""
    rules.ensure_defaults(session)
    van = make.make_vehicle(session)
    tour = make.make_tour(session, dates=[FRIDAY, SATURDAY, SUNDAY], vehicles=[van])
    same, later, more, never = (make.make_commune(session, name=name) for name in ("Un", "Deux", "Trois", "Quatre"))
    make.make_request(session, tour=tour, commune=same)
    make.make_request(session, tour=tour, commune=later, availabilities={FRIDAY: "yes", SATURDAY: "if_need_be"})
    make.make_request(session, tour=tour, commune=more, evenings=2, availabilities={FRIDAY: "no"})
    make.make_request(session, tour=tour, commune=never)
    session.add(PastSeason(label="2026", commune_insee=never.insee, ended_on=FRIDAY.replace(year=2026), wanted=1,
                           evenings=0))  # fmt: skip
    other = make.make_vehicle(session)
    first = make.make_plan(
        session,
        tour=tour,
        evenings=[(same, FRIDAY, van), (later, FRIDAY, other), (more, SATURDAY, van)],
        metres=100_000,
    )
    second = make.make_plan(
        session,
        tour=tour,
        evenings=[(same, FRIDAY, van), (later, SATURDAY, van), (more, SATURDAY, other), (more, SUNDAY, van)],
        metres=200_000,
    )
    first.unserved = [
        UnservedWish(commune_insee=never.insee, missing=1),
        UnservedWish(commune_insee=more.insee, missing=1),
    ]
    session.flush()
    return [first, second]


def test_figures(session: Session, plans: list[Plan], clock: FixedClock) -> None:
    """Each measure of both plans, counted by hand."""
    first, second = comparison.compare(session, plans[0].tour, plans, clock).figures
    assert (first.served, first.asked, first.evenings, first.short) == (3, 4, 3, 2)
    assert (first.preferred, first.if_need_be, first.supposed) == (2, 0, 1)  # « Trois » has said yes to nothing
    assert (second.preferred, second.if_need_be, second.supposed) == (1, 1, 2)
    assert (first.litres, first.co2_kg, first.euros) == (14, 39, 925)  # 14 l of 1.80 € and 2.79 kg, 3 times 300 €
    assert (second.litres, second.co2_kg, second.euros) == (28, 78, 1250)
    assert first.fairness == round(100 * 2.5**2 / (4 * 2.25))
    assert second.fairness == 75
    assert first.again == second.again == 1


def test_villages(session: Session, plans: list[Plan], clock: FixedClock) -> None:
    """In order of their first evening, with how the plans compare; only what differs is to be read."""
    found = comparison.compare(session, plans[0].tour, plans, clock)
    assert [(village.request.commune.name, village.kind) for village in found.villages] == [
        ("Deux", "other"),
        ("Un", "same"),
        ("Trois", "some"),
        ("Quatre", "none"),
    ]
    assert [village.request.commune.name for village in found.different] == ["Deux", "Trois"]
    assert [[line.date for line in lines] for lines in found.villages[2].evenings] == [[SATURDAY], [SATURDAY, SUNDAY]]


def test_nobody_asks_nobody_has(session: Session, clock: FixedClock) -> None:
    """Plans without anything are compared all the same."""
    tour = make.make_tour(session)
    empty = [make.make_plan(session, tour=tour), make.make_plan(session, tour=tour)]
    found = comparison.compare(session, tour, empty, clock)
    assert [figures.fairness for figures in found.figures] == [0, 0]
    assert found.villages == []


def test_two_or_three_plans_of_the_tour(session: Session, plans: list[Plan]) -> None:
    """Not one, not the same twice, not four, none of another tour, none without evenings."""
    tour: Tour = plans[0].tour
    ids = [plan.id for plan in plans]
    assert comparison.chosen(session, tour, [*ids, ids[0]]) == plans
    stranger, failed = make.make_plan(session), make.make_plan(session, tour=tour, status="infeasible")
    more = [make.make_plan(session, tour=tour) for _ in range(2)]
    for wrong in (
        [ids[0]],
        [ids[0], ids[0]],
        [ids[0], stranger.id],
        [ids[0], failed.id],
        [*ids, *(p.id for p in more)],
    ):
        with pytest.raises(InvalidInput, match="deux ou trois"):
            comparison.chosen(session, tour, wrong)
