"""The texts of the e-mails, and the page made of each."""

import datetime as dt
import re
from html.parser import HTMLParser
from typing import Any

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guinguette.domain.states import EveningState, Venue
from guinguette.publishing.mail_html import as_html
from guinguette.publishing.mails import KINDS, RULE, Mail, code_mail, evening_mail, sign_in_mail
from guinguette.publishing.tour import PublishedEvening
from guinguette.services.wording import translator
from tests.factories import published_evening

URL = "https://guinguette.example"
STOP = f"{URL}/stop/abcdefghij"
LATER = dt.date(2027, 6, 26)


def mail_of(kind: str, evening: PublishedEvening, **more: Any) -> Mail:
    """The e-mail of a kind, in French."""
    return evening_mail(kind, evening, public_url=URL, stop_url=STOP, locale="fr", translate=str, **more)


def spoken(mail: Mail) -> str:
    """Its first sentence, with plain spaces."""
    return mail.text.split("\n")[0].replace("\u00a0", " ")


def test_a_reminder_says_when_where_and_all_there_is_to_know() -> None:
    """The whole text, as it leaves."""
    evening = published_evening(commune="Éclaron", artists="Les Souliers vernis", prices="Sirop 1 €")
    assert mail_of("reminder", evening).text.replace("\u00a0", " ") == (
        "La guinguette est à Éclaron samedi 19 juin, 18 h-22 h.\n\n"
        "Où : Place de l’Église, 52290 Éclaron\n"
        "En cas de pluie : Salle des fêtes\n"
        "Avec : Les Souliers vernis\n"
        "Prix : Sirop 1 €\n\n"
        f"Tout sur la soirée : {URL}/soirees/eclaron1\n\n"
        "-- \n"
        "Vous recevez cet e-mail parce que vous l’avez demandé à la Guinguette mobile.\n"
        f"Ne plus rien recevoir : {STOP}\n"
    )


CANCELLED, POSTPONED = EveningState.CANCELLED, EveningState.POSTPONED


@pytest.mark.parametrize(
    ("kind", "evening", "said"),
    [
        ("cancelled", published_evening(commune="Éclaron", state=CANCELLED),
         "La guinguette à Éclaron du samedi 19 juin est annulée."),
        ("postponed", published_evening(commune="Les Islettes", state=POSTPONED, postponed_to_date=LATER),
         "La guinguette aux Islettes du samedi 19 juin est reportée au samedi 26 juin."),
        ("postponed", published_evening(commune="Éclaron", state=POSTPONED, postponed_to_date=LATER,
                                        postponed_to_sure=False),
         "La guinguette à Éclaron du samedi 19 juin est reportée, sans doute au samedi 26 juin (à confirmer)."),
        ("postponed", published_evening(commune="Éclaron", state=POSTPONED),
         "La guinguette à Éclaron du samedi 19 juin est reportée. La nouvelle date suivra."),
        ("moved_to_hall", published_evening(commune="Éclaron", venue=Venue.HALL),
         "La guinguette à Éclaron a lieu en salle, samedi 19 juin, 18 h-22 h."),
        ("changed", published_evening(commune="Éclaron"),
         "La guinguette à Éclaron change : samedi 19 juin, 18 h-22 h."),
        ("changed", published_evening(commune="Éclaron", previous_date=dt.date(2027, 6, 12)),
         "La guinguette à Éclaron change : samedi 19 juin, 18 h-22 h."),
    ],
)  # fmt: skip
def test_news_says_the_fact_first(kind: str, evening: PublishedEvening, said: str) -> None:
    """One sentence each, whatever became of the evening."""
    assert spoken(mail_of(kind, evening)) == said


def test_a_move_says_from_which_date() -> None:
    """The one that people have in mind, whenever an earlier version had another one still."""
    evening = published_evening(commune="Éclaron", previous_date=dt.date(2027, 6, 5))
    assert spoken(mail_of("changed", evening, date_before=dt.date(2027, 6, 12))) == (
        "La guinguette à Éclaron n’est plus le samedi 12 juin, mais le samedi 19 juin, 18 h-22 h."
    )


def test_of_what_does_not_take_place_only_the_reason_is_told() -> None:
    """No place and no price to set out for."""
    text = mail_of("cancelled", published_evening(state=CANCELLED, change_note="Orages.", prices="Sirop 1 €")).text
    assert "Orages." in text
    assert "Sirop" not in text
    assert "Place" not in text


def test_a_maybe_is_said_to_be_one() -> None:
    """Nobody drives ten kilometres on a maybe that looked like a yes."""
    assert "à confirmer" in mail_of("reminder", published_evening(state=EveningState.OPTION)).text


def test_an_email_in_place_of_an_sms_says_so() -> None:
    """Otherwise people wonder how we came by the address."""
    assert "Le SMS n’a pas pu" in mail_of("reminder", published_evening(), instead_of_sms=True).text
    assert "Le SMS" not in mail_of("reminder", published_evening()).text


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_kind_exists_in_every_language_on_one_line(kind: str, locale: str) -> None:
    """A subject is a header; what organisers type may have lines of its own."""
    evening = published_evening(change_note="Orages.\nVent.", description="Une\r\ndeux")
    mail = evening_mail(kind, evening, public_url=URL, stop_url=STOP, locale=locale, translate=translator(locale))
    assert "{" not in mail.subject + mail.text
    assert len(mail.subject.splitlines()) == 1
    assert ("guinguette" in mail.subject.lower(), "recevoir" in mail.text) == (True, locale == "fr")


class _Links(HTMLParser):
    """The links of a page and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where a link leads."""
        self.links += [value or "" for name, value in attrs if tag == "a" and name == "href"]

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self.words += data


@pytest.mark.parametrize(
    "mail",
    [
        mail_of("reminder", published_evening(artists="<b>Les & Souliers</b>")),
        code_mail("123456", hours=24, url=f"{URL}/lien?a=1&b=2", stop_url=STOP, translate=str),
        sign_in_mail(url=f"{URL}/connexion/lien/abc", hours=24, translate=str),
    ],
)
def test_the_page_says_what_the_text_says(mail: Mail) -> None:
    """Every word and every address of the text, well-formed, nothing fetched from anywhere, no markup let through."""
    page = as_html(mail, locale="fr")
    html5lib.HTMLParser(strict=True).parse(page)
    read = _Links(page)
    assert read.links == re.findall(r"https?://\S+", mail.text)
    without_links = re.sub(r"\s?:\s+https?://\S+", "", mail.text).replace("\n-- \n", "\n")
    assert " ".join(without_links.split()) in " ".join(read.words.split())
    assert not re.search(r"<(b|img|script|link)\b|url\(", page)


def test_the_code_is_not_in_the_subject() -> None:
    """Subjects are kept with the row, and shown on locked telephones."""
    mail = code_mail("123456", hours=24, url=URL, stop_url=STOP, translate=str)
    assert "123456" not in mail.subject
    assert "123456" in mail.text


@settings(max_examples=20, deadline=None)  # a busy machine is no fault
@given(st.tuples(*[st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=60)] * 4))
@example(("<b>", "{x}", "un mot : https://ailleurs.example", "avant\n-- \naprès"))
def test_whatever_is_typed_stays_text(typed: tuple[str, ...]) -> None:
    """The page is well-formed, its last link stops everything, and the signature is found where it begins."""
    commune, note, artists, description = typed
    evening = published_evening(commune=commune, change_note=note, artists=artists, description=description)
    mail = mail_of("reminder", evening)
    assert mail.text.count(f"\n{RULE}\n") == 1
    assert len(mail.subject.splitlines()) <= 1
    page = as_html(mail, locale="fr")
    html5lib.HTMLParser(strict=True).parse(page)
    assert _Links(page).links[-1] == STOP
    assert not re.search(r"<(b|img|script|link)\b", page)
