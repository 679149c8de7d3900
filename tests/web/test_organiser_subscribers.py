"""The organiser's hand on subscribers: found by number or e-mail, stopped, given, erased; and the paper list."""

import datetime as dt
import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Consent, Message, Opposition, Subscriber, Subscription, User
from guinguette.services import opting_out
from tests.factories import make_commune, make_evening, make_message, make_publication, make_subscriber, make_tour
from tests.fakes import NOW, FakeJobs, FixedClock

PHONE, E164 = "06 39 98 12 34", "+33639981234"
LIST = "/organisation/abonnes/liste"


@pytest.fixture
def person(session: Session, vault: Vault) -> Subscriber:
    """Somebody who signed a paper list and has an SMS to come."""
    commune = make_commune(session, insee="52182", name="Éclaron")
    tour = make_tour(session, slug="ete", name="Tournée d’été")
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=commune)])
    email = "jeanne@example.org"
    row = make_subscriber(
        session, vault=vault, phone=E164, scopes=["commune:52182"],
        email_encrypted=vault.encrypt(email), email_hash=opting_out.email_hash(vault, email),
    )  # fmt: skip
    session.add(
        Consent(
            subscriber_id=row.id, scope="commune:52182", wording="En signant.", wording_version="papier-1",
            channel="paper", recorded_by="paul@example.org", evidence="classeur", given_at=NOW, confirmed_at=NOW,
        )
    )  # fmt: skip
    make_message(session, subscriber=row)
    session.commit()
    return row


@pytest.mark.parametrize("typed", [PHONE, E164, " Jeanne@Example.org "])
def test_somebody_is_found_by_number_or_email_and_shown_masked(
    organiser_client: FlaskClient, person: Subscriber, typed: str
) -> None:
    """Scopes and proofs in words; no address in clear, in the page or in where it leads."""
    found = organiser_client.post("/organisation/abonnes", data={"address": typed})
    assert found.location == f"/organisation/abonnes/{person.id}"
    html = organiser_client.get(found.location).get_data(as_text=True)
    for shown in ("•••••••34", "j•••@example.org", "Éclaron seulement", "liste signée", "paul@example.org", "classeur"):
        assert shown in html
    assert E164 not in html
    assert "jeanne@" not in html


def test_stop_by_the_organiser_is_at_once_and_for_every_address(
    organiser_client: FlaskClient, session: Session, person: Subscriber, vault: Vault
) -> None:
    """Subscriptions end, what is queued is dropped, number and e-mail are opposed."""
    answer = organiser_client.post(f"/organisation/abonnes/{person.id}/stop", follow_redirects=True)
    assert "C’est arrêté" in answer.get_data(as_text=True)
    session.expire_all()
    assert session.scalars(select(Subscription)).all() == []
    assert session.scalars(select(Message.state)).all() == ["dropped"]
    rows = session.scalars(select(Opposition)).all()
    assert {row.said_by for row in rows} == {"organiser"}
    assert {row.address_hash for row in rows} == {
        vault.fingerprint(E164), opting_out.email_hash(vault, "jeanne@example.org"),
    }  # fmt: skip


def test_an_unknown_address_can_be_opposed_too(organiser_client: FlaskClient, session: Session, vault: Vault) -> None:
    """A host's, or that of somebody who wants never to be on a list; found again, the page says since when."""
    page = organiser_client.post("/organisation/abonnes", data={"address": PHONE}).get_data(as_text=True)
    assert "Nous n’avons rien sur cette adresse" in page
    organiser_client.post("/organisation/abonnes/stop", data={"address": PHONE})
    assert session.scalars(select(Opposition.address_hash)).all() == [vault.fingerprint(E164)]
    page = organiser_client.post("/organisation/abonnes", data={"address": PHONE}).get_data(as_text=True)
    assert "a dit STOP, mercredi" in page


@pytest.mark.parametrize("typed", ["", "06 39", "jeanne@", "Mme Petit"])
def test_what_is_no_address_is_refused_beside_the_field(organiser_client: FlaskClient, typed: str) -> None:
    """Looked up or stopped."""
    answer = organiser_client.post("/organisation/abonnes", data={"address": typed})
    assert answer.status_code == 400
    assert 'aria-describedby="address-erreur"' in answer.get_data(as_text=True)
    assert organiser_client.post("/organisation/abonnes/stop", data={"address": typed}).status_code == 400


def test_the_file_is_given_and_everything_erased_on_demand(
    organiser_client: FlaskClient, session: Session, person: Subscriber
) -> None:
    """The file has the number in clear, for them; erasing wants its box ticked."""
    address = f"/organisation/abonnes/{person.id}"
    assert json.loads(organiser_client.get(f"{address}.json").get_data(as_text=True))["telephone"] == E164
    assert organiser_client.post(f"{address}/effacer").status_code == 400
    organiser_client.post(f"{address}/effacer", data={"sure": "y"})
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 0
    assert organiser_client.get(address).status_code == 404


def test_none_of_it_is_for_others(client: FlaskClient, person: Subscriber) -> None:
    """Without an account nothing is shown, stopped or typed in."""
    for path in ("", f"/{person.id}", f"/{person.id}.json", "/liste", "/feuille"):
        assert client.get(f"/organisation/abonnes{path}").status_code in (302, 401, 403)
    assert client.post(f"/organisation/abonnes/{person.id}/stop").status_code in (302, 401, 403)


def _sheet(lines: str, **values: str) -> dict[str, str]:
    sheet = {
        "lines": lines, "scope": "commune:52182", "signed_on": "2027-06-05", "collected_by": "Mme Petit",
        "kept_at": "classeur", "has_wording": "y",
    }  # fmt: skip
    return sheet | values


@pytest.mark.usefixtures("person")
def test_a_list_with_a_wrong_line_waits_until_without_it_is_ticked(
    organiser_client: FlaskClient, organiser: User, session: Session, jobs: FakeJobs
) -> None:
    """The fault is said with its line; nothing is kept until then, and then only what is right."""
    lines = "Jeanne 06 39 98 00 01\nPaul 06 39 98 00\nMme Roy 03 26 19 10 01"
    refused = organiser_client.post(LIST, data=_sheet(lines))
    assert refused.status_code == 400
    html = refused.get_data(as_text=True)
    assert "Ligne 2" in html
    assert "2 lignes sont justes" in html
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1
    session.rollback()
    done = organiser_client.post(LIST, data=_sheet(lines, only_right="y"), follow_redirects=True)
    text = done.get_data(as_text=True)
    assert "1 portable inscrit. 1 téléphone fixe sur la liste d’appel. 1 ligne laissée de côté." in text
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 3
    assert jobs.sendings == 1
    newest = session.scalars(select(Consent).order_by(Consent.id.desc())).first()
    assert newest is not None
    assert (newest.recorded_by, newest.given_at.date()) == (organiser.email, dt.date(2027, 6, 4))  # midnight in Paris


@pytest.mark.usefixtures("person")
def test_a_list_whose_every_line_is_wrong_is_never_recorded(organiser_client: FlaskClient, session: Session) -> None:
    """Though the box be ticked."""
    answer = organiser_client.post(LIST, data=_sheet("Paul 06 39 98", only_right="y"))
    assert answer.status_code == 400
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("field", ["lines", "scope", "signed_on", "collected_by", "kept_at", "has_wording"])
def test_what_is_missing_is_said_beside_its_field(organiser_client: FlaskClient, field: str) -> None:
    """Without its proof a list is no consent."""
    data = _sheet("06 39 98 00 01")
    del data[field]
    answer = organiser_client.post(LIST, data=data)
    assert answer.status_code == 400
    assert f"{field}-erreur" in answer.get_data(as_text=True)


@pytest.mark.usefixtures("person")
def test_the_pages_of_the_list_are_sound(organiser_client: FlaskClient, clock: FixedClock) -> None:
    """The form, the sheet to print (the same sentence on both) and the counts."""
    sentence = "En signant, j’accepte"
    assert sentence in organiser_client.get(LIST).get_data(as_text=True)
    assert sentence in organiser_client.get("/organisation/abonnes/feuille").get_data(as_text=True)
    assert "<b>1</b>par SMS" in organiser_client.get("/organisation/abonnes").get_data(as_text=True)
