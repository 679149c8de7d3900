"""A published tour as a table: CSV for every spreadsheet, XLSX for those who ask for it."""

from typing import Any

from guinguette.domain.states import STATE_NAMES, Venue
from guinguette.publishing import workbooks
from guinguette.publishing.tour import PublishedEvening, PublishedTour

COLUMNS = (
    *("date", "début", "fin", "commune", "INSEE", "code postal", "intercommunalité", "état", "lieu", "adresse"),
    *("salle", "véhicule", "artistes", "restauration", "information"),
)


def to_csv(tour: PublishedTour) -> bytes:
    """Return the evenings as CSV, as a French Excel opens it."""
    return workbooks.to_csv(COLUMNS, map(_row, tour.evenings))


def to_xlsx(tour: PublishedTour) -> bytes:
    """Return the evenings as a workbook of one sheet."""
    return workbooks.to_xlsx("Soirées", COLUMNS, map(_row, tour.evenings))


def _row(evening: PublishedEvening) -> list[Any]:
    place = evening.place
    return [
        *(evening.date, evening.starts_at, evening.ends_at),
        *(evening.commune, evening.insee, evening.postcode, evening.epci_name, STATE_NAMES[evening.state]),
        place.name if place else "",
        place.address if place else "",
        (evening.hall.name if evening.hall else "") if evening.venue is Venue.PITCH else "",
        *(evening.vehicle, evening.artists, evening.food, evening.change_note),
    ]
