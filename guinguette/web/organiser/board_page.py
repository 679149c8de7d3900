"""The season's board as its page shows it: the plan's weeks, what is pinned, what was done by hand, what it breaks."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import InvalidInput
from guinguette.models import Plan, PlannedEvening
from guinguette.services import drafts, planning
from guinguette.services.publication import Changes
from guinguette.web.organiser.draft_words import Words
from guinguette.web.organiser.plan_page import PlanPage, plan_page

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Board:
    """``held`` are the plan's lines by INSEE code and date; ``undo`` and ``redo`` what these buttons would touch.

    ``broken`` are the rules that the plan breaks since the tour was changed, ``done`` the changes made by hand, the
    latest first, each with its plan. For the calendars: the ``months`` with tour dates (``month``, ISO, is open),
    the weekdays that have none (``hidden``, 0 is Sunday), and the dates on which each van drives (``open``, ISO).
    """

    page: PlanPage
    held: dict[tuple[str, dt.date], PlannedEvening]
    day: dt.date
    undo: str
    redo: str
    broken: list[str]
    done: list[tuple[str, Plan]]
    months: list[dt.date]
    month: str
    hidden: list[int]
    open: dict[int, list[str]]

    @property
    def pinned(self) -> int:
        """Return how many evenings are pinned, exceptions included."""
        return sum(line.pinned for line in self.held.values())

    @property
    def weeks(self) -> list[dt.date]:
        """Return the Mondays of the weeks with evenings."""
        return sorted({monday(date) for _, date in self.held})

    @property
    def villages(self) -> list[tuple[str, str]]:
        """Return the villages with evenings, by name: INSEE code and name."""
        names = {line.commune_insee: line.commune.name for line in self.held.values()}
        return sorted(names.items(), key=lambda item: item[1])


def board_page(session: Session, plan: Plan, changes: Changes, clock: Clock, month: str) -> Board:
    """Return the board of ``plan``; ``changes`` is what publishing it would do, ``month`` the one asked for."""
    words, tour, day = Words(plan), plan.tour, today(clock)
    dates = sorted({row.date for row in tour.dates} | {line.date for line in plan.evenings})
    months = sorted({date.replace(day=1) for date in dates})
    names = [first.isoformat()[:7] for first in months]
    now = next((name for name in names if name >= day.isoformat()[:7]), names[-1])
    undone = drafts.undone_from(session, plan)
    return Board(
        page=plan_page(plan, changes),
        held={(line.commune_insee, line.date): line for line in plan.evenings},
        day=day,
        undo=words.change(plan) if plan.parent else "",
        redo=words.change(undone) if undone else "",
        broken=_broken(session, plan, clock, words),
        done=[(words.change(made), made) for made in reversed(drafts.changes_of(plan))],
        months=months,
        month=month if month in names else now,
        hidden=[weekday for weekday in range(_WEEK) if all(date.isoweekday() % _WEEK != weekday for date in dates)],
        open={
            item.vehicle_id: [
                row.date.isoformat() for row in tour.dates if row.date.isoformat() not in item.unavailable
            ]
            for item in tour.vehicles
        },
    )


def monday(date: dt.date) -> dt.date:
    """Return the Monday of a date's week."""
    return date - dt.timedelta(days=date.weekday())


def _broken(session: Session, plan: Plan, clock: Clock, words: Words) -> list[str]:
    try:
        return words.contradictions(planning.Desk(session, plan, clock).broken())
    except InvalidInput:  # nothing is left to plan: every date is past
        return []
