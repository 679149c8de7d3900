"""A plan changed by hand: each change makes a child of the plan that is shown, so that it can be undone.

``Plan.change`` says what was done: ``kind`` ("move", "pin", "unpin"); of a move the ``moved`` lines, each with its
INSEE code (``commune``), ``date`` and ``vehicle`` (id), and where it went (``to_date``, ``to_vehicle``); of a pin the
``lines`` that it was put on or taken off (INSEE code and date). ISO dates.
"""

import datetime as dt
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict, InvalidInput, NotFound
from guinguette.domain.scopes import distance_km
from guinguette.models import Plan, PlannedEvening
from guinguette.models.holding import held_values
from guinguette.services import planning
from guinguette.services.shown_plans import STEP

#: What fits the column.
WHY_LENGTH = 300

#: Vans that somebody can compare: a tour of a whole country has ninety, nearly all of them hundreds of kilometres away.
NEAR_VANS = 6

SOLVED = ("optimal", "feasible")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Whose hand it is, and when."""

    actor: str
    clock: Clock


class BrokenRules(InvalidInput):
    """A change that breaks rules: ``reasons`` as those of a plan. ``waivable``: an exception could be made."""

    def __init__(self, reasons: Sequence[dict[str, Any]], *, waivable: bool) -> None:
        super().__init__(N_("Ce changement enfreint une règle."))
        self.reasons = reasons
        self.waivable = waivable


class Overtaken(Conflict):
    """The plan is not the one that the desk shows any more (see ``meanwhile``)."""

    def __init__(self) -> None:
        super().__init__(N_("Quelqu’un a changé le plan entre-temps : rien n’a été écrasé. Relisez, puis recommencez."))


def line_of(plan: Plan, insee: str, date: dt.date) -> PlannedEvening:
    """Return the plan's evening of this commune on this date. Raises ``NotFound``."""
    for line in plan.evenings:
        if (line.commune_insee, line.date) == (insee, date):
            return line
    raise NotFound(N_("Ce plan n’a pas cette soirée."))


def near_vans(plan: Plan, line: PlannedEvening) -> set[int]:
    """Return the ids of the vans to try first for the evening: its own, and those with the nearest depots."""
    village, vans = line.commune, [item.vehicle for item in plan.tour.vehicles]
    if village.lat is None or village.lon is None:  # nobody knows what is near to it
        return {line.vehicle_id, *(van.id for van in vans)}
    away = {
        van.id: distance_km(village.lat, village.lon, van.depot_lat, van.depot_lon)
        for van in vans
        if van.id != line.vehicle_id
    }
    return {line.vehicle_id, *sorted(away, key=lambda van: (away[van], van))[: NEAR_VANS - 1]}


def places(
    session: Session, plan: Plan, line: PlannedEvening, clock: Clock, vans: Container[int] | None = None
) -> list[planning.Place]:
    """Return every other date and van for the evening, with what it would break and cost, in order.

    Of these ``vans`` (ids; null: of all). None where it may not move any more: it is past, or its village or van has
    left the tour. Raises ``InvalidInput`` where the tour cannot be planned.
    """
    return [] if line.date <= today(clock) else planning.Desk(session, plan, clock).places(line, vans)


def move(
    session: Session, plan: Plan, line: PlannedEvening, hand: Hand, *, date: dt.date, vehicle_id: int, why: str = ""
) -> Plan:
    """Give the evening another date or van; the one that has the slot takes its own. Return the plan that has it so.

    With a reason ``why`` the rules that it breaks there are waived for it, where an exception can. Its pin moves with
    it, its exception does not. Raises ``Overtaken``, ``BrokenRules``, ``InvalidInput``.
    """
    _refuse_overtaken(session, plan)
    _refuse_past(line, hand.clock)
    there = places(session, plan, line, hand.clock, {vehicle_id})
    place = next((p for p in there if p.date == date), None)
    if place is None:
        raise InvalidInput(
            N_("La tournée n’a pas cette date avec ce véhicule : choisissez-en une autre."), field="date"
        )
    why = " ".join(why.split())
    if len(why) > WHY_LENGTH:
        raise InvalidInput(
            N_("La raison dépasse {limit} caractères : raccourcissez-la."), field="why", limit=WHY_LENGTH
        )
    if place.reasons and not (why and place.waivable):
        raise BrokenRules(place.reasons, waivable=place.waivable)
    moved = {_key(line): (date, vehicle_id)}
    if place.exchanged:
        moved[place.exchanged] = (line.date, line.vehicle_id)
    waived = " ".join(sorted({reason["rule"] for reason in place.reasons}))

    def arrive(old: PlannedEvening) -> PlannedEvening:
        if _key(old) not in moved:
            return _copy(old)
        new = _copy(old, date=moved[_key(old)][0], vehicle_id=moved[_key(old)][1])
        _let_go(new, pinned=old.pinned and not old.waived)
        if old is line and waived:
            new.pinned, new.waived, new.waived_why = True, waived, why
            new.waived_by, new.waived_at = hand.actor, hand.clock.now()
        return new

    change = {
        "kind": "move",
        "moved": [
            {
                "commune": insee,
                "date": before.isoformat(),
                "vehicle": van,
                "to_date": moved[insee, before, van][0].isoformat(),
                "to_vehicle": moved[insee, before, van][1],
            }
            for insee, before, van in moved
        ],
    }
    return _child(session, plan, hand, change, arrive)


def pin(session: Session, plan: Plan, lines: Iterable[PlannedEvening], hand: Hand, *, pinned: bool) -> Plan:
    """Pin these evenings where they are, or let them go; return the plan that has it so.

    An evening that is let go loses its exception. Raises ``Overtaken``, ``BrokenRules`` where it still needs that, and
    ``Conflict`` where there is nothing to change.
    """
    _refuse_overtaken(session, plan)
    day = today(hand.clock)
    if plan.status not in SOLVED:
        raise Conflict(N_("Ce plan ne contient aucune soirée à changer."))
    chosen = [line for line in lines if line.date > day and line.pinned is not pinned]
    if not chosen:
        raise Conflict(N_("Il n’y a rien à changer : ces soirées sont passées, ou le sont déjà."))

    def hold(old: PlannedEvening) -> PlannedEvening:
        new = _copy(old)
        if old in chosen:
            _let_go(new, pinned=pinned)
        return new

    lines_named = [{"commune": line.commune_insee, "date": line.date.isoformat()} for line in chosen]
    return _child(session, plan, hand, {"kind": "pin" if pinned else "unpin", "lines": lines_named}, hold)


def undo(session: Session, plan: Plan, clock: Clock) -> Plan:
    """Show the plan that this one was made from; return it. Raises ``Overtaken``, ``Conflict``.

    Of a run that found no plan, that is the one whose pins it kept: some of them must go.
    """
    _refuse_overtaken(session, plan)
    before = plan.parent if plan.evenings else planning.base_of(session, plan)
    if before is None:
        raise Conflict(N_("Il n’y a rien à annuler : ce plan vient du calcul."))
    _show(session, plan, before, clock)
    return before


def redo(session: Session, plan: Plan, clock: Clock) -> Plan:
    """Show again the change that was undone last; return its plan. Raises ``Overtaken``, ``Conflict``."""
    _refuse_overtaken(session, plan)
    undone = undone_from(session, plan)
    if undone is None:
        raise Conflict(N_("Il n’y a rien à refaire."))
    _show(session, plan, undone, clock)
    return undone


def undone_from(session: Session, plan: Plan) -> Plan | None:
    """Return the change that ``redo`` would show again, or null."""
    latest = (Plan.shown_at.desc(), Plan.id.desc())
    return session.scalar(select(Plan).where(Plan.parent_id == plan.id).order_by(*latest).limit(1))


def changes_of(plan: Plan) -> list[Plan]:
    """Return the plans that led to this one from the solver's, its own change last."""
    chain = []
    while plan.parent is not None:
        chain.append(plan)
        plan = plan.parent
    return chain[::-1]


def meanwhile(shown: Plan, seen: Plan) -> list[Plan]:
    """Return the changes that led from the plan that somebody has seen to the one that is shown.

    None where it does not come from that: another run, or a change undone.
    """
    chain = changes_of(shown)
    return chain[chain.index(seen) + 1 :] if seen in chain else chain if chain and chain[0].parent is seen else []


def _refuse_overtaken(session: Session, plan: Plan) -> None:
    if planning.latest_plan(session, plan.tour) is not plan:
        raise Overtaken


def _refuse_past(line: PlannedEvening, clock: Clock) -> None:
    if line.date <= today(clock):
        raise Conflict(N_("Cette soirée est passée ou en cours : elle ne change plus."))


def _child(
    session: Session,
    plan: Plan,
    hand: Hand,
    change: dict[str, Any],
    redraw: Callable[[PlannedEvening], PlannedEvening],
) -> Plan:
    lines = [redraw(line) for line in plan.evenings]
    values, reasons = planning.Desk(session, plan, hand.clock).redrawn(lines)
    if reasons:
        raise BrokenRules(reasons, waivable=False)
    child = Plan(
        tour_id=plan.tour_id,
        parent=plan,
        name=plan.name,
        settings=planning.settings_by_hand(session, plan).to_json(),
        change=change,
        made_by=hand.actor,
        shown_at=hand.clock.now(),
        season_at=hand.clock.now(),
        created_at=hand.clock.now(),
        status="feasible",
        evenings=lines,
        **values,
    )
    session.add(child)
    _show(session, plan, child, hand.clock)
    return child


def _show(session: Session, seen: Plan, shown: Plan, clock: Clock) -> None:
    """Put ``shown`` on the desk in place of ``seen``; raise ``Overtaken`` where somebody was quicker.

    The row of the plan that was seen is the judge: whoever touches it first has it.
    """
    if seen.shown_at is None:
        raise Overtaken
    at = max(clock.now(), seen.shown_at + STEP)
    won = session.scalar(
        update(Plan)
        .where(Plan.id == seen.id, Plan.shown_at == seen.shown_at)
        .values(shown_at=at)
        .returning(Plan.id)
        .execution_options(synchronize_session=False)
    )
    if won is None:
        raise Overtaken
    shown.shown_at = at + STEP
    session.flush()


def _key(line: PlannedEvening) -> planning.Key:
    return line.commune_insee, line.date, line.vehicle_id


def _copy(line: PlannedEvening, **changes: Any) -> PlannedEvening:
    """Return the same line for another plan."""
    where = {"commune_insee": line.commune_insee, "date": line.date, "vehicle_id": line.vehicle_id}
    return PlannedEvening(**(where | held_values(line) | changes))


def _let_go(line: PlannedEvening, *, pinned: bool) -> None:
    line.pinned, line.waived, line.waived_why, line.waived_by, line.waived_at = pinned, "", "", "", None
