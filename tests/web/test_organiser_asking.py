"""Asking a tour's villages for their dates: the schedule, the message before it leaves, the answers, the call list."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Message, Tour
from tests import factories as make
from tests.fakes import NOW, FakeJobs

PAGE = "/organisation/tournees/ete/reponses"


@pytest.fixture
def tour(session: Session, vault: Vault) -> Tour:
    """Two dates in August: Allichamps has a mobile, Bailly an e-mail, Ceffonds neither; Droyes has answered."""
    tour = make.make_tour(session, slug="ete", name="Été", dates=[dt.date(2027, 8, 6), dt.date(2027, 8, 7)])
    people = {
        "Allichamps": {"phone_encrypted": vault.encrypt("+33639980001")},
        "Bailly": {"email": "mairie@bailly.example"},
        "Ceffonds": {"phone_encrypted": vault.encrypt("+33353010001"), "role": "maire"},
        "Droyes": {"phone_encrypted": vault.encrypt("+33639980004")},
    }
    for name, values in people.items():
        commune = make.make_commune(session, name=name)
        make.make_contact(session, committee=make.make_committee(session, commune=commune), **values)
        answer = {"availabilities": {dt.date(2027, 8, 6): "yes"}} if name == "Droyes" else {}
        make.make_request(session, tour=tour, commune=commune, **answer)
    session.commit()
    return tour


def scheduled(client: FlaskClient, tour: Tour, **typed: str) -> str:
    """Set when villages are to answer; the page that follows."""
    form = {"answer_by": "2027-07-07", "nudge_days": "7, 2", "version": str(tour.version)} | typed
    return client.post(f"{PAGE}/demander", data=form, follow_redirects=True).text


def test_the_message_is_read_before_it_leaves(
    organiser_client: FlaskClient, session: Session, tour: Tour, jobs: FakeJobs
) -> None:
    """With how many by SMS, by e-mail, by nobody, and what it costs; then the button, once."""
    page = scheduled(organiser_client, tour)
    assert "quels soirs pouvez-vous nous recevoir à Allichamps" in page
    assert "/comite/…" in page
    assert "mercredi 30\u00a0juin, lundi 5\u00a0juillet" in page  # the nudges
    assert "<b>1</b>par SMS" in page
    assert "<b>1</b>par e-mail" in page
    assert "0,16\u00a0€" in page
    assert "1 village est à appeler" in page
    assert session.scalars(select(Message)).all() == []
    answers = organiser_client.post(f"{PAGE}/envoyer", follow_redirects=True).text
    assert "2 villages sont interrogés." in answers
    assert jobs.sendings == 1
    [sms] = session.scalars(select(Message).where(Message.channel == "sms")).all()
    assert "Allichamps" in organiser_client.get(f"/organisation/messages/{sms.id}").text
    session.rollback()
    assert "0 village est interrogé." in organiser_client.post(f"{PAGE}/envoyer", follow_redirects=True).text
    session.rollback()
    assert len(session.scalars(select(Message)).all()) == 2
    assert "Tous les villages" not in organiser_client.get(f"{PAGE}/demander").text  # Ceffonds is to be rung


def test_each_village_says_where_it_stands(organiser_client: FlaskClient, tour: Tour) -> None:
    """Who has answered, by which way and how; who is to be rung; one filter each; the way to type an answer."""
    scheduled(organiser_client, tour)
    organiser_client.post(f"{PAGE}/envoyer")
    page = organiser_client.get(PAGE).text
    assert "1 village sur 4 a répondu" in page
    assert "Reçu par téléphone" in page
    assert "1 oui, 0 si besoin, 1 non" in page  # what was not named by telephone is no
    assert page.index("Ceffonds") < page.index("Droyes")
    ringing = organiser_client.get(f"{PAGE}?etat=a-appeler").text
    assert "Ceffonds" in ringing
    assert "Allichamps" not in ringing
    assert "/disponibilites" in ringing
    assert organiser_client.get(f"{PAGE}?etat=rien-de-tel").text.count("<tr>") == page.count("<tr>")


def test_an_answer_by_link_says_so(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """And how many days it still lacks."""
    request = next(each for each in tour.requests if each.commune.name == "Allichamps")
    request.answered_at, request.answered_by, request.answered_how = NOW, "lien de Mme Petit", "link"
    session.commit()
    page = organiser_client.get(f"{PAGE}?etat=commence").text
    assert "Par le lien de Mme Petit" in page
    assert "2 sans réponse" in page


def test_the_call_list_has_numbers_in_full(organiser_client: FlaskClient, tour: Tour) -> None:
    """Of those only who are waited for, and room to write."""
    page = organiser_client.get(f"{PAGE}/appels").text
    assert "3 villages à appeler" in page
    assert "03\u00a053\u00a001\u00a000\u00a001" in page
    assert "Ceffonds" in page
    assert "maire" in page
    assert "Droyes" not in page
    assert page.count("Si besoin") == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"answer_by": "2027-06-09"}, "au moins jusqu’à demain"),
        ({"answer_by": "2027-09-01"}, "La tournée finit le samedi 7\u00a0août"),
        ({"nudge_days": "bientôt"}, "Écrivez des nombres de jours"),
        ({"nudge_days": "90"}, "60 jours avant au plus"),
        ({"version": "0"}, "relisez"),
    ],
)
def test_a_schedule_is_refused_beside_its_field(
    organiser_client: FlaskClient, tour: Tour, typed: dict[str, str], said: str
) -> None:
    """With a sentence that says what to do; nothing can be sent then."""
    page = scheduled(organiser_client, tour, **typed)
    assert said in page
    assert "Dites d’abord jusqu’à quand" in organiser_client.post(f"{PAGE}/envoyer", follow_redirects=True).text


def test_who_got_no_date_is_told_by_a_button(
    organiser_client: FlaskClient, session: Session, tour: Tour, jobs: FakeJobs
) -> None:
    """With the text before it leaves, and the name of whoever must be rung."""
    assert "pas encore en ligne" in organiser_client.get(f"{PAGE}/sans-date").text
    served = next(each for each in tour.requests if each.commune.name == "Droyes")
    evening = make.make_evening(session, tour=tour, commune=served.commune)
    make.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    assert "3 villages ne le savent pas encore" in organiser_client.get(PAGE).text
    page = organiser_client.get(f"{PAGE}/sans-date").text
    assert "pas de soirée à Allichamps cette fois" in page
    assert "Prévenir 2 villages" in page
    assert "À appeler" in page
    assert "2 villages sont prévenus." in organiser_client.post(f"{PAGE}/sans-date", follow_redirects=True).text
    assert jobs.sendings == 1
    assert "Prévenir" not in organiser_client.get(f"{PAGE}/sans-date").text
    ceffonds = next(each.commune_insee for each in tour.requests if each.commune.name == "Ceffonds")
    rung = organiser_client.post(f"{PAGE}/sans-date/{ceffonds}/appele", follow_redirects=True).text
    assert "Par téléphone" in rung
    assert "Tous le savent" in organiser_client.get(PAGE).text
    assert "Allichamps" in organiser_client.get("/organisation/messages").text


def test_villagers_stay_out(client: FlaskClient, tour: Tour) -> None:
    """Numbers are for organisers."""
    assert client.get(f"{PAGE}/appels").status_code == 302
