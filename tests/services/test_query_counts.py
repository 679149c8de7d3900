"""What an organiser does takes as many queries on a tour of twenty-five evenings as on one of three."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Plan, Tour
from guinguette.services import deadlines, drafts, evenings, histories, options, publication, rules, run_sheets
from guinguette.services.free_dates import free_dates
from guinguette.services.glance import glance_at
from guinguette.services.planning import get_plan
from guinguette.services.tour_steps import steps_of
from tests import factories as make
from tests.fakes import FixedClock

FIRST = dt.date(2027, 6, 19)


def _tour(session: Session, count: int) -> Tour:
    """Return a published tour of ``count`` villages, each with its pitch, hall, committee, request and evening."""
    rules.ensure_defaults(session)
    van, dates = make.make_vehicle(session), [FIRST + dt.timedelta(weeks=n) for n in range(count)]
    tour = make.make_tour(session, dates=dates, vehicles=[van])
    lines = []
    for date in dates:
        commune = make.make_commune(session)
        places = {
            "pitch": make.make_pitch(session, commune=commune),
            "fallback_venue": make.make_hall(session, commune=commune),
            "permit_holder": make.make_committee(session, commune=commune),
        }
        make.make_request(session, tour=tour, commune=commune, availabilities={date: "yes"}, **places)
        make.make_evening(session, tour=tour, commune=commune, vehicle=van, date=date, state="option", **places)
        lines.append((commune, date, van))
    plan = make.make_plan(session, tour=tour, evenings=lines)
    publication.refresh(session, tour, actor="tests", clock=FixedClock(), plan=plan)
    session.commit()
    return tour


def _confirm(session: Session, tour: Tour, vault: Vault) -> None:
    evening = session.scalars(select(Evening).where(Evening.tour_id == tour.id)).first()
    act = evenings.Act(actor="tests", clock=FixedClock(), vault=vault, public_url="https://guinguette.example")
    evenings.confirm(session, [evening], act)


def _postpone_form(session: Session, tour: Tour, vault: Vault) -> None:
    free_dates(session, session.scalars(select(Evening).where(Evening.tour_id == tour.id)).first(), FixedClock())


def _plan_page(session: Session, tour: Tour, vault: Vault) -> None:
    plan = get_plan(session, session.scalars(select(Plan.id).where(Plan.tour_id == tour.id)).one())
    publication.preview(session, plan, FixedClock())
    for line in plan.evenings:
        assert line.commune.name
        assert line.vehicle.name
    for request in plan.tour.requests:
        assert request.commune.name
        assert request.permit_holder
        assert request.pitch


def _held_evening(session: Session, tour: Tour, vault: Vault) -> None:
    plan = get_plan(session, session.scalars(select(Plan.id).where(Plan.tour_id == tour.id)).one())
    assert drafts.places(session, plan, plan.evenings[0], FixedClock())


def _glance(session: Session, tour: Tour, vault: Vault) -> None:
    seen = glance_at(session, tour, FixedClock())
    assert all(request.commune.name for request in (*seen.silent, *(r for gap in seen.missing for r in gap.requests)))
    assert all(task.evening.commune.name for task in seen.tasks)
    steps_of(session, tour, FixedClock())


def _lists(session: Session, tour: Tour, vault: Vault) -> None:
    for option in options.board(session, tour, FixedClock()).options:
        assert option.evening.commune.name
    for task in deadlines.of_tour(session, tour, FixedClock()):
        assert task.evening.commune.name
    for line in histories.of_tour(session, tour).lines:
        assert line.evening.commune.name


def _desk_feed(session: Session, tour: Tour, vault: Vault) -> None:
    assert all(
        task.evening.commune.name and task.evening.tour for task in deadlines.of_everything(session, FixedClock())
    )


def _run_sheets(session: Session, tour: Tour, vault: Vault) -> None:
    for day in run_sheets.days(session, tour):
        assert day.there
        assert day.evening.vehicle.name
    first = run_sheets.days(session, tour)[0].evening
    assert run_sheets.sheet(session, tour, first.date, first.vehicle.slug, clock=FixedClock(), vault=vault).unknown


@pytest.mark.parametrize(
    "work", [_confirm, _postpone_form, _plan_page, _held_evening, _glance, _lists, _desk_feed, _run_sheets]
)
def test_a_longer_tour_takes_no_more_queries(
    session: Session,
    session_factory: sessionmaker[Session],
    queries: list[str],
    vault: Vault,
    work: Callable[[Session, Tour, Vault], None],
) -> None:
    """An evening confirmed, moved, looked at, the plan, a glance, lists, the calendar, run sheets: none per village."""
    counts = []
    for tour in (_tour(session, 3), _tour(session, 25)):
        with session_factory() as fresh:
            again = fresh.get_one(Tour, tour.id)
            queries.clear()
            work(fresh, again, vault)
            counts.append(len(queries))
    assert counts[1] == counts[0]
