"""How an evening went, as its hosts tell it once it is over: how many came, what went wrong, a word."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, paris_instant, today
from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.domain.states import UNSURE, EveningState
from guinguette.models import Commune, Evening, EveningReport
from guinguette.services import evenings, journal
from guinguette.services.evenings import Act
from guinguette.services.host_todo import Todo
from guinguette.services.insert_once import insert_once
from guinguette.services.journal import By

#: How long the first page asks a village how it went.
_ASKED_FOR = dt.timedelta(days=60)
_DAY = dt.timedelta(days=1)
#: What a village can tell of: it was agreed, or took place.
_TOLD_OF = (EveningState.CONFIRMED, EveningState.HELD)
#: More people than the largest fair of the region: a digit too many.
MOST_PEOPLE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a host tells. ``attendance`` is null where nobody has counted."""

    attendance: int | None
    incidents: str = ""
    word: str = ""


def ended_at(evening: Evening) -> dt.datetime:
    """Return the instant at which an evening ends; one that ends before it begins ends the next day."""
    late = evening.ends_at <= evening.starts_at
    return paris_instant(evening.date + (_DAY if late else dt.timedelta()), evening.ends_at)


def refuse_early(evening: Evening, clock: Clock) -> None:
    """Raise ``Conflict`` where there is nothing to tell: the evening is not over, or nobody had agreed to it.

    One that took place all the same is marked as held at the desk first.
    """
    if evening.state in UNSURE:
        raise Conflict(N_("Cette soirée n’était pas confirmée : l’association doit d’abord noter qu’elle a eu lieu."))
    if evening.state not in _TOLD_OF:
        raise Conflict(N_("Cette soirée n’a pas eu lieu à cette date : il n’y a rien à raconter."))
    if clock.now() < ended_at(evening):
        raise Conflict(N_("La soirée n’est pas finie : revenez ici après."))


def of(session: Session, evening: Evening) -> EveningReport | None:
    """Return what was told of an evening, if anything was."""
    return session.get(EveningReport, evening.id)


def tell(session: Session, evening: Evening, told: Told, act: Act, by: By, *, version: int) -> EveningReport:
    """Write down how it went, or correct it, as it was read at ``version`` (0: nobody had told yet).

    The first word marks the evening as held; the number of people is the evening's from then on. Raises ``Conflict``
    where it is too early, or where somebody else has told meanwhile, ``InvalidInput`` for an impossible number.
    """
    refuse_early(evening, act.clock)
    if told.attendance is not None and not 0 <= told.attendance <= MOST_PEOPLE:
        raise InvalidInput(N_("Donnez un nombre de personnes entre 0 et {most}."), field="attendance", most=MOST_PEOPLE)
    report = _written(session, evening, told, by, version)
    if evening.state != EveningState.HELD:
        evenings.mark_held(session, evening, act, attendance=told.attendance)
    elif told.attendance is not None and told.attendance != evening.attendance:
        old = "" if evening.attendance is None else str(evening.attendance)
        evenings.record(evening, "attendance", old, str(told.attendance), act)
        evening.attendance = told.attendance
    session.flush()
    detail = "raconté" if told.attendance is None else f"{told.attendance} personnes"
    journal.write(session, evening.commune_insee, "report", by, detail=detail, tour=evening.tour, evening=evening)
    return report


def _written(session: Session, evening: Evening, told: Told, by: By, version: int) -> EveningReport:
    now = by.clock.now()
    words = {"attendance": told.attendance, "incidents": told.incidents, "word": told.word}
    signed = {"reported_at": now, "reported_by": by.actor, "how": by.how}
    # its first row, or nothing where somebody was quicker
    first = version == 0 and insert_once(
        session, EveningReport, [{"evening_id": evening.id, "version": 1, **words, **signed}]
    )
    report = session.get_one(EveningReport, evening.id)
    if first:
        return report
    if report.version != version:
        raise Conflict(
            N_("{who} a raconté la soirée entre-temps : relisez, puis enregistrez de nouveau."), who=report.reported_by
        )
    for name, value in {**words, **signed}.items():
        setattr(report, name, value)
    return report


def todos(session: Session, commune: Commune, clock: Clock) -> list[Todo]:
    """Return one line for each evening of a village that is over, and of which nobody there has told yet."""
    day = today(clock)
    recent = session.scalars(
        select(Evening)
        .outerjoin(EveningReport, EveningReport.evening_id == Evening.id)
        .where(
            Evening.commune_insee == commune.insee,
            Evening.date.between(day - _ASKED_FOR, day),
            Evening.state.in_(_TOLD_OF),
            EveningReport.evening_id.is_(None),
        )
        .order_by(Evening.date)
    )
    return [
        Todo(
            title=N_("Racontez la soirée du {day}"),
            text=N_("Combien de personnes, un souci, un mot : trente secondes."),
            values={"day": evening.date},
            endpoint="host.after",
            arguments={"evening_id": evening.id},
        )
        for evening in recent
        if clock.now() >= ended_at(evening)
    ]
