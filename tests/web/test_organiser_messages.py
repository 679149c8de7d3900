"""The desk's page of messages: each with its life, what went wrong with what to do, how the ways out stand."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Gateway, Message, RuleSetting
from guinguette.services.messages import NEVER_LEFT
from tests import factories as make
from tests.fakes import NOW, FakeJobs

MESSAGES = "/organisation/messages"


@pytest.fixture
def message(session: Session, evening: Evening, vault: Vault) -> Message:
    """A reminder that Twilio has refused."""
    person = make.make_subscriber(session, vault=vault, phone="+33639981234")
    body = "Guinguette : demain. STOP : https://guinguette.example/stop/abcdefghij"
    failed = {"state": "failed", "error": "21211 HTTP 400", "ended_at": NOW, "body": body, "number": 20270619}
    message = make.make_message(session, id="failed1", subscriber=person, evening=evening, **failed)
    session.commit()
    return message


def _row(page: str) -> str:
    """Return the words of the list's rows, without their tags."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_a_message_with_what_went_wrong_and_what_to_do(organiser_client: FlaskClient, message: Message) -> None:
    """On the list and on its page, in words; the number is masked and nobody's STOP link is shown."""
    page = organiser_client.get(MESSAGES).text
    row = _row(page)
    assert row.startswith("Rappel de la veille Vignory, samedi 19 juin +33 •••••••34")
    assert row.endswith("Échec Ce numéro n’existe pas.")
    assert "Demandez-lui son numéro de portable" in page
    assert f'href="{MESSAGES}?etat=failed&amp;voie=sms&amp;erreur=21211"' in page
    page = organiser_client.get(f"{MESSAGES}/failed1").text
    assert "Demandez-lui son numéro de portable" in page
    assert "/stop/…" in page
    assert not [secret for secret in ("abcdefghij", "639981234", "98 12 34") if secret in page]
    assert [step for step in ("Écrit", "À envoyer", "Échec") if f"<b>{step}</b>" in page] == [
        "Écrit",
        "À envoyer",
        "Échec",
    ]


def test_a_code_stays_between_its_two_ends(organiser_client: FlaskClient, session: Session, vault: Vault) -> None:
    """Organisers see that a code is waiting, never which."""
    person = make.make_subscriber(session, vault=vault)
    make.make_message(session, id="code1", subscriber=person, kind="code", body="votre code est 123456")
    session.commit()
    assert "123456" not in organiser_client.get(f"{MESSAGES}/code1").text + organiser_client.get(MESSAGES).text


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 2),
        ("?etat=failed", 1),
        ("?etat=eaten", 2),
        ("?nature=cancelled", 1),
        ("?voie=email", 0),
        ("?tournee=ete&soiree=vignory1", 2),
        ("?jour=2027-06-09", 2),
        ("?jour=demain&page=x", 2),
        ("?erreur=21211", 1),
    ],
)
def test_the_list_is_filtered_by_its_address(
    organiser_client: FlaskClient, session: Session, message: Message, query: str, rows: int
) -> None:
    """Each filter stands in the address; nonsense there is no filter."""
    make.make_message(session, subscriber=message.subscriber, evening=message.evening, kind="cancelled")
    session.commit()
    page = organiser_client.get(MESSAGES + query).text
    assert page.count('<th scope="row">') == rows
    assert ("Aucun message ne correspond." in page) is (rows == 0)


def test_the_list_takes_no_query_per_row(
    organiser_client: FlaskClient, session: Session, message: Message, queries: list[str], vault: Vault
) -> None:
    """Forty rows cost what three do."""
    counts = []
    for more in (2, 38):
        for number in range(more):
            person = make.make_subscriber(session, vault=vault, phone=f"+3363998{more:02}{number:02}")
            make.make_message(session, subscriber=person, evening=message.evening, number=more)
        session.commit()
        queries.clear()
        organiser_client.get(MESSAGES)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_message_that_was_erased_is_not_there(organiser_client: FlaskClient) -> None:
    """A page of ours."""
    assert organiser_client.get(f"{MESSAGES}/nope").status_code == 404


def test_what_never_left_may_be_sent_again(
    organiser_client: FlaskClient, session: Session, message: Message, jobs: FakeJobs
) -> None:
    """A button where the provider has never heard of it; elsewhere none, and who posts all the same reads why not."""
    assert "Le renvoyer" not in organiser_client.get(f"{MESSAGES}/failed1").text
    answer = organiser_client.post(f"{MESSAGES}/failed1/renvoyer", follow_redirects=True)
    assert "Ce message est peut-être parti" in answer.text
    assert jobs.sendings == 0
    message.error = NEVER_LEFT
    session.commit()
    assert "Le renvoyer" in organiser_client.get(f"{MESSAGES}/failed1").text
    assert "Il repart." in organiser_client.post(f"{MESSAGES}/failed1/renvoyer", follow_redirects=True).text
    session.refresh(message)
    assert (message.state, jobs.sendings) == ("queued", 1)


def test_pause_and_resume(organiser_client: FlaskClient, session: Session, jobs: FakeJobs) -> None:
    """A reason is needed; every page of the desk says it, with who; resuming has what is due sent."""
    page = organiser_client.post(f"{MESSAGES}/sms/suspendre", data={"reason": " "}).text
    assert "Ce champ est à remplir." in page
    answer = organiser_client.post(f"{MESSAGES}/sms/suspendre", data={"reason": "texte faux"}, follow_redirects=True)
    assert "C’est suspendu." in answer.text
    home = organiser_client.get("/organisation/regles").text
    assert "Les SMS sont suspendus." in home
    assert "« texte faux » (user" in home
    assert jobs.sendings == 0
    answer = organiser_client.post(f"{MESSAGES}/sms/reprendre", follow_redirects=True)
    assert "Les envois reprennent." in answer.text
    assert jobs.sendings == 1
    assert "Les SMS sont suspendus." not in organiser_client.get("/organisation/regles").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"down_since": NOW, "last_error": "20003 HTTP 401"},
            "Les SMS ne partent plus : le fournisseur refuse ou ne répond pas.",
        ),
        ({"day": dt.date(2027, 6, 9), "capped": True}, "la limite du jour du fournisseur est atteinte."),
        ({"day": dt.date(2027, 6, 9), "spent": 9}, "seules les urgences partent encore"),  # a text may make two
        ({"day": dt.date(2027, 6, 9), "spent": 19}, "urgences comprises"),
    ],
)
def test_the_banner_says_why_nothing_leaves(
    organiser_client: FlaskClient, session: Session, message: Message, values: dict[str, object], sentence: str
) -> None:
    """Down, capped or out of budget: on each page of the desk, with how many wait."""
    session.add(RuleSetting(key="sms_daily_budget", value=10, valid_from=dt.date(2027, 1, 1), source="essai"))
    session.add(Gateway(channel="sms", **values))
    make.make_message(session, subscriber=message.subscriber, evening=message.evening, kind="cancelled")
    session.commit()
    page = organiser_client.get("/organisation/vehicules").text
    assert sentence in page
    assert "1 message attend." in page
    assert "Les e-mails" not in page
    assert sentence not in organiser_client.get("/organisation/nulle-part").text


def test_todays_budget_is_raised(organiser_client: FlaskClient, session: Session, jobs: FakeJobs) -> None:
    """By a whole number, today only; then what waits is sent."""
    page = organiser_client.get(f"{MESSAGES}/sms/budget").text
    assert "Cent envois coûtent 8,00\u00a0€ environ." in page
    assert "Écrivez un nombre entier" in organiser_client.post(f"{MESSAGES}/sms/budget", data={"segments": "0"}).text
    assert jobs.sendings == 0
    answer = organiser_client.post(f"{MESSAGES}/sms/budget", data={"segments": "500"}, follow_redirects=True)
    assert "C’est relevé pour aujourd’hui." in answer.text
    assert "500 de plus ont été accordés pour la journée." in answer.text
    assert (session.scalars(select(Gateway)).one().raised, jobs.sendings) == (500, 1)


def test_what_the_sms_cost(organiser_client: FlaskClient, session: Session, message: Message) -> None:
    """By tour and funder, in SMS, segments and euros."""
    assert "Aucun SMS n’est encore parti." in organiser_client.get(f"{MESSAGES}/couts").text
    message.state, message.segments = "delivered", 2
    session.commit()
    page = organiser_client.get(f"{MESSAGES}/couts").text
    assert _row(page).startswith("CA Saint-Dizier Der et Blaise 1 2 0,16 €")
