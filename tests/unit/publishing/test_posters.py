"""Posters: what is on the sheet, that it fits, that the code leads there, that nothing people type breaks it."""

import csv
import datetime as dt
import gzip
from dataclasses import replace
from functools import partial

import pypdfium2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from guinguette.domain.states import EveningState, Venue
from guinguette.paths import DATA
from guinguette.publishing import posters
from guinguette.publishing.tour import PublishedEvening, PublishedPlace
from tests.factories import published_evening, published_tour
from tests.fakes import NOW
from tests.unit.publishing.sheets import codes, margins, pages, picture, words

PAGE = "https://guinguette-mobile.fr/soirees/abcd1234efgh"
CREAM = {(255, 244, 220)}
_printed = partial(posters.evening_poster, page=PAGE, phone="03 53 01 42 18", at=NOW)


def _extremes() -> tuple[str, str]:
    with gzip.open(DATA / "communes.csv.gz", "rt", encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    return min(names, key=len), max(names, key=len)


SHORTEST, LONGEST = _extremes()

FULL = published_evening(
    artists="Les Souliers vernis : accordéon et contrebasse",
    food="Planches du comité des fêtes, crêpes",
    prices="Entrée libre. Sirop à 1 €",
    host="Comité des fêtes d’Éclaron",
)
CHANGED = {
    "ANNULÉE": replace(FULL, state=EveningState.CANCELLED, change_note="Canicule."),
    "REPORTÉE AU MERCREDI 1ER SEPTEMBRE": replace(
        FULL, state=EveningState.POSTPONED, postponed_to_date=dt.date(2027, 9, 1), postponed_to_sure=False
    ),
    "À LA SALLE DES FÊTES": replace(FULL, venue=Venue.HALL, change_note="Orages prévus."),
    "À CONFIRMER": replace(FULL, state=EveningState.OPTION),
    "DATE CHANGÉE": replace(FULL, previous_date=dt.date(2027, 6, 12), previous_starts_at=dt.time(18)),
}


@pytest.mark.parametrize("name", [SHORTEST, LONGEST])
@pytest.mark.parametrize("state", [None, *CHANGED])
def test_the_shortest_and_the_longest_name_of_france_fit(name: str, state: str | None) -> None:
    """On A4 and on the square nothing reaches the edges, one page is enough, and the code leads to the evening."""
    evening = replace(CHANGED[state] if state else FULL, commune=name)
    pdf = _printed(evening, "a4")
    (page,) = pages(pdf)
    square = picture(_printed(evening, "square"))
    assert square.size == (1080, 1080)
    for image in (page, square):
        assert margins(image) == CREAM
        assert codes(image) == [PAGE]
    assert name.replace("-", "") in words(pdf).replace("-", "").replace(" ", "")


def test_a_poster_says_when_where_what_and_whom_to_ring() -> None:
    """The facts in words, in French typography, and the address for whoever has no camera."""
    text = words(_printed(FULL, "a4"))
    for fact in (
        "samedi",
        "19 juin",
        "Place de l’Église, de 18 h à 22 h",
        "S’il pleut : Salle des fêtes, rue du Lac",
        "Les Souliers vernis : accordéon et contrebasse",
        "03 53 01 42 18",
        "guinguette-mobile.fr/soirees/abcd1234efgh",
        "Comité des fêtes d’Éclaron. L’abus d’alcool est dangereux pour la santé",
    ):
        assert fact in text.replace("\u00a0", " "), fact


@pytest.mark.parametrize("title", CHANGED)
def test_what_has_changed_is_said_first(title: str) -> None:
    """A banner above the date; what will not be is crossed out, so its place is not given."""
    evening = CHANGED[title]
    text = words(_printed(evening, "a4")).replace("\u00a0", " ")
    assert text.index(title) < text.index("19 juin")
    assert ("de 18 h à 22 h" in text) == evening.alive


def test_an_a3_is_the_same_design_drawn_larger() -> None:
    """Twice the surface, the same proportions, the same words."""
    a4, a3 = _printed(FULL, "a4"), _printed(FULL, "a3")
    (small,), (large,) = pages(a4, dpi=72), pages(a3, dpi=72)
    assert large.width / small.width == pytest.approx(2**0.5, abs=0.01)
    assert words(a4) == words(a3)


def test_the_same_evening_makes_the_same_bytes_tagged_for_those_who_listen() -> None:
    """No clock in the file; PDF/UA with title, language and an alternative for the code."""
    pdf = _printed(FULL, "a4")
    assert pdf == _printed(FULL, "a4")
    assert b"pdfuaid" in pdf
    document = pypdfium2.PdfDocument(pdf)
    facts = document.get_metadata_dict()
    assert pypdfium2.raw.FPDFCatalog_IsTagged(document)
    document.close()
    assert facts["Title"].startswith("Guinguette mobile à Éclaron")
    assert facts["CreationDate"].startswith("D:20270609")


@pytest.mark.parametrize("count", [0, 1, 9, 30, 80])
def test_a_tour_holds_all_its_dates(count: int) -> None:
    """Every date is there, in order, on as many pages as readable type needs; the first has the code."""
    first = dt.date(2027, 5, 6)
    days = [first + dt.timedelta(days=i) for i in range(count)]
    tour = published_tour(
        *(
            replace(FULL, id=f"e{i}", date=day, commune=LONGEST if i == 3 else f"Village-{i}")
            for i, day in enumerate(days)
        )
    )
    pdf = posters.tour_poster(tour, "a4", page=PAGE, phone="", at=NOW)
    sheets = list(pages(pdf))
    text = words(pdf)
    assert codes(sheets[0]) == [PAGE]
    assert all(margins(sheet, bottom=0.6) == CREAM for sheet in sheets)
    places = [
        text.find(f"Village- {i} ") if f"Village- {i} " in text else text.find(f"Village-{i} ")
        for i in range(count)
        if i != 3
    ]
    assert -1 not in places
    assert places == sorted(places)
    square = picture(posters.tour_poster(tour, "square", page=PAGE, phone="", at=NOW))
    assert codes(square) == [PAGE]


def test_the_season_on_the_board_gives_every_date_with_its_hours() -> None:
    """Months, villages, hours, the code and the number; a date that is off says so."""
    evenings = [FULL, replace(CHANGED["ANNULÉE"], date=dt.date(2027, 7, 3), commune=LONGEST)]
    pdf = posters.season_calendar("Tournée d’été", evenings, page=PAGE, phone="03 53 01 42 18", at=NOW)
    text = words(pdf).replace("\u00a0", " ")
    assert codes(next(iter(pages(pdf)))) == [PAGE]
    for fact in (
        "Juin 2027",
        "Juillet 2027",
        "de 18 h à 22 h",
        "Annulée",
        "03 53 01 42 18",
        "Dates connues le mercredi 9 juin 2027",
    ):
        assert fact in text, fact


def test_a_shared_link_shows_the_state_in_its_picture() -> None:
    """1200 by 630; called off differs from on."""
    on, off = posters.evening_share(FULL, at=NOW), posters.evening_share(CHANGED["ANNULÉE"], at=NOW)
    assert picture(on).size == (1200, 630)
    assert on != off


#: A render an example: a dozen as a rule, 200 with ``--hypothesis-profile=long``.
_EXAMPLES = 200 if settings.get_current_profile_name() == "long" else 12

# what people type, and what they should not: quotes, Typst, HTML, emoji, right to left, controls, endless words
_NASTY = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\"\\#$@<>[]{}*_`~=/-+'%&;:!?«»()\u200b\u202e\u0000\n\té😀שא", max_size=40),
    st.integers(1, 160).map(lambda n: "W" * n),
    st.sampled_from(
        ['#panic("x")', '#read("/etc/passwd")', "$x$", "*gras*", "= Titre", "]#[", '"; #{', "https://a.b//c"]
    ),
)


@given(name=_NASTY, title=_NASTY, note=_NASTY, free=_NASTY, state=st.sampled_from(EveningState), square=st.booleans())
# no shrinking: at a render an example it takes minutes, and what is typed here is short
@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
def test_nothing_people_type_breaks_a_poster(
    name: str, title: str, note: str, free: str, state: EveningState, square: bool
) -> None:
    """Whatever is typed, one sheet comes out whose code leads to the page and whose edges stay clear."""
    evening = replace(
        FULL,
        commune=name[:120],
        artists=title,
        change_note=note,
        description=free,
        state=state,
        host=title,
        pitch=PublishedPlace(name=free, address=note),
        food=name,
    )
    made = _printed(evening, "square" if square else "a4")
    images = [picture(made)] if square else list(pages(made, dpi=150))
    assert [codes(image) for image in images] == [[PAGE]]
    assert margins(images[0]) == CREAM


def test_what_looks_like_typst_is_only_text() -> None:
    """Markup is printed letter by letter."""
    evening: PublishedEvening = replace(FULL, artists='#panic("x") *gras* $x$ @nom <b>')
    assert '#panic("x") *gras* $x$ @nom <b>' in words(_printed(evening, "a4")).replace("\u00a0", " ")
