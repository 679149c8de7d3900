"""School holidays of metropolitan France, by the zone of a department (``vacances-scolaires-france``, 1990 to 2028)."""

import datetime as dt
from functools import cache

from vacances_scolaires_france import SchoolHolidayDates, UnsupportedYearException

# Code de l'éducation L521-1: zones A and C by department (académie); the rest of metropolitan France is zone B.
_ZONES = {
    "A": "01 03 07 15 16 17 19 21 23 24 25 26 33 38 39 40 42 43 47 58 63 64 69 70 71 73 74 79 86 87 89 90",
    "C": "09 11 12 30 31 32 34 46 48 65 66 75 77 78 81 82 91 92 93 94 95",
}
_OWN_CALENDAR = ("2A", "2B", "97", "98")


def zone_of(department: str) -> str | None:
    """Return "A", "B" or "C" for a department's code; null where it has a calendar of its own (Corse, outre-mer)."""
    if department.startswith(_OWN_CALENDAR):
        return None
    return next((zone for zone, departments in _ZONES.items() if department in departments.split()), "B")


def is_school_holiday(day: dt.date, zone: str) -> bool:
    """Tell whether schools of a zone are closed for holidays; false for years that the package does not know."""
    try:
        return bool(_calendar().is_holiday_for_zone(day, zone))
    except UnsupportedYearException:
        return False


@cache
def _calendar() -> SchoolHolidayDates:
    return SchoolHolidayDates()
