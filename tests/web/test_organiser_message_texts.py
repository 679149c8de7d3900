"""The pages where organisers write the messages' texts, with and without JavaScript."""

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Evening, MessageTemplate
from guinguette.publishing.message_texts import TEMPLATES
from guinguette.web.language import languages

BASE = "/organisation/messages/textes"
REMINDER = f"{BASE}/reminder/fr"
MINE = "Ça guinche {jour} {village}, {heures}{lieu}. La fête ! {stop}"


def text_of(client: FlaskClient, address: str, **data: object) -> str:
    """Return a page's text, fetched or posted, without marks and with plain spaces."""
    response = client.post(address, data=data, follow_redirects=True) if data else client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    plain = re.sub(r"<[^>]+>", "", response.get_data(as_text=True))
    return re.sub(r"\s+", " ", html.unescape(plain).replace("\u00a0", " "))


def kept(session: Session) -> list[str]:
    """The organisers' own words."""
    session.expire_all()
    return list(session.scalars(select(MessageTemplate.text)))


def test_every_text_is_listed_in_every_language(organiser_client: FlaskClient, evening: Evening) -> None:
    """And each page opens, with its text as it would leave."""
    page = organiser_client.get(BASE).get_data(as_text=True)
    for key in TEMPLATES:
        for code in languages():
            assert f'href="{BASE}/{key}/{code}"' in page
        assert "Ce que les gens liront" in text_of(organiser_client, f"{BASE}/{key}/fr")


def test_a_preview_without_javascript_keeps_nothing(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """The exact text with a real evening, how many SMS and people, at what price; the letters that change."""
    page = text_of(organiser_client, REMINDER, text=MINE, version=0, preview="1")
    assert "La prochaine, samedi 19 juin, Vignory :" in page
    assert "Ça guinche samedi 19 juin à Vignory, 18 h-22 h, Place de l'Église. La fete ! http" in page
    assert "1 SMS, " in page
    assert "À 1 personne : 0,08 €" in page
    assert "ê →devient e" in page
    assert kept(session) == []


def test_htmx_gets_the_same_preview(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """Or why it cannot be kept, in the words that saving says."""
    page = text_of(organiser_client, f"{REMINDER}/apercu", text=MINE)
    assert "La fete !" in page
    assert "Les remplacer dans mon texte" in page
    assert "Il manque {stop} : le lien qui arrête tout" in text_of(
        organiser_client, f"{REMINDER}/apercu", text=MINE.replace("{stop}", "")
    )
    assert kept(session) == []


def test_letters_are_replaced_on_demand(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """In the field itself, not yet kept."""
    page = text_of(organiser_client, REMINDER, text=MINE, version=0, plain="1")
    assert "{village}, {heures}{lieu}. La fete ! {stop}" in page
    assert "Les remplacer dans mon texte" not in page
    assert kept(session) == []


def test_words_are_kept_refused_and_taken_back(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """The list shows them; the built-in ones come back by a button."""
    assert "« {prix} » n’existe pas dans ce texte" in text_of(
        organiser_client, REMINDER, text=MINE + "{prix}", version=0
    )
    assert kept(session) == []
    page = text_of(organiser_client, REMINDER, text=MINE, version=0)
    assert "C’est enregistré." in page
    assert MINE in page
    assert "(vos mots)" in page
    assert kept(session) == ["Ça guinche {day} {where}, {hours}{place}. La fête ! {stop}"]
    assert "a modifié ce texte entre-temps" in text_of(organiser_client, REMINDER, text=MINE + " A", version=0)
    assert "Le texte d’origine est de retour." in text_of(organiser_client, f"{REMINDER}/origine", version=1)
    assert kept(session) == [""]
    assert "(vos mots)" not in text_of(organiser_client, BASE)


@pytest.mark.parametrize("address", [f"{BASE}/nothing/fr", f"{BASE}/reminder/xx"])
def test_what_does_not_exist_is_not_found(organiser_client: FlaskClient, address: str) -> None:
    """Neither a text nor a language."""
    assert organiser_client.get(address).status_code == 404


def test_words_that_lack_a_field_are_shown_and_do_not_leave(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """The editor begins with the built-in ones, and says what was missing."""
    session.add(MessageTemplate(key="option", locale="fr", text="Venez-vous {day} {where} jusqu’au {until} ? {stop}"))
    session.commit()
    page = text_of(organiser_client, f"{BASE}/option/fr")
    assert "Il y manque {lien}, que ce texte doit avoir depuis." in page
    assert "Venez-vous {jour} {village} jusqu’au {échéance} ? {stop}" in page
    assert "pouvez-vous nous recevoir {jour}" in page
