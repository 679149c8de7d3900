"""Not that day, but another one: what a host offers instead of the date of an option, and what becomes of it.

The evening is proposed again, on a day that its village has said no to, until the association takes the other day or
turns it down. What is taken is agreed: the village has named that day itself.
"""

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.domain.states import EveningState
from guinguette.models import Availability, DateOption, Evening, PlannedEvening
from guinguette.services import editing, evenings, open_options, options, other_dates, publication, requests
from guinguette.services.evenings import Act

_MOVED = N_("Le village a proposé ce jour.")


def offer(
    session: Session,
    evening: Evening,
    act: Act,
    *,
    date: dt.date | None,
    answered_by: str,
    how: str = "phone",
    note: str = "",
) -> None:
    """Write down that the host offers ``date`` instead; ``answered_by``, ``how`` and ``note`` as in ``options.answer``.

    The village is not free on the old date from now on, and free on the new one where the tour has it. Raises
    ``InvalidInput`` (field ``date``) for no day, a day that is past, the same, or a mistyped year; ``Conflict``.
    """
    option = options.to_answer(evening, act)
    offered = _sensible(evening, date, act)
    options.close(session, evening, "countered", act, answered_by=answered_by, how=how, note=note, counter_date=offered)
    evenings.change_state(session, evening, EveningState.PROPOSED, act)
    _note_days(session, evening, {option.date: "no", offered: "yes"}, act)
    evenings.publish_change(session, [evening], act)


def take(session: Session, evening: Evening, act: Act) -> int:
    """Move the evening to the day that its host has offered; it is confirmed there. Return how many villagers are told.

    Raises ``InvalidInput`` where the van or the village is taken on that day, ``Conflict`` where nothing is offered.
    """
    option, date = _offered(evening, act)
    other_dates.refuse(session, evening, date, evening.vehicle_id, act.clock)
    line = PlannedEvening(commune_insee=evening.commune_insee, date=date, vehicle_id=evening.vehicle_id)
    moves = publication.Changes(moved=[(evening, line)])
    publication.apply_moves(session, moves, {evening.id: _MOVED}, actor=act.actor, clock=act.clock)
    return evenings.confirm(session, [evening], replace(act, version=None), answered=option, kind="changed")


def turn_down(session: Session, evening: Evening, act: Act) -> int:
    """Call the evening off: neither day suits both. Return how many villagers are told. Raises ``Conflict``."""
    option, _ = _offered(evening, act)
    told = evenings.cancel(session, evening, act, reason=options.REFUSED)
    options.write_to_host("turned_down", [option], act, session)
    return told


def _offered(evening: Evening, act: Act) -> tuple[DateOption, dt.date]:
    """Return the option by which another day is offered, and that day."""
    evenings.refuse_late(evening, act)
    option = open_options.counter(evening)
    if option is None or option.counter_date is None:
        raise Conflict(N_("Le village n’a pas proposé d’autre jour pour cette soirée : relisez-la."))
    return option, option.counter_date


def _sensible(evening: Evening, date: dt.date | None, act: Act) -> dt.date:
    if date is None:
        raise InvalidInput(N_("Dites quel jour vous convient."), field="date")
    if date <= today(act.clock):
        raise InvalidInput(N_("Ce jour est passé : choisissez-en un à venir."), field="date")
    if date == evening.date:
        raise InvalidInput(N_("C’est le jour demandé : s’il convient, répondez oui."), field="date")
    last = max((each.date for each in evening.tour.dates), default=evening.date)
    if date - last > other_dates.FURTHEST:
        raise InvalidInput(
            N_("Ce jour est à plus d’un an de la fin de la tournée, le {last} : choisissez-en un plus proche."),
            field="date",
            last=last,
        )
    return date


def _note_days(session: Session, evening: Evening, levels: dict[dt.date, str], act: Act) -> None:
    """Write these levels into what the village has answered, for the dates that the tour has.

    A village that has not answered yet has not by this either: its other days stay possible.
    """
    request = requests.find(session, evening.tour, evening.commune_insee)
    if request is None:
        return
    known, dates = {row.date: row for row in request.availabilities}, {each.date for each in evening.tour.dates}
    for date, level in levels.items():
        if date not in dates:
            continue
        row = known.get(date) or Availability(date=date)
        row.level, row.given_at = level, act.clock.now()
        if date not in known:
            request.availabilities.append(row)
    editing.save(session, request)
