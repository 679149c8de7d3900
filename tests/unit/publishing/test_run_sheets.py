"""A van's day in words, in either language, and on one page of paper whatever people have typed."""

import datetime as dt
from dataclasses import replace

import pytest

from guinguette.domain.clock import paris_instant
from guinguette.domain.states import EveningState, Venue
from guinguette.publishing import run_sheets
from guinguette.publishing.message_limits import LONGEST_COMMUNE
from guinguette.publishing.run_sheets import Onward, Person, Place, RunSheet, Way
from guinguette.services.wording import translator
from tests.fakes import NOW
from tests.unit.publishing.sheets import pages, words
from tests.unit.publishing.test_agreements import SIGNED, TERMS

DAY = dt.date(2027, 7, 9)
PERRIN = Person("Mme Perrin", "mairie", "+33639981204", "06\u00a039\u00a098\u00a012\u00a004")


def at(hour: int, minute: int = 0, *, later: int = 0) -> dt.datetime:
    """Return an instant of the day in Paris."""
    return paris_instant(DAY + dt.timedelta(days=later), dt.time(hour, minute))


SHEET = RunSheet(
    evening="montier1", commune="Montier-en-Der", insee="52331", date=DAY, van="Lucette", van_slug="lucette",
    tour="Été 2027", state=EveningState.CONFIRMED, venue=Venue.PITCH,
    way=Way("Vitry-le-François", "Montier-en-Der", 38_200, 2_700, by_road=True),
    home=Way("Montier-en-Der", "Vitry-le-François", 38_400, 3_900, by_road=False), onward=None,
    leaves_at=at(15, 15), sets_up_at=at(16), decides_at=at(15), opens_at=at(18), closes_at=at(22),
    packed_at=at(23, 30), back_at=at(0, 35, later=1), rested_at=at(11, 35, later=1),
    place=Place("Place de l’Hôtel-de-Ville", "devant les halles", "Entrer par la rue Audiffred", 48.478, 4.768),
    pitch=None, centre=(48.48, 4.77), change_note="",
    hall=Place("Salle des fêtes", "12 rue de l’Isle"), hall_taken=None, keys=PERRIN, hall_keys=None, water="yes",
    toilets="", coverage="weak", parking=40, terms=TERMS, permit_asked=False, public=180,
    artists="Les Souliers vernis", partner="", food="", agreed=SIGNED, people=(PERRIN, Person("M. Aubry", "")),
    unknown=("les toilettes",), left=("Retenir la salle",),
)  # fmt: skip


def test_the_day_goes_from_hour_to_hour() -> None:
    """The drive there is timed by road, the one home is estimated and says so; the crew's rest is told last."""
    said = [(run_sheets.hour(each.at, "fr"), each.title, each.more) for each in run_sheets.steps(SHEET, str, "fr")]
    assert said == [
        ("15\u00a0h", "Confirmer\u00a0: dehors ou salle", "Salle des fêtes"),
        ("15\u00a0h\u00a015", "Départ\u00a0: Vitry-le-François", "38\u00a0km, 45\u00a0min"),
        ("16\u00a0h", "Arrivée et installation", "Entrer par la rue Audiffred"),
        ("18\u00a0h", "Ouverture", "Les Souliers vernis"),
        ("22\u00a0h", "Fin de la soirée", ""),
        ("23\u00a0h\u00a030", "Camion rangé, retour\u00a0: Vitry-le-François", "38\u00a0km, 1\u00a0h\u00a005, estimé"),
        ("0\u00a0h\u00a035", "Arrivée\u00a0: Vitry-le-François", "Repos de l’équipe jusqu’à 11\u00a0h\u00a035."),
    ]


def test_a_van_that_stays_says_where_it_goes_next() -> None:
    """And one whose way nobody knows says why."""
    on = Onward(
        DAY + dt.timedelta(days=1), Way("Montier-en-Der", "Droyes", 9_000, 660, by_road=True), at(15, 45, later=1)
    )
    staying = run_sheets.steps(replace(SHEET, home=None, back_at=None, onward=on), str, "fr")[-1]
    assert staying.title == "Camion rangé, il reste au village"
    assert staying.more.startswith(
        "Départ\u00a0: samedi 10\u00a0juillet, à 15\u00a0h\u00a045, pour Droyes (9\u00a0km, 11\u00a0min)."
    )
    lost = replace(SHEET, way=None, home=None, leaves_at=None, back_at=None)
    steps = run_sheets.steps(lost, str, "fr")
    assert "n’est pas placé" in steps[-1].more
    assert not any(each.title.startswith("Départ") for each in steps)


def test_the_facts_are_those_that_somebody_has_said() -> None:
    """What is missing stands first with whom to ring, and nowhere else; the van and its bar go without saying."""
    facts = {each.name: each for each in run_sheets.facts(SHEET, str, "fr")}
    assert next(iter(facts)) == "ask"
    assert (facts["ask"].first, facts["ask"].ring) == ("Les toilettes", PERRIN)
    assert facts["power"].first == "Prise 32 A, triphasé, à 20 m, sous le préau"
    assert facts["ours"].first == "Scène, une sono pour deux"
    assert (facts["permit"].first, facts["permit"].more) == ("Comité des fêtes d’Éclaron", "demande pas encore notée")
    assert {"toilets", "rain_keys", "food", "taken"}.isdisjoint(facts)
    alone = run_sheets.facts(replace(SHEET, people=()), str, "fr")[0]
    assert (alone.ring, alone.more) == (None, "Aucune personne à appeler n’est notée pour ce village.")
    english = {each.name: each for each in run_sheets.facts(SHEET, translator("en"), "en")}
    assert (english["water"].label, english["water"].first) == ("Drinking water", "Yes")


@pytest.mark.parametrize(("venue", "name"), [(Venue.PITCH, "rain"), (Venue.HALL, "taken")])
def test_a_hall_that_is_taken_is_said(venue: Venue, name: str) -> None:
    """Whether the evening would shelter there or stands there."""
    facts = {each.name: each for each in run_sheets.facts(replace(SHEET, venue=venue, hall_taken="mariage"), str, "fr")}
    assert "Prise ce jour-là\u00a0: mariage" in (facts[name].first, facts[name].more)


def test_the_paper_is_a_page_for_each_day() -> None:
    """With the hours, the drive, the numbers and what is left to do; the same bytes each time."""
    printed = run_sheets.paper([SHEET], phone="03 25 00 00 00", at=NOW)
    text = words(printed).replace("\u00a0", " ")
    assert len(list(pages(printed, dpi=20))) == 1
    for part in (
        "Montier-en-Der", "Vendredi 9 juillet 2027", "Partir à", "15 h 15", "Depuis Vitry-le-François : 38 km, 45 min",
        "38 km, 1 h 05, estimé", "06 39 98 12 04", "M. Aubry", "pas de numéro",
        "GPS : 48.47800, 4.76800", "Retenir la salle", "03 25 00 00 00",
    ):  # fmt: skip
        assert part in text
    assert "depuis" not in text
    assert run_sheets.paper([SHEET], phone="03 25 00 00 00", at=NOW) == printed
    week = run_sheets.paper([SHEET, SHEET], phone="", at=NOW)
    assert len(list(pages(week, dpi=20))) == 2
    assert "semaine du lundi 5\u00a0juillet\u00a02027".encode() in week


def test_however_much_people_type_it_stays_one_page() -> None:
    """Long names, long texts, a dozen people, things that look like Typst, letters that no typeface has."""
    long = "#panic() $x$ \\ *gras* 🙂 " * 40
    somewhere = Place(long, long, long, 48.1, 4.1)
    much = replace(
        SHEET, commune=LONGEST_COMMUNE, van=long, tour=long, place=somewhere, hall=somewhere, hall_taken=long,
        change_note=long, artists=long, partner=long, food=long, state=EveningState.OPTION,
        agreed=replace(SIGNED, by=long),
        people=(Person(long, long, "+33639981204", "06 39 98 12 04"),) * 12, left=("Déclarer l’occupation",) * 12,
        terms=replace(TERMS, power=long, permit_holder=long, prices=long, payment=long, host=(long,), ours=(long,)),
    )  # fmt: skip
    printed = run_sheets.paper([much], phone="", at=NOW)
    assert len(list(pages(printed, dpi=20))) == 1
    assert "et 4 de plus" in words(printed)
