"""« Demander une visite » and what becomes of it at the desk: no robot, nobody's number in a log."""

import logging

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.adapters.vault import Vault
from guinguette.models import Commune, Contact, VisitRequest
from guinguette.services.attempts import forget_over
from tests import factories as make
from tests.fakes import FixedClock

PAGE = "/demander-une-visite"


@pytest.fixture
def commune(session: Session) -> Commune:
    """Éclaron, which takes no part."""
    commune = make.make_commune(session, insee="52182", name="Éclaron")
    session.commit()
    return commune


def opened(client: FlaskClient) -> str:
    """The signed time of the form, opened now."""
    page = client.get(f"{PAGE}?commune=52182").text
    return page.partition('name="opened"')[2].partition('value="')[2].partition('"')[0]


def sent(client: FlaskClient, clock: FixedClock, *, seconds: float = 30, **typed: str) -> TestResponse:
    """Open the form, take ``seconds`` to fill it in, and send it."""
    form = {
        "commune": "52182", "opened": opened(client), "name": "Jeanne Petit", "role": "maire",
        "phone": "06 39 98 00 01", "wish": "En juillet.", "consent": "y",
    }  # fmt: skip
    clock.advance(seconds=seconds)
    return client.post(PAGE, data=form | typed)


def kept(session: Session) -> list[VisitRequest]:
    """What there is to read."""
    session.rollback()
    return list(session.scalars(select(VisitRequest)))


def test_a_village_is_found_then_asked_for(
    client: FlaskClient, clock: FixedClock, session: Session, commune: Commune
) -> None:
    """From its own page or by its name, without JavaScript; and thanked."""
    assert f"{PAGE}?commune=52182" in client.get("/communes/52182").text
    assert PAGE in client.get("/").text
    assert f"{PAGE}?commune=52182" in client.get(f"{PAGE}?q=eclaron").text
    assert "Aucune commune de France" in client.get(f"{PAGE}?q=xyzzy").text
    assert sent(client, clock).location == f"{PAGE}/merci"
    assert "vous répond" in client.get(f"{PAGE}/merci").text
    [row] = kept(session)
    assert (row.commune_insee, row.name, row.wish) == ("52182", "Jeanne Petit", "En juillet.")


@pytest.mark.parametrize(
    "caught", [{"remark": "Buy now"}, {"opened": ""}, {"opened": "1812535200." + "0" * 64}, {"seconds": 1}]
)
def test_a_robot_reads_the_same_thanks(
    client: FlaskClient, clock: FixedClock, session: Session, commune: Commune, caught: dict[str, str]
) -> None:
    """Whether it fills in what nobody sees, makes up when it came, or is too quick: it learns nothing, nor do we."""
    assert "Ce champ est à remplir" in sent(client, clock, name="", **caught).text  # type: ignore[arg-type]
    answer = sent(client, clock, **caught)  # type: ignore[arg-type]
    assert (answer.status_code, answer.location) == (302, f"{PAGE}/merci")
    assert kept(session) == []


def test_a_page_left_open_overnight_is_sent_again(
    client: FlaskClient, clock: FixedClock, session: Session, commune: Commune
) -> None:
    """Nothing that was typed is lost, and the page says what to do."""
    answer = sent(client, clock, seconds=13 * 3600)
    assert answer.status_code == 400
    assert "restée ouverte longtemps" in answer.text
    assert "Jeanne Petit" in answer.text
    assert kept(session) == []


def test_what_is_missing_is_said_beside_its_field(
    client: FlaskClient, clock: FixedClock, session: Session, commune: Commune
) -> None:
    """With what was typed; corrected at once, it is not taken for a robot's."""
    answer = sent(client, clock, email="jeanne@", phone="")
    assert "n’est pas complète" in answer.text
    assert "En juillet." in answer.text
    stamp = answer.text.partition('name="opened"')[2].partition('value="')[2].partition('"')[0]
    assert "Cochez la case" in sent(client, clock, consent="", opened=stamp).text
    assert sent(client, clock, seconds=0, opened=stamp).status_code == 302
    assert len(kept(session)) == 1
    assert sent(client, clock, commune="99999").location == sent(client, clock, commune="\0").location == PAGE
    assert "Lequel" not in client.get(f"{PAGE}?commune=%00").text
    assert sent(client, clock, name="Jean\0ne", wish="\0", phone="", email="j@example.org").status_code == 302
    assert kept(session)[-1].name == "Jean ne"


def test_an_address_cannot_ask_without_end(
    client: FlaskClient, clock: FixedClock, session: Session, commune: Commune
) -> None:
    """Ten times an hour, whoever it says it is."""
    answers = [sent(client, clock, phone=f"06 39 98 00 {number:02}").status_code for number in range(11)]
    assert answers == [302] * 10 + [429]
    assert len(kept(session)) == 10
    clock.advance(days=2)
    forget_over(session, clock)
    session.commit()
    assert sent(client, clock).status_code == 302


def test_no_log_says_who_asked(
    client: FlaskClient, clock: FixedClock, commune: Commune, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither name nor number nor words."""
    caplog.set_level(logging.DEBUG)
    sent(client, clock)
    sent(client, clock, consent="")
    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert [each for each in ("Jeanne", "98 00 01", "980001", "juillet") if each in told] == []


def test_an_organiser_reads_and_accepts(
    client: FlaskClient, organiser_client: FlaskClient, clock: FixedClock, session: Session, vault: Vault,
    commune: Commune,
) -> None:  # fmt: skip
    """Told on the first page; the village's contact from then on, in a tour if one says so."""
    tour = make.make_tour(session, name="Été 2027")
    session.commit()
    sent(client, clock)
    [row] = kept(session)
    assert "1 demande de visite à lire" in organiser_client.get("/organisation/").text
    assert "Éclaron, Jeanne Petit" in organiser_client.get("/organisation/demandes").text
    page = organiser_client.get(f"/organisation/demandes/{row.id}").text
    assert "06\u00a039\u00a098\u00a000\u00a001" in page
    assert "En juillet." in page
    accept = f"/organisation/demandes/{row.id}/accepter"
    assert organiser_client.post(accept, data={"kind": "committee", "name": ""}).status_code == 400
    form = {"committee_id": "", "kind": "committee", "name": "Comité des fêtes", "tour_id": str(tour.id)}
    answer = organiser_client.post(accept, data=form, follow_redirects=True)
    assert "Jeanne Petit est un contact du village." in answer.text
    session.rollback()
    [contact] = session.scalars(select(Contact)).all()
    assert vault.decrypt(contact.phone_encrypted) == "+33639980001"
    assert [request.commune_insee for request in tour.requests] == ["52182"]
    assert "à lire" not in organiser_client.get("/organisation/").text
    assert "a déjà répondu" in organiser_client.post(accept, data=form, follow_redirects=True).text
    assert "Acceptée" in organiser_client.get(f"/organisation/demandes/{row.id}").text


def test_an_organiser_declines_with_a_word(
    client: FlaskClient, organiser_client: FlaskClient, clock: FixedClock, session: Session, commune: Commune
) -> None:
    """Ready in an e-mail; one that waits too long is shown to, and so is one that looks like an advertisement."""
    sent(client, clock, phone="", email="jp@example.org", wish="www.casino.example")
    clock.advance(days=20)
    listed = organiser_client.get("/organisation/demandes").text
    assert "Attend depuis 20 jours." in listed
    assert "Contient un lien" in listed
    [row] = kept(session)
    decline = f"/organisation/demandes/{row.id}/decliner"
    page = organiser_client.post(decline, data={"answer": "Trop loin & tard."}, follow_redirects=True).text
    assert "« Trop loin &amp; tard. »".replace(" »", "\u00a0»").replace("« ", "«\u00a0") in page
    assert "mailto:jp%40example.org?subject=" in page
    assert "Trop%20loin%20%26%20tard." in page
    assert organiser_client.get("/organisation/demandes/999").status_code == 404
