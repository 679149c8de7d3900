"""Dates, hours and states as the pages write them."""

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask

from guinguette.domain.states import EveningState, Venue
from guinguette.web import presenting
from tests import factories


@pytest.fixture(autouse=True)
def _in_french(app: Flask) -> object:
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (dt.date(2027, 7, 10), "samedi 10\u00a0juillet"),
        (dt.date(2027, 5, 1), "samedi 1er\u00a0mai"),
        (dt.date(2027, 8, 12), "jeudi 12\u00a0août"),
    ],
)
def test_long_date(day: dt.date, text: str) -> None:
    """Whole words, the first of the month as French has it."""
    assert presenting.long_date(day) == text


@pytest.mark.parametrize(("at", "text"), [(dt.time(18), "18\u00a0h"), (dt.time(18, 5), "18\u00a0h\u00a005")])
def test_hours(at: dt.time, text: str) -> None:
    """Minutes only where there are any, on two digits."""
    assert presenting.hours(at) == text


def test_instant_is_told_in_the_time_of_paris() -> None:
    """An instant in UTC reads two hours later in summer, on the next day if need be."""
    assert (
        presenting.instant(dt.datetime(2027, 7, 9, 22, 10, tzinfo=dt.UTC))
        == "samedi 10\u00a0juillet à 0\u00a0h\u00a010"
    )


@pytest.mark.parametrize(
    ("changes", "drawn"),
    [
        ({"state": EveningState.PROPOSED}, ("s-att", "att", "À confirmer")),
        ({"state": EveningState.OPTION}, ("s-att", "att", "À confirmer")),
        ({"state": EveningState.CONFIRMED}, ("s-ok", "ok", "Confirmée")),
        ({"state": EveningState.HELD}, ("s-ok", "ok", "A eu lieu")),
        ({"state": EveningState.CANCELLED}, ("s-ann", "ann", "Annulée")),
        ({"state": EveningState.POSTPONED}, ("s-rep", "rep", "Reportée")),
        ({"venue": Venue.HALL, "change_note": "Orages."}, ("s-dep", "dep", "Déplacée à la salle des fêtes")),
        (
            {"venue": Venue.HALL, "change_note": "Orages.", "state": EveningState.OPTION},
            ("s-dep", "dep", "Déplacée à la salle des fêtes"),
        ),
        (
            {"venue": Venue.HALL, "change_note": "Orages.", "state": EveningState.HELD},
            ("s-ok", "ok", "A eu lieu"),
        ),
        ({"venue": Venue.HALL}, ("s-ok", "ok", "Confirmée")),
        ({"venue": Venue.HALL, "change_note": "Orages.", "state": EveningState.CANCELLED}, ("s-ann", "ann", "Annulée")),
    ],
)
def test_states(changes: dict[str, object], drawn: tuple[str, str, str]) -> None:
    """Each state has its shape, its sign and its word; the hall counts as moved only where something changed."""
    evening = replace(factories.published_evening(), **changes)
    shown = (presenting.state_class(evening), presenting.state_icon(evening), presenting.state_name(evening))
    assert shown == drawn
