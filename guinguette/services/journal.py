"""A village's journal: who has done what for it, when, by which way. It stays when its people change."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_
from guinguette.models import Evening, JournalEntry, Tour
from guinguette.services.host_links import SIGNATURE

#: By which way something was done, in words.
WAYS: dict[str, str] = {
    "link": N_("par son lien"),
    "phone": N_("par téléphone"),
    "sms": N_("par SMS"),
    "desk": N_("au bureau"),
}
#: What was done. ``detail`` of a line says the rest.
WHAT: dict[str, str] = {
    "dates": N_("jours possibles"),
    "site": N_("fiche du lieu"),
    "booking": N_("salle réservée"),
    "fete": N_("fête du village"),
    "needs": N_("ce qu’il faut"),
    "permit": N_("qui demande la buvette"),
    "option": N_("réponse à une option"),
    "agreement": N_("accord"),
    "task": N_("préparatifs"),
    "report": N_("après la soirée"),
    "photo": N_("photo"),
    "people": N_("référents"),
    "link": N_("lien personnel"),
    "visit": N_("demande de visite"),
    "no_date": N_("pas de date cette fois"),
}
_DETAIL, _ACTOR = 300, 254


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who does something, by which way (a key of ``WAYS``), and the clock that says when."""

    actor: str
    how: str
    clock: Clock

    @property
    def signature(self) -> str:
        """Return their name as it stands on what they save: a host's is told from an organiser's, and forgotten."""
        return self.actor + SIGNATURE if self.how == "link" else self.actor


def write(
    session: Session,
    insee: str,
    what: str,
    by: By,
    *,
    detail: str = "",
    tour: Tour | None = None,
    evening: Evening | None = None,
) -> None:
    """Add a line; ``what`` is a key of ``WHAT``, ``detail`` French words."""
    if what not in WHAT:
        raise KeyError(what)
    session.add(
        JournalEntry(
            commune_insee=insee,
            tour_id=tour.id if tour else None,
            evening_id=evening.id if evening else None,
            at=by.clock.now(),
            actor=by.actor[:_ACTOR],
            how=by.how,
            what=what,
            detail=detail[:_DETAIL],
        )
    )


def of_commune(session: Session, insee: str, *, most: int = 50) -> Sequence[JournalEntry]:
    """Return the latest lines of a commune, the newest first."""
    query = select(JournalEntry).where(JournalEntry.commune_insee == insee)
    return session.scalars(query.order_by(JournalEntry.id.desc()).limit(most)).all()
