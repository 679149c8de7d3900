"""A village's own fêtes: it says when, planners and hosts see them on the calendar."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.domain.text import required_line
from guinguette.models import Commune, Fete
from guinguette.publishing.words import day_words
from guinguette.services import journal
from guinguette.services.journal import By

_NAME = 120
_LONGEST = dt.timedelta(days=31)
#: More than any village has: what is typed beyond is a mistake, or a machine.
_MOST = 30


def add(session: Session, commune: Commune, name: str, first: dt.date, last: dt.date | None, by: By) -> Fete:
    """Note a fête from ``first`` to ``last``, both included (one day without ``last``). Raises ``InvalidInput``."""
    line = required_line(name, field="name", limit=_NAME, missing=N_("Donnez le nom de la fête."))
    last = last or first
    if last < first:
        raise InvalidInput(N_("Le dernier jour vient avant le premier."), field="last")
    if last - first > _LONGEST:
        raise InvalidInput(N_("Une fête dure un mois au plus\u00a0: relisez les dates."), field="last")
    known = session.scalar(select(func.count(Fete.id)).where(Fete.commune_insee == commune.insee)) or 0
    if known >= _MOST:
        raise InvalidInput(N_("Il y a déjà {most} fêtes\u00a0: retirez celles qui sont passées."), most=_MOST)
    fete = Fete(commune_insee=commune.insee, name=line, first=first, last=last)
    session.add(fete)
    session.flush()
    journal.write(session, commune.insee, "fete", by, detail=f"{line}, {_span(first, last)}")
    return fete


def remove(session: Session, commune: Commune, fete_id: int, by: By) -> Fete:
    """Take a fête out. Raises ``NotFound``, also for another village's."""
    fete = session.get(Fete, fete_id)
    if fete is None or fete.commune_insee != commune.insee:
        raise NotFound(N_("Cette fête n’est plus sur la liste."))
    session.delete(fete)
    journal.write(
        session, commune.insee, "fete", by, detail=f"retirée\u00a0: {fete.name}, {_span(fete.first, fete.last)}"
    )
    return fete


def coming(session: Session, commune: Commune, on: dt.date) -> Sequence[Fete]:
    """Return a village's fêtes that are not over on a local date, in order."""
    where = (Fete.commune_insee == commune.insee, Fete.last >= on)
    return session.scalars(select(Fete).where(*where).order_by(Fete.first, Fete.id)).all()


def during(session: Session, commune: Commune, days: Collection[dt.date]) -> Sequence[Fete]:
    """Return a village's fêtes between the first and the last of ``days``, in order."""
    if not days:
        return ()
    where = (Fete.commune_insee == commune.insee, Fete.first <= max(days), Fete.last >= min(days))
    return session.scalars(select(Fete).where(*where).order_by(Fete.first, Fete.id)).all()


def _span(first: dt.date, last: dt.date) -> str:
    begin, end = (day_words(day, "fr", year=True) for day in (first, last))
    return begin if first == last else f"du {begin} au {end}"
