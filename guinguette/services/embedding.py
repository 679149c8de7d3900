"""What a village's own website shows of a tour: its next dates, the village's first."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import published

#: How many dates a frame shows where nobody has said, and at most.
USUAL, MOST = 4, 12


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates to come: those of the village asked for, then others, up to the number asked for in all.

    ``over``: the tour has none left, so that these are the other tours': a line once pasted goes on being of use.
    ``commune`` is the village's name, empty where none was asked for or no evening of a tour was ever there.
    """

    tour: PublishedTour
    over: bool
    commune: str
    own: list[PublishedEvening]
    others: list[PublishedEvening]


def dates(session: Session, slug: str, *, insee: str | None, count: int, today: dt.date) -> Dates:
    """Return the dates of the tour ``slug`` from ``today`` on. Raises ``NotFound`` where it was never published."""
    tour = published.by_slug(session, slug)
    all_tours = [tour, *published.remembered(session, today)]
    coming = published.upcoming([tour], today)
    over = not coming
    if over:
        coming = published.upcoming(published.latest(session), today)
    count = min(max(count, 1), MOST)
    own = [item for item in coming if item.insee == insee][:count]
    others = [item for item in coming if item.insee != insee][: count - len(own)]
    commune = next((item.commune for each in all_tours for item in each.evenings if item.insee == insee), "")
    return Dates(tour, over, commune, own, others)


def villages(tours: list[PublishedTour], today: dt.date) -> list[tuple[str, str]]:
    """Return the (INSEE code, name) of the villages where an evening is to come, by name."""
    return sorted({(item.insee, item.commune) for item in published.upcoming(tours, today)}, key=lambda each: each[1])
