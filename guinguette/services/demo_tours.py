"""The demo's three tours, counted from today's date."""

import datetime as dt
from dataclasses import dataclass

from guinguette.services import presets

#: Days from today: four held, one tomorrow, four to come. With nine dates for six villages, three villages come twice:
#: more pairs than fit into the first five dates, so that one to come can be called off and its village has another.
SHORT_TOUR_OFFSETS = (-16, -9, -8, -2, 1, 6, 8, 13, 15)
_SUMMER = range(4, 10)  # months in which a storm is likelier than frost


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A tour to make: its dates, how many villages, which vans, the solver's seconds.

    ``under_way``: every village is free on every date, and stands outdoors in any season, so that all dates are used
    and there is a hall to move to.
    """

    slug: str
    name: str
    season: str
    dates: list[dt.date]
    villages: int
    vans: tuple[str, ...]
    seconds: int
    under_way: bool = False


def short_tour(day: dt.date) -> Outline:
    """Return the tour under way today: six villages."""
    return Outline(
        slug="petite-tournee",
        name="La petite tournée",
        season="summer" if day.month in _SUMMER else "winter",
        dates=[day + dt.timedelta(days=offset) for offset in SHORT_TOUR_OFFSETS],
        villages=6,
        vans=("firmin",),
        seconds=5,
        under_way=True,
    )


def winter_tour(day: dt.date) -> Outline:
    """Return the coming winter tour: twelve villages, the covered van."""
    year = day.year if dt.date(day.year, 12, 1) > day else day.year + 1
    first, last = dt.date(year, 12, 1), dt.date(year + 1, 3, 15)
    return Outline(
        slug=f"hiver-{year}-{year + 1}",
        name=f"Tournée de l’hiver {year}-{year + 1}",
        season="winter",
        dates=presets.dates_between(first, last, presets.WINTER),
        villages=12,
        vans=("firmin",),
        seconds=8,
    )


def summer_tour(day: dt.date) -> Outline:
    """Return the coming summer tour: all forty villages, both vans."""
    year = day.year if dt.date(day.year, 5, 1) > day else day.year + 1
    first, last = dt.date(year, 5, 1), dt.date(year, 9, 30)
    return Outline(
        slug=f"ete-{year}",
        name=f"Tournée de l’été {year}",
        season="summer",
        dates=presets.dates_between(first, last, presets.SUMMER),
        villages=40,
        vans=("lucette", "firmin"),
        seconds=14,
    )
