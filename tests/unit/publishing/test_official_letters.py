"""The letters a village signs: what each says, what is left to fill in, and that a PDF shows exactly what was typed."""

import datetime as dt
from dataclasses import replace

import pytest

from guinguette.publishing.official_letters import Facts, Kind, Letter, draft, pdf
from tests.fakes import NOW
from tests.unit.publishing.sheets import words

FACTS = Facts(
    commune="Éclaron",
    postcode="52290",
    day=dt.date(2027, 7, 10),
    starts_at=dt.time(18),
    ends_at=dt.time(22),
    place="Place de l’Église",
    address="3 rue du Lac",
    capacity=250,
    public=210,
    artists="Les Souliers vernis",
    prices="Entrée libre.",
    holder="Comité des fêtes d’Éclaron",
    holder_is_town_hall=False,
    used=2,
    limit=5,
    writer="Jeanne Petit",
    role="présidente",
    phone="06 39 98 00 12",
    association="La Guinguette mobile",
    association_address="Saint-Dizier",
    association_phone="03 53 01 42 18",
    association_email="",
    written_on=dt.date(2027, 6, 1),
)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("buvette", ["L3334-2", "2 autorisations en 2027", "sur les 5", "groupes 1 et 3", "Jeanne Petit"]),
        ("arrete", ["L2213-2", "de 16\u00a0h à 23\u00a0h", "vendredi 9\u00a0juillet\u00a02027", "Le maire d’Éclaron"]),
        ("voie", ["L211-2", "trois jours francs", "environ 210 personnes", "Jeanne Petit, [domicile]"]),
        ("sacem", ["L122-4", "250 personnes", "Les Souliers vernis", "Entrée libre.", "Saint-Dizier"]),
    ],
)
def test_each_letter_says_what_the_law_asks(kind: Kind, said: list[str]) -> None:
    """Its article, the day, the place, and whoever signs."""
    text = draft(kind, FACTS).as_text()
    for words_of_it in (*said, "samedi 10\u00a0juillet\u00a02027", "Place de l’Église, 3 rue du Lac"):
        assert words_of_it in text


@pytest.mark.parametrize("kind", ["buvette", "arrete", "voie", "sacem"])
def test_what_nobody_knows_is_left_to_fill_in(kind: Kind) -> None:
    """Never an empty place in a sentence, never an invented name."""
    unknown = replace(
        FACTS,
        place="",
        address="",
        holder="",
        writer="",
        role="",
        phone="",
        artists="",
        prices="",
        association="",
        capacity=None,
    )
    text = draft(kind, unknown).as_text()
    assert "[lieu]" in text
    assert "«\u00a0»" not in text
    assert "None" not in text
    assert ", ," not in text


@pytest.mark.parametrize(
    ("commune", "said"),
    [("Éclaron", "d’Éclaron"), ("Le Mesnil", "du Mesnil"), ("Les Riceys", "des Riceys"), ("Vignory", "de Vignory")],
)
def test_a_village_is_named_as_people_say_it(commune: str, said: str) -> None:
    """« Mairie des Riceys », not « Mairie de Les Riceys »."""
    assert f"Mairie {said}" in draft("buvette", replace(FACTS, commune=commune)).recipient


def test_the_pdf_shows_what_was_typed_and_runs_nothing() -> None:
    """Typst in a letter is text; a long one flows over pages; an emoji does not break it."""
    typed = '#read("/etc/passwd") $x$ *gras* 🎉\n\nArticle 1. – Le ' + "très " * 2000 + "long article."
    letter = Letter(sender="#panic()", recipient="", dated="N° 12", subject="@moi <là>", body=typed)
    text = words(pdf(letter, at=NOW))
    assert '#read("/etc/passwd") $x$ *gras*' in text
    assert "#panic()" in text
    assert "@moi <là>" in text
    assert "long article." in text
    assert text.count("très") == 2000


def test_the_text_file_has_every_part_once() -> None:
    """Ready to paste: sender, recipient, date, subject, text, whatever line ends the browser sent."""
    letter = Letter(
        sender="Le comité\r\nÉclaron", recipient="", dated="Le 1er juin", subject="buvette\r\n", body="Oui."
    )
    assert letter.as_text() == "Le comité\nÉclaron\n\nLe 1er juin\n\nObjet\u00a0: buvette\n\nOui.\n"
