"""The urgent path: called off from a telephone, who has heard of it, whom to ring, ticked as they ring."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Call, Evening, Message
from tests import factories as make
from tests.web.evening_page import carry_out, page, rehearse


@pytest.fixture
def landline(session: Session, evening: Evening, vault: Vault) -> int:
    """Somebody of the village who can only be rung."""
    values = {"landline": True, "name_encrypted": vault.encrypt("Mme Petit")}
    scopes = [f"commune:{evening.commune_insee}"]
    person = make.make_subscriber(session, vault=vault, phone="+33199001234", scopes=scopes, **values)
    session.commit()
    return person.id


def test_from_cancelling_to_the_last_call(
    organiser_client: FlaskClient, evening: Evening, session: Session, landline: int
) -> None:
    """Said before, shown after, rung, ticked: at each step the numbers add up."""
    assert "1 personne sera à appeler" in rehearse(organiser_client, evening, "annuler", reason="canicule")
    assert session.scalars(select(Call)).all() == []
    html = carry_out(organiser_client, evening, "annuler", reason="canicule")
    assert "2 personnes sont concernées" in html
    assert "1 SMS va partir" in html
    assert "1 personne à appeler : ni SMS ni e-mail" in html
    assert "99 00 12 34" not in html.replace("\u00a0", " ")  # numbers stand in full on the list alone

    html = page(organiser_client, "/appels")
    assert "La guinguette de Vignory, samedi 19\u00a0juin, est annulée." in html
    assert "Pourquoi : canicule." in html
    assert 'href="tel:+33199001234"' in html
    assert "Mme Petit" in html
    assert "Vignory : 1 personne" in organiser_client.get("/organisation/messages/appels").text

    html = page(organiser_client, "/appels", data={"call": f"{landline}:reached", "by": "Odile"})
    assert "Au courant : Odile, mercredi 9\u00a0juin" in html
    assert 'value="Odile"' in html
    assert "Il reste 0 personne à appeler." in html
    session.scalars(select(Message)).one().state = "delivered"
    session.commit()
    html = page(organiser_client, "/joints")
    assert "pas encore" in html
    assert "hx-get" not in html  # nothing moves any more: no need to ask again
    assert 'value="2"' in html
    assert "Personne n’est à appeler." in organiser_client.get("/organisation/messages/appels").text


@pytest.mark.parametrize("path", ["/joints", "/appels"])
def test_nobody_was_to_be_told(organiser_client: FlaskClient, evening: Evening, path: str) -> None:
    """An evening of which nothing has changed has no count and no call list."""
    answer = organiser_client.get(f"/organisation/soirees/vignory1{path}")
    assert answer.status_code == 404
    assert "rien de nouveau à annoncer" in answer.text


def test_whoever_rings_says_so(organiser_client: FlaskClient, evening: Evening, landline: int) -> None:
    """Without a name nothing is written, and the sentence stands beside the field."""
    carry_out(organiser_client, evening, "annuler", reason="canicule")
    address = "/organisation/soirees/vignory1/appels"
    answer = organiser_client.post(address, data={"call": f"{landline}:reached", "by": " "})
    assert answer.status_code == 400
    assert "Dites d’abord qui appelle" in answer.text.split('id="by-erreur"')[1]
    assert organiser_client.post(address, data={"call": "x:reached", "by": "Odile"}).status_code == 404


def test_those_whose_sms_has_not_arrived_may_be_rung_too(
    organiser_client: FlaskClient, evening: Evening, landline: int
) -> None:
    """The provider is down, time is short: one link adds them, and a tick keeps them in sight."""
    carry_out(organiser_client, evening, "annuler", reason="canicule")
    html = page(organiser_client, "/appels")
    assert "Montrer aussi la personne dont le message n’est pas encore arrivé" in html
    assert "tel:+33639980001" not in html
    assert "Son message n’est pas encore parti." in page(organiser_client, "/appels?tous=1")
    data = {"call": f"{landline}:unreached", "by": "Odile"}
    html = page(organiser_client, "/appels?tous=1", data=data)
    assert "Pas de réponse : Odile" in html
    assert "tel:+33639980001" in html


def test_a_volunteer_gets_the_numbers_of_one_village(
    organiser_client: FlaskClient, evening: Evening, session: Session, landline: int, vault: Vault
) -> None:
    """The sheet of one village holds nobody else's number, also after a tick."""
    scopes = [f"tour:{evening.tour.slug}"]
    make.make_subscriber(session, vault=vault, phone="+33199005678", landline=True, scopes=scopes)
    session.commit()
    carry_out(organiser_client, evening, "annuler", reason="canicule")
    assert "tel:+33199005678" in page(organiser_client, "/appels")
    sheet = f"/appels?village={evening.commune_insee}"
    html = page(organiser_client, sheet, data={"call": f"{landline}:unreached", "by": "Odile"})
    assert "tel:+33199001234" in html
    assert "tel:+33199005678" not in html
    assert "tel:+33199001234" not in page(organiser_client, "/appels?village=tournee")


def test_without_news_there_is_nobody_to_ring(organiser_client: FlaskClient, evening: Evening) -> None:
    """A confirmed evening has no call list, and its page no count."""
    assert organiser_client.get("/organisation/soirees/vignory1/appels").status_code == 404
    assert "Qui l’a appris" not in page(organiser_client)
