"""The evenings to come, chosen by tour, month and place."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from guinguette.domain.text import fold
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import published


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody wants to see: a tour's slug, a month ("2027-07"), an EPCI's SIREN or a commune's INSEE code.

    Empty is everything. A value that nothing has leaves nothing.
    """

    tour: str = ""
    month: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of a filter, its name, and how many evenings to come it would leave, the other filters as they are.

    What is called off is listed and not counted, so that the number is the one said above the list.
    """

    value: str
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The evenings that a choice leaves, in order, and what each filter offers. ``months`` are named by their first."""

    evenings: list[PublishedEvening]
    tours: list[Option]
    months: list[tuple[dt.date, Option]]
    epcis: list[Option]
    villages: list[Option]


_Row = tuple[PublishedTour, PublishedEvening]


def programme(tours: Iterable[PublishedTour], choice: Choice, today: dt.date) -> Programme:
    """Return the evenings of ``today`` and later that ``choice`` leaves, what is called off included."""
    rows = [(tour, evening) for tour in tours for evening in tour.evenings if evening.date >= today]
    rows.sort(key=lambda row: published.order(row[1]))
    of_month = [row for row in rows if _matches(row, replace(choice, month=""))]
    somewhere = [row for row in rows if _matches(row, replace(choice, place=""))]
    months = _options(of_month, lambda row: (month_of(row[1].date), ""))
    return Programme(
        evenings=[row[1] for row in rows if _matches(row, choice)],
        tours=_options(
            [row for row in rows if _matches(row, replace(choice, tour=""))], lambda r: (r[0].slug, r[0].name)
        ),
        months=[(dt.date.fromisoformat(f"{option.value}-01"), option) for option in months],
        epcis=_by_name(_options(somewhere, lambda row: (row[1].epci, row[1].epci_name))),
        villages=_by_name(_options(somewhere, lambda row: (row[1].insee, row[1].commune))),
    )


def month_of(day: dt.date) -> str:
    """Return the month of a date as an address has it ("2027-07")."""
    return f"{day:%Y-%m}"


def _matches(row: _Row, choice: Choice) -> bool:
    tour, evening = row
    return (
        choice.tour in ("", tour.slug)
        and choice.month in ("", month_of(evening.date))
        and choice.place in ("", evening.epci, evening.insee)
    )


def _options(rows: Iterable[_Row], named: Callable[[_Row], tuple[str, str]]) -> list[Option]:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[named(row)] += row[1].alive
    return [Option(value=value, name=name, count=count) for (value, name), count in counts.items() if value]


def _by_name(options: list[Option]) -> list[Option]:
    return sorted(options, key=lambda option: fold(option.name))
