"""What is agreed, in words and on one page, whatever people have typed."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from guinguette.publishing import agreements
from guinguette.publishing.agreements import Signature, Terms
from guinguette.publishing.message_limits import LONGEST_COMMUNE
from guinguette.services.wording import translator
from tests.fakes import NOW
from tests.unit.publishing.sheets import pages, words

TERMS = Terms(
    commune="Éclaron",
    tour="Été 2027",
    date=dt.date(2027, 7, 17),
    starts_at=dt.time(18),
    ends_at=dt.time(22),
    place="Place de l’Église, rue du Lac",
    hall="Salle des fêtes",
    plugs=("32a", "three_phase"),
    metres=20,
    power="sous le préau",
    permit_holder="Comité des fêtes d’Éclaron",
    host=("tables", "parking", "power", "hall"),
    ours=("van", "crew", "bar", "stage", "une sono pour deux"),
    prices="Entrée libre",
    payment="Espèces",
)
SIGNED = Signature(2, "Jeanne Petit", "link", NOW)


def test_the_terms_survive_the_database() -> None:
    """Frozen as JSON and read again, they are the same."""
    assert Terms.from_json(json.loads(json.dumps(TERMS.to_json()))) == TERMS


def test_each_term_has_its_words() -> None:
    """In either language, and what nobody has said is left out but for the place and the permit."""
    said = {line.name: line.words for line in agreements.lines(TERMS, str, "fr")}
    assert said["hours"] == "de 18\u00a0h à 22\u00a0h"
    assert said["power"] == "prise 32 A, triphasé, à 20 m, sous le préau"
    assert said["ours"] == "le camion, l’équipe, le bar, scène, une sono pour deux"
    bare = replace(TERMS, place="", hall="", plugs=(), metres=None, power="", permit_holder="", prices="", payment="")
    assert [line.name for line in agreements.lines(bare, str, "fr")] == [
        "date", "hours", "place", "permit", "host", "ours",
    ]  # fmt: skip
    english = {line.name: line.words for line in agreements.lines(TERMS, translator("en"), "en")}
    assert english["hours"] == "from 6\u00a0pm to 10\u00a0pm"


def test_what_has_changed_is_named() -> None:
    """What was said before and now; nothing where all is as it was."""
    assert agreements.changed(TERMS, TERMS, str, "fr") == []
    later = replace(TERMS, starts_at=dt.time(19), hall="", payment="")
    assert agreements.changed(TERMS, later, str, "fr") == [
        ("Heures", "de 18\u00a0h à 22\u00a0h", "de 19\u00a0h à 22\u00a0h"),
        ("S’il pleut", "Salle des fêtes", ""),
        ("Moyens de paiement", "Espèces", ""),
    ]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("link", "acceptée par Jeanne Petit par son lien"),
        ("sms", "acceptée par Jeanne Petit par SMS"),
        ("phone", "acceptée par téléphone, notée ainsi\u00a0: Jeanne Petit"),
        ("desk", "notée au bureau de l’association"),
    ],
)
def test_the_signature_says_by_which_way(how: str, expected: str) -> None:
    """And when, in Paris."""
    signed = agreements.signed(replace(SIGNED, how=how))
    assert signed == f"Version\u00a02, {expected}, le mercredi 9\u00a0juin\u00a02027 à 12\u00a0h."


def test_the_agreement_is_one_page() -> None:
    """With all that was agreed, who signed, and whom to ring; the same bytes each time."""
    sheet = agreements.sheet(TERMS, SIGNED, phone="03 25 00 00 00")
    text = words(sheet).replace("\u00a0", " ")
    assert len(list(pages(sheet, dpi=20))) == 1
    for part in ("Éclaron", "Samedi 17 juillet 2027", "acceptée par Jeanne Petit", "Appelez le 03 25 00 00 00"):
        assert part in text
    assert agreements.sheet(TERMS, SIGNED, phone="03 25 00 00 00") == sheet


def test_however_much_people_type_it_stays_one_page() -> None:
    """Long names, long texts, things that look like Typst, letters that no typeface has."""
    long = "#panic() $x$ \\ *gras* 🙂 " * 40
    much = replace(
        TERMS, commune=LONGEST_COMMUNE, tour=long, place=long, hall=long, power=long, permit_holder=long,
        prices=long, payment=long, host=("tables", long), ours=(long,),
    )  # fmt: skip
    assert len(list(pages(agreements.sheet(much, replace(SIGNED, by=long), phone=long), dpi=20))) == 1
