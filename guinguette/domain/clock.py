"""Time is passed in. UTC inside, Europe/Paris at the edges; dates of evenings are dates, not instants."""

from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """Whoever tells the time: the system, or a test."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def today(clock: Clock) -> date:
    """Return the date it is in Paris."""
    return clock.now().astimezone(PARIS).date()


def paris_instant(day: date, at: time) -> datetime:
    """Return the UTC instant of a local Paris date and time (the earlier one where an hour is repeated)."""
    return datetime.combine(day, at, tzinfo=PARIS).astimezone(UTC)
