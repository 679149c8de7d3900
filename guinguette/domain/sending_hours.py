"""When an SMS may disturb somebody: Monday to Saturday, from the first to the last hour in Paris, no public holiday.

Codes and changes to an evening that is near are urgent and do not ask (product.md, "Rules of real life", 6).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from guinguette.domain.clock import PARIS, paris_instant

_SUNDAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingHours:
    """Hours of the day in Paris, ``last_hour`` excluded; ``is_holiday`` knows the public holidays."""

    first_hour: int
    last_hour: int
    is_holiday: Callable[[dt.date], bool]

    def permits_day(self, day: dt.date) -> bool:
        """Tell whether messages may leave on ``day``."""
        return day.weekday() != _SUNDAY and not self.is_holiday(day)

    def permits(self, instant: dt.datetime) -> bool:
        """Tell whether messages may leave at ``instant`` (aware)."""
        local = instant.astimezone(PARIS)
        return self.permits_day(local.date()) and self.first_hour <= local.hour < self.last_hour

    def next_permitted(self, instant: dt.datetime) -> dt.datetime:
        """Return ``instant`` where it is permitted, else the next opening, in UTC."""
        if self.permits(instant):
            return instant.astimezone(dt.UTC)
        day = instant.astimezone(PARIS).date()
        opening = paris_instant(day, dt.time(self.first_hour))
        while opening < instant or not self.permits_day(day):
            day += dt.timedelta(days=1)
            opening = paris_instant(day, dt.time(self.first_hour))
        return opening

    def reminder_instant(self, evening: dt.date, hour: int) -> dt.datetime:
        """Return when people are reminded: at ``hour`` on the last permitted day before the evening, in UTC."""
        day = evening - dt.timedelta(days=1)
        while not self.permits_day(day):
            day -= dt.timedelta(days=1)
        return paris_instant(day, dt.time(hour))

    def change_instant(
        self, now: dt.datetime, start: dt.datetime, urgent_within: dt.timedelta
    ) -> tuple[dt.datetime, bool]:
        """Return when the news of a change leaves, and whether it is urgent.

        At once where the evening starts within ``urgent_within``; else at the next permitted hour, unless the evening
        comes that near before then (Saturday night's news of Monday evening leaves on Sunday evening).
        """
        near = start - urgent_within
        if near <= now:
            return now, True
        permitted = self.next_permitted(now)
        return (near, True) if near < permitted else (permitted, False)
