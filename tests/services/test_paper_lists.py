"""The host's paper list: who signed is subscribed with the proof, and nobody who said STOP."""

import dataclasses
import datetime as dt
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.domain.errors import InvalidInput
from guinguette.models import Consent, Message, Subscriber, Subscription
from guinguette.services import email_subscriptions, opting_out, paper_lists
from guinguette.services.paper_lists import Recorded, Sheet
from tests.factories import make_commune, make_subscriber
from tests.fakes import PUBLIC_URL, FixedClock

SHEET = Sheet(
    lines="06 39 98 00 01",
    scope="commune:52182",
    signed_on=dt.date(2027, 6, 5),
    collected_by="Mme Petit, comité des fêtes",
    kept_at="classeur du comité",
    has_wording=True,
    by="anne@example.org",
)


@pytest.fixture(autouse=True)
def _village(session: Session) -> None:
    make_commune(session, insee="52182", name="Éclaron")


class Typist:
    """An organiser who types lists in."""

    def __init__(self, session: Session, clock: FixedClock, vault: Vault) -> None:
        self.session, self.clock, self.vault = session, clock, vault

    def read(self, lines: str) -> list[paper_lists.Line]:
        """Read the lines."""
        return paper_lists.read(
            self.session, dataclasses.replace(SHEET, lines=lines), clock=self.clock, vault=self.vault
        )

    def record(self, lines: str) -> Recorded:
        """Read and record the right ones."""
        sheet = dataclasses.replace(SHEET, lines=lines)
        done = paper_lists.record(
            self.session, sheet, self.read(lines), clock=self.clock, vault=self.vault, public_url=PUBLIC_URL
        )
        self.session.flush()
        return done

    def people(self) -> list[Subscriber]:
        """Everybody, in the order of typing."""
        return list(self.session.scalars(select(Subscriber).order_by(Subscriber.id)))


@pytest.fixture
def typist(session: Session, clock: FixedClock, vault: Vault) -> Typist:
    """The organiser."""
    return Typist(session, clock, vault)


@pytest.mark.parametrize(
    ("text", "name", "kind", "number", "email"),
    [
        ("06 39 98 00 01", "", "mobile", "+33639980001", ""),
        ("Jeanne Petit ; 06.39.98.00.01", "Jeanne Petit", "mobile", "+33639980001", ""),
        ("Petit\t+33 6 39 98 00 01\tJ.Petit@Example.org", "Petit", "mobile", "+33639980001", "j.petit@example.org"),
        ("M. et Mme Roy 03 26 19 10 01", "M. et Mme Roy", "landline", "+33326191001", ""),
        ("roy@example.org, 0326191001, Anne-Lise Roy", "Anne-Lise Roy", "landline", "+33326191001", "roy@example.org"),
        ("06 39\u00a098 00 01 - Paul", "Paul", "mobile", "+33639980001", ""),
    ],
)
def test_a_line_is_read_in_any_order(typist: Typist, text: str, name: str, kind: str, number: str, email: str) -> None:
    """Names, numbers and e-mails as people write them on a table of the village hall."""
    [line] = typist.read(text)
    assert line.refusal is None
    assert line.number is not None
    assert (line.name, line.number.kind, line.number.text) == (name, kind, number)
    assert (line.email.text if line.email else "") == email


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Jeanne Petit", "Le numéro manque"),
        ("jeanne@example.org", "Le numéro manque"),
        ("Jeanne 06 39 98 00", "vous en avez tapé 8"),
        ("06 39 98 00 1", "Il manque un chiffre"),
        ("Roy 03 26 19 10", "n’existe pas"),
        ("06 39 98 00 01 ; 06 39 98 00 02", "Un numéro et un e-mail par ligne"),
        ("06 39 98 00 01 jeanne@", "n’est pas une adresse e-mail"),
        ("+49 151 12345678", "n’existe pas"),
        ("06 39 98 00 01 " + "x" * 121, "trop long"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(typist: Typist, text: str, sentence: str) -> None:
    """One sentence for the line; the lines around it are right all the same."""
    above, wrong, below = typist.read(f"06 39 98 00 07\n{text}\n\n06 39 98 00 08")
    assert sentence in str(wrong.refusal)
    assert (above.refusal, below.refusal, wrong.line, below.line) == (None, None, 2, 4)


def test_a_number_that_stands_twice_is_refused_the_second_time(typist: Typist) -> None:
    """However it is written."""
    first, second = typist.read("06 39 98 00 01\nJeanne +33639980001")
    assert first.refusal is None
    assert "à la ligne 1" in str(second.refusal)


@pytest.mark.parametrize("address", ["+33639980001", "email", "unknown"])
def test_who_said_stop_is_not_brought_back_by_a_list(
    typist: Typist, session: Session, clock: FixedClock, vault: Vault, address: str
) -> None:
    """By number or e-mail, known here or not: they must agree again themselves, with a code."""
    if address != "unknown":
        hashes = {"phone_hash": None, "email_hash": opting_out.email_hash(vault, "j@example.org")}
        who = make_subscriber(session, vault=vault, **(hashes if address == "email" else {}))
        opting_out.oppose(session, who, said_by="link", clock=clock, vault=vault)
    else:
        opting_out.stop_number(session, "+33639980001", said_by="sms", clock=clock, vault=vault)
    [line] = typist.read("Jeanne 06 39 98 00 01 J@example.org")
    assert "a dit STOP" in str(line.refusal)
    typist.record("Jeanne 06 39 98 00 01 J@example.org")
    assert session.scalars(select(Subscription)).all() == []
    assert session.scalars(select(Message)).all() == []


def test_a_mobile_is_welcomed_with_stop_within_the_permitted_hours(
    typist: Typist, session: Session, vault: Vault
) -> None:
    """Subscribed at once, by the signature; the name is not kept."""
    assert typist.record("Jeanne Petit 06 39 98 00 01") == Recorded(mobiles=1, landlines=0, known=0)
    [person] = typist.people()
    assert person.confirmed_at is not None
    assert (person.name_encrypted, person.landline) == ("", False)
    [welcome] = session.scalars(select(Message)).all()
    assert (welcome.kind, welcome.urgent, welcome.segments) == ("welcome", False, 1)
    assert "vous avez signé notre liste (Éclaron seulement)" in welcome.body
    assert opting_out.stop_url(PUBLIC_URL, "fr", opting_out.token_for(vault, person)) in welcome.body
    [row] = session.scalars(select(Subscription)).all()
    assert (row.scope, row.week_ahead, row.new_evenings) == (
        "commune:52182",
        False,
        False,
    )  # the sheet says nothing of it


def test_a_landline_is_for_the_call_list_with_its_encrypted_name(
    typist: Typist, session: Session, vault: Vault
) -> None:
    """No SMS; the volunteer who rings knows whom to ask for, and the database alone does not."""
    assert typist.record("Mme Roy 03 26 19 10 01") == Recorded(mobiles=0, landlines=1, known=0)
    [person] = typist.people()
    assert person.landline
    assert vault.decrypt(person.name_encrypted) == "Mme Roy"
    assert "Roy" not in person.name_encrypted
    assert session.scalars(select(Message)).all() == []
    assert session.scalars(select(Consent.medium)).all() == ["call"]


def test_the_proof_says_who_typed_when_it_was_signed_and_where_the_paper_is(
    typist: Typist, session: Session, clock: FixedClock
) -> None:
    """A mobile and an e-mail are two consents; the e-mail waits for its owner's own word."""
    typist.record("06 39 98 00 01 j@example.org")
    proofs = session.scalars(select(Consent).order_by(Consent.id)).all()
    assert [proof.medium for proof in proofs] == ["sms", "email"]
    for proof in proofs:
        assert (proof.channel, proof.recorded_by, proof.wording_version) == ("paper", "anne@example.org", "papier-1")
        assert proof.evidence == "classeur du comité (Mme Petit, comité des fêtes)"
        assert proof.given_at.astimezone(PARIS).date() == dt.date(2027, 6, 5)
    assert [proof.confirmed_at for proof in proofs] == [clock.now(), None]
    assert typist.people()[0].email_hash is None


def test_an_e_mail_on_the_list_is_asked_and_stands_beside_the_number_once_confirmed(
    typist: Typist, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """By the link that is sent to it; it then takes over where an SMS fails."""
    typist.record("06 39 98 00 01 j@example.org")
    asked = session.scalars(select(Message).where(Message.channel == "email")).one()
    assert asked.kind == "code"
    link = re.search(r"/abonnement/email/lien/(\S+)", asked.body)
    assert link is not None
    email_subscriptions.confirm_link(session, link[1], locale="fr", clock=clock, vault=vault)
    person = session.scalars(select(Subscriber).where(Subscriber.phone_hash.is_not(None))).one()
    assert vault.decrypt(person.email_encrypted) == "j@example.org"
    assert person.email_confirmed_at == clock.now()


def test_who_is_subscribed_already_gets_no_second_welcome_and_loses_nothing(
    typist: Typist, session: Session, vault: Vault
) -> None:
    """The proof is kept; what they had ticked on the site stays ticked."""
    make_subscriber(session, vault=vault, phone="+33639980001", scopes=["commune:52182"]).subscriptions[
        0
    ].week_ahead = True
    assert typist.record("06 39 98 00 01") == Recorded(mobiles=1, landlines=0, known=1)
    session.expire_all()
    [row] = session.scalars(select(Subscription)).all()
    assert row.week_ahead
    assert session.scalars(select(Message)).all() == []
    assert session.scalars(select(Consent.channel)).all() == ["paper"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"scope": "commune:00000"}, "scope"),
        ({"signed_on": None}, "signed_on"),
        ({"signed_on": dt.date(2027, 6, 10)}, "signed_on"),
        ({"signed_on": dt.date(2026, 6, 1)}, "signed_on"),
        ({"collected_by": " "}, "collected_by"),
        ({"kept_at": ""}, "kept_at"),
        ({"kept_at": "x" * 121}, "kept_at"),
        ({"has_wording": False}, "has_wording"),
        ({"lines": " \n;\n"}, "lines"),
        ({"lines": "06 39 98 00 01\n" * 501}, "lines"),
    ],
)
def test_a_sheet_without_its_proof_is_refused(
    session: Session, clock: FixedClock, vault: Vault, wrong: dict[str, object], field: str
) -> None:
    """Beside the field: without a day, a person, a place and the sentence it is no consent."""
    with pytest.raises(InvalidInput) as refusal:
        paper_lists.read(session, dataclasses.replace(SHEET, **wrong), clock=clock, vault=vault)  # type: ignore[arg-type]
    assert refusal.value.field == field
