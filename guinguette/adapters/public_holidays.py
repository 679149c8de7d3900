"""The public holidays of metropolitan France (those of Alsace-Moselle alone are not among them)."""

import datetime as dt

import holidays

_FRANCE = holidays.country_holidays("FR")


def is_public_holiday(day: dt.date) -> bool:
    """Tell whether ``day`` is a public holiday in France (Code du travail L3133-1)."""
    return day in _FRANCE
