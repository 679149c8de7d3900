"""Texts for PanneauPocket and IntraMuros: what matters first, within their lengths, no word cut."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guinguette.domain.states import EveningState, Venue
from guinguette.publishing.notices import SERVICES, notices
from tests.factories import published_evening

PAGE = "https://guinguette-mobile.fr/soirees/abcd1234efgh"
EVENING = published_evening(artists="Les Souliers vernis", food="Crêpes", prices="Entrée libre")


def test_an_evening_is_announced() -> None:
    """The whole text, as it is pasted."""
    panneau, _ = notices(EVENING, page=PAGE, phone="03 53 01 42 18")
    assert panneau.title == "Guinguette mobile samedi 19\u00a0juin"
    assert panneau.text.replace("\u00a0", " ").splitlines() == [
        "La Guinguette mobile à Éclaron-Braucourt-Sainte-Livière, samedi 19 juin 2027, de 18 h à 22 h.",
        "Lieu : Place de l’Église.",
        "S’il pleut : Salle des fêtes, rue du Lac.",
        "Les Souliers vernis.",
        "Crêpes.",
        "Entrée libre.",
        f"Renseignements : {PAGE}",
        "Téléphone : 03 53 01 42 18",
    ]


@pytest.mark.parametrize(
    ("change", "title", "second"),
    [
        ({"state": EveningState.CANCELLED}, "ANNULÉE : guinguette du samedi 19 juin", "Cette soirée n’aura pas lieu."),
        (
            {"state": EveningState.POSTPONED, "postponed_to_date": dt.date(2027, 9, 1)},
            "REPORTÉE : guinguette du samedi 19 juin",
            f"Renseignements : {PAGE}",
        ),
        (
            {"venue": Venue.HALL, "change_note": "Orages."},
            "À LA SALLE : guinguette du samedi 19 juin",
            "Orages.",
        ),
        (
            {"previous_date": dt.date(2027, 6, 12), "previous_starts_at": dt.time(18)},
            "CHANGÉE : guinguette du samedi 19 juin",
            "Venez le samedi 19 juin, et non le samedi 12 juin.",
        ),
        (
            {"previous_date": dt.date(2027, 6, 19), "previous_starts_at": dt.time(19)},
            "CHANGÉE : guinguette du samedi 19 juin",
            "Venez à partir de 18 h, et non de 19 h.",
        ),
        (
            {"state": EveningState.OPTION},
            "Guinguette mobile samedi 19 juin (à confirmer)",
            "La date n’est pas encore sûre : attendez la confirmation avant de vous déplacer.",
        ),
    ],
)
def test_a_change_is_said_first(change: dict[str, object], title: str, second: str) -> None:
    """In the title, then right after when and where."""
    for notice in notices(replace(EVENING, **change), page=PAGE, phone=""):
        assert notice.title.replace("\u00a0", " ") == title
        assert notice.text.replace("\u00a0", " ").splitlines()[1] == second


@given(commune=st.text(max_size=120), typed=st.text(max_size=400), state=st.sampled_from(EveningState))
def test_no_text_is_longer_than_its_service_holds(commune: str, typed: str, state: EveningState) -> None:
    """Whatever people type; the address always stays whole."""
    evening = replace(
        EVENING, commune=commune, artists=typed, food=typed, description=typed, change_note=typed, state=state
    )
    made = notices(evening, page=PAGE, phone="03 53 01 42 18")
    assert [notice.service for notice in made] == list(SERVICES)
    for notice in made:
        assert 0 < len(notice.title) <= notice.service.title_limit
        assert len(notice.text) <= notice.service.text_limit
        assert PAGE in notice.text
