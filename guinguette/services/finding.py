"""A village by its name, and the evening that is nearest to it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy.orm import Session

from guinguette.domain.text import fold
from guinguette.models import Commune
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import communes
from guinguette.services.nearby import nearest

#: How long a name is looked up at all, and how many villages are offered to choose from.
LONGEST, MOST = 80, 12
_OVERSEAS = "97"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A commune, and the next evening in it or the nearest (null: there is none), with its distance in km."""

    commune: Commune
    evening: PublishedEvening | None = None
    km: float = 0


def villages(
    session: Session, text: str, evenings: Collection[PublishedEvening], *, today: dt.date
) -> tuple[list[Found], bool]:
    """Return the communes that ``text`` may mean (name, postcode or both), and whether there are more of them.

    Those of the departments that the tours go to come first: whoever types « Saint-Martin » here means one of ours.
    """
    near = {department(evening.insee) for evening in evenings}
    matches = communes.search(session, text[:LONGEST], limit=MOST + 1, first=near)
    return [_with_evening(match, evenings, today) for match in matches[:MOST]], len(matches) > MOST


def meant(text: str, evenings: Collection[PublishedEvening]) -> PublishedEvening | None:
    """Return an evening of the village whose name ``text`` misspells, or null."""
    names = {fold(evening.commune): evening for evening in reversed(list(evenings))}
    close = get_close_matches(fold(text[:LONGEST]), names, n=1, cutoff=0.75)
    return names[close[0]] if close else None


def _with_evening(commune: Commune, evenings: Collection[PublishedEvening], today: dt.date) -> Found:
    own = [evening for evening in evenings if evening.insee == commune.insee and evening.alive]
    if own:
        return Found(commune=commune, evening=own[0])
    if commune.lat is None or commune.lon is None:
        return Found(commune=commune)
    around = nearest(evenings, lat=commune.lat, lon=commune.lon, today=today, count=1)
    return Found(commune=commune, evening=around[0][0], km=around[0][1]) if around else Found(commune=commune)


def department(insee: str) -> str:
    """Return the department of a commune's code: two characters, overseas three."""
    return insee[:3] if insee.startswith(_OVERSEAS) else insee[:2]
