"""The pages of the options: sent one by one or many at once, answered by telephone, filtered."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import DateOption, Evening, Message, Subscription
from guinguette.services import publication
from tests import factories as make
from tests.fakes import FixedClock

SATURDAY = dt.date(2027, 7, 17)
OPTIONS = "/organisation/tournees/ete/options"
EVENING = "/organisation/soirees/vignory1"


@pytest.fixture
def evening(session: Session, clock: FixedClock, vault: Vault) -> Evening:
    """A proposed evening at Vignory, online, with somebody to ring and one subscriber."""
    van = make.make_vehicle(session, name="Lucette")
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[SATURDAY], vehicles=[van])
    commune = make.make_commune(session, name="Vignory")
    committee = make.make_committee(session, commune=commune)
    make.make_contact(session, committee=committee, name="Jeanne Petit", phone_encrypted=vault.encrypt("+33639980012"))
    evening = make.make_evening(
        session, id="vignory1", tour=tour, commune=commune, vehicle=van, date=SATURDAY, state="proposed"
    )
    make.make_subscriber(session, vault=vault, scopes=[f"commune:{commune.insee}"])
    publication.refresh(session, tour, actor="x", clock=clock)
    session.commit()
    return evening


def page(client: FlaskClient, path: str, **data: object) -> str:
    """Return a page, fetched or (with fields) posted."""
    answer = client.post(path, data=data, follow_redirects=True) if data else client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_from_the_evening_to_the_answer(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """Its page sends the option with the usual expiry, then shows whom to ring, then takes the answer."""
    assert 'value="2027-06-24"' in page(organiser_client, f"{EVENING}/option")
    html = page(organiser_client, f"{EVENING}/option", version=evening.version, expires_on="2027-06-20")
    assert "L’option est envoyée." in html
    assert "réponse attendue dans 11 jours" in html
    assert "Jeanne Petit, 06\u00a039\u00a098\u00a000\u00a012" in html
    assert f'action="{EVENING}/confirmer"' not in html
    assert 'value="téléphone de Jeanne Petit"' in page(organiser_client, f"{EVENING}/reponse")
    session.refresh(evening)
    fields = {"version": evening.version, "answer": "accepted", "answered_by": "téléphone de Jeanne Petit"}
    html = page(organiser_client, f"{EVENING}/reponse", **fields)
    assert "La réponse est notée." in html
    assert "Confirmée" in html
    assert "Reçu par téléphone de Jeanne Petit" in page(organiser_client, OPTIONS)


def test_a_refusal_shows_the_sms_before_it_leaves(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """Nothing has happened yet on the page that shows it."""
    page(organiser_client, f"{EVENING}/option", version=evening.version, expires_on="2027-06-20")
    session.refresh(evening)
    fields = {"version": evening.version, "answer": "refused", "answered_by": "téléphone"}
    assert "ANNUL" in page(organiser_client, f"{EVENING}/reponse", **fields)
    assert session.scalars(select(DateOption.state)).all() == ["sent"]
    html = page(organiser_client, f"{EVENING}/reponse", confirmed="1", **fields)
    assert "La réponse est notée." in html
    session.expire_all()
    assert session.scalars(select(DateOption.state)).all() == ["refused"]
    assert set(session.scalars(select(Message.kind))) == {"cancelled", "option"}  # and the host had been asked


def test_many_are_sent_at_once(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """All that nobody was asked for are ticked; the list then shows them with their expiry and can be filtered."""
    assert f'value="{evening.id}:{evening.version}"' in page(organiser_client, OPTIONS)
    html = page(organiser_client, f"{OPTIONS}/envoyer", evening=f"{evening.id}:{evening.version}", expires_on="")
    assert "1 option est envoyée." in html
    assert "jusqu’au jeudi 24\u00a0juin" in html
    assert f"{EVENING}/reponse" in html
    assert "Vignory" in page(organiser_client, f"{OPTIONS}?etat=attente")
    assert "Vignory" not in page(organiser_client, f"{OPTIONS}?etat=refusees")


def test_what_lapses_soon_says_so(
    organiser_client: FlaskClient, evening: Evening, session: Session, clock: FixedClock
) -> None:
    """From three days before: the time left, in words."""
    page(organiser_client, f"{OPTIONS}/envoyer", evening=f"{evening.id}:{evening.version}")
    assert "Échéance" not in page(organiser_client, OPTIONS)
    clock.advance(days=12)
    assert "Échéance dans 3 jours" in page(organiser_client, OPTIONS)
    clock.advance(days=2)
    assert "Échéance demain" in page(organiser_client, OPTIONS)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"evening": "", "expires_on": ""}, "Cochez au moins une soirée."),
        ({"evening": "vignory1:99", "expires_on": ""}, "entre-temps"),
        ({"evening": "vignory1:1", "expires_on": "2027-07-17"}, "avant la soirée"),
        ({"evening": "vignory1:1", "expires_on": "2027-06-01"}, "passée"),
    ],
)
@pytest.mark.usefixtures("evening")
def test_what_cannot_be_sent_is_said(organiser_client: FlaskClient, sent: dict[str, str], sentence: str) -> None:
    """Nothing ticked, somebody else was faster, a day that makes no sense: a sentence, and nothing is sent."""
    assert sentence in page(organiser_client, f"{OPTIONS}/envoyer", **sent)


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize(
    "fields", [{"answer": "", "answered_by": "x"}, {"answer": "accepted", "answered_by": ""}, {"answer": "accepted"}]
)
def test_an_answer_needs_its_words(organiser_client: FlaskClient, fields: dict[str, str]) -> None:
    """Yes or no, and who: said beside the field."""
    assert "Rien n’est encore enregistré." in page(organiser_client, f"{EVENING}/reponse", version="1", **fields)


def test_a_refusal_is_asked_for_twice_even_where_nobody_is_told(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """It calls the evening off, which cannot be taken back."""
    session.query(Subscription).delete()
    session.commit()
    page(organiser_client, f"{EVENING}/option", version=evening.version, expires_on="2027-06-20")
    session.refresh(evening)
    fields = {"version": evening.version, "answer": "refused", "answered_by": "téléphone"}
    assert "On ne peut pas revenir en arrière." in page(organiser_client, f"{EVENING}/reponse", **fields)
    session.refresh(evening)
    assert evening.state == "option"


@pytest.mark.usefixtures("evening")
def test_an_answer_to_no_question_is_refused(organiser_client: FlaskClient) -> None:
    """Typed by hand, or a page from before."""
    html = page(organiser_client, f"{EVENING}/reponse", version="1", answer="accepted", answered_by="téléphone")
    assert "Aucune option n’attend de réponse" in html
