"""What every record that people edit has in common: one version at a time, archived instead of deleted."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from guinguette.domain.clock import PARIS, Clock, today
from guinguette.domain.errors import N_, Conflict
from guinguette.domain.states import TO_COME
from guinguette.models import Committee, CommuneRequest, Contact, Evening, FallbackVenue, Pitch, Tour, Vehicle
from guinguette.models.signature import Signed
from guinguette.services import host_links

Record = Committee | CommuneRequest | Contact | FallbackVenue | Pitch | Tour | Vehicle

_ELSEWHERE = N_(
    "Des soirées à venir s’y tiennent ou s’y replient, jusqu’au {last} : donnez-leur un autre lieu sur leur page, ou "
    "attendez le lendemain de la dernière."
)
#: A kind of record, the evenings that need it, and what to do while some are still to come.
_NEEDED: tuple[tuple[type[Any], Callable[[Any], tuple[ColumnElement[bool], ...]], str], ...] = (
    (
        Tour,
        lambda tour: (Evening.tour_id == tour.id,),
        N_(
            "Cette tournée a des soirées à venir, jusqu’au {last} : annulez-les, ou attendez le lendemain de la "
            "dernière pour la ranger."
        ),
    ),
    (
        CommuneRequest,
        lambda request: (Evening.tour_id == request.tour_id, Evening.commune_insee == request.commune_insee),
        N_(
            "Cette commune a des soirées à venir dans la tournée, jusqu’au {last} : annulez-les, ou attendez le "
            "lendemain de la dernière."
        ),
    ),
    (
        Committee,
        lambda committee: (Evening.permit_holder_id == committee.id,),
        N_(
            "Ce comité tient la buvette de soirées à venir, jusqu’au {last} : donnez-leur un autre responsable sur "
            "leur page, ou attendez le lendemain de la dernière."
        ),
    ),
    (
        Vehicle,
        lambda vehicle: (Evening.vehicle_id == vehicle.id,),
        N_(
            "Des soirées à venir comptent sur ce véhicule, jusqu’au {last} : planifiez sans lui et publiez, ou "
            "attendez le lendemain de la dernière."
        ),
    ),
    (Pitch, lambda pitch: (Evening.pitch_id == pitch.id,), _ELSEWHERE),
    (FallbackVenue, lambda hall: (Evening.fallback_venue_id == hall.id,), _ELSEWHERE),
)


def begin(row: Record, version: int) -> None:
    """Raise ``Conflict``, which names who it was, unless the row still is the version that the form was opened on."""
    if row.version != version:
        raise meanwhile(row)


def meanwhile(row: Signed) -> Conflict:
    """Return the refusal of a second save: who was first, and when, where the row says so."""
    if not row.saved_by or row.saved_at is None:
        return Conflict(N_("Quelqu’un a enregistré cette fiche entre-temps. Rien n’a été écrasé : relisez."))
    at = row.saved_at.astimezone(PARIS)
    return Conflict(
        N_("{who} a enregistré cette fiche entre-temps, le {day} à {time}. Rien n’a été écrasé : relisez."),
        who=row.saved_by,
        day=at.date(),
        time=at.time(),
    )


def save(session: Session, row: Record) -> None:
    """Write the row under its next version, even where only its children changed. Raises ``Conflict`` on a race."""
    row.archived_at = row.archived_at  # a row of this session's own may not have it yet
    flag_modified(row, "archived_at")
    try:
        session.flush()
    except StaleDataError:
        raise Conflict(N_("Quelqu’un a enregistré cette fiche entre-temps. Rien n’a été écrasé : relisez.")) from None


def archive(session: Session, row: Record, version: int, clock: Clock) -> None:
    """Put the row aside; it keeps its history and can be restored. Personal links of people do not come back.

    Raises ``Conflict``, also where evenings to come need it: they would lose what people count on without a word.
    """
    begin(row, version)
    refuse_needed(session, row, clock)
    row.archived_at = clock.now()
    save(session, row)
    if isinstance(row, Committee | Contact):
        host_links.revoke_all(session, row, clock)


def restore(session: Session, row: Record, version: int) -> None:
    """Bring an archived row back. Raises ``Conflict``."""
    begin(row, version)
    row.archived_at = None
    if isinstance(row, Committee):
        row.merged_into = None  # on its own again; what was handed over stays where it is
    save(session, row)


def refuse_needed(session: Session, row: Record, clock: Clock) -> None:
    """Raise ``Conflict`` where evenings to come need the row."""
    day = today(clock)
    for kind, needs, refusal in _NEEDED:
        if isinstance(row, kind):
            coming = (Evening.date >= day, Evening.state.in_(TO_COME))
            last = session.scalar(select(func.max(Evening.date)).where(*coming, *needs(row)))
            if last is not None:
                raise Conflict(refusal, last=last)


def shelf(archived_at: InstrumentedAttribute[dt.datetime | None], *, archived: bool) -> ColumnElement[bool]:
    """Return the condition for what is archived, or for what is not."""
    return archived_at.is_not(None) if archived else archived_at.is_(None)
