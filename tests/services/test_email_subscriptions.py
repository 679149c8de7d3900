"""Consent, proof, subscription by e-mail; and an e-mail beside a number, which only its two owners can put there."""

import datetime as dt
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput, NotFound
from guinguette.models import Consent, Message, Opposition, Subscriber, Subscription
from guinguette.services import email_subscriptions, opting_out, retention, subscriptions
from guinguette.services.email_subscriptions import AddBackup, SubscribeByEmail
from tests.factories import make_commune, make_subscriber
from tests.fakes import NOW, PUBLIC_URL, FixedClock

EMAIL = "anne@example.org"
PHONE = "+33639981234"


class Desk:
    """Somebody at the form: asks, reads the e-mail, types the code or follows the link."""

    def __init__(self, session: Session, clock: FixedClock, vault: Vault) -> None:
        self.session, self.clock, self.vault = session, clock, vault
        make_commune(session, insee="52182")

    def ask(self, email: str = EMAIL, *, scope: str = "commune:52182", consent: bool = True, **more: bool) -> None:
        """Send the form."""
        command = SubscribeByEmail(email=email, scope=scope, consent=consent, wording="Oui.", locale="fr", **more)
        email_subscriptions.request(self.session, command, clock=self.clock, vault=self.vault, public_url=PUBLIC_URL)

    def ask_beside(self, number: str = PHONE, *, email: str = EMAIL, proved_at: dt.datetime = NOW) -> None:
        """Send the form of the e-mail beside a number."""
        command = AddBackup(
            email=email,
            consent=True,
            wording="Oui.",
            locale="fr",
            phone_hash=self.vault.fingerprint(number),
            proved_at=proved_at,
        )
        email_subscriptions.request_backup(
            self.session, command, clock=self.clock, vault=self.vault, public_url=PUBLIC_URL
        )

    def mails(self) -> list[str]:
        """The e-mails queued so far that ask for a proof."""
        query = select(Message.body).filter_by(kind="code", channel="email").order_by(Message.created_at)
        return list(self.session.scalars(query))

    def code(self) -> str:
        """The newest code."""
        found = re.search(r"\d{6}", self.mails()[-1])
        assert found
        return found.group()

    def link(self) -> str:
        """What the newest link ends in."""
        return self.mails()[-1].split("/abonnement/email/lien/")[1].split()[0]

    def type(self, code: str, email: str = EMAIL) -> bool:
        """Send the code."""
        self.clock.advance(seconds=1)
        return email_subscriptions.confirm(
            self.session, email=email, code=code, locale="fr", clock=self.clock, vault=self.vault
        )

    def follow(self, link: str) -> None:
        """Press the link's button."""
        self.clock.advance(seconds=1)
        email_subscriptions.confirm_link(self.session, link, locale="fr", clock=self.clock, vault=self.vault)

    def scopes(self) -> list[str]:
        """What is subscribed."""
        self.session.expire_all()
        return list(self.session.scalars(select(Subscription.scope)))


@pytest.fixture
def desk(session: Session, clock: FixedClock, vault: Vault) -> Desk:
    """The form's desk."""
    return Desk(session, clock, vault)


@pytest.mark.parametrize("way", ["code", "link"])
def test_nothing_is_subscribed_before_the_proof_comes_back(desk: Desk, session: Session, way: str) -> None:
    """And then exactly what was asked for; the words, their version and both instants are kept."""
    desk.ask(week_ahead=True)
    assert desk.scopes() == []
    assert desk.type(desk.code()) if way == "code" else desk.follow(desk.link()) is None
    (subscription,) = session.scalars(select(Subscription))
    assert (subscription.scope, subscription.week_ahead, subscription.new_evenings) == ("commune:52182", True, False)
    proof = session.scalars(select(Consent)).one()
    assert (proof.wording, proof.wording_version, proof.medium, proof.channel) == ("Oui.", "e-mail 1", "email", "web")
    assert (proof.given_at, proof.confirmed_at) == (NOW, desk.clock.now())
    row = session.scalars(select(Subscriber)).one()
    assert (row.confirmed_at, row.email_confirmed_at) == (desk.clock.now(), desk.clock.now())


def test_the_address_is_encrypted_and_known_again(desk: Desk, session: Session, vault: Vault) -> None:
    """Whoever reads the database finds none; capitals make no second person."""
    desk.ask("Anne@Example.org")
    desk.ask(" anne@example.ORG ")
    row = session.scalars(select(Subscriber)).one()
    assert "anne" not in f"{row.email_encrypted}{row.email_hash}"
    assert vault.decrypt(row.email_encrypted) == EMAIL


@pytest.mark.parametrize("wrong", [{"code": "000000"}, {"email": "b@example.org"}])
def test_a_wrong_code_subscribes_nobody(desk: Desk, wrong: dict[str, str]) -> None:
    """Nor a right one of another address."""
    desk.ask()
    values = {"code": desk.code(), "email": EMAIL} | wrong
    assert values["code"] != desk.code() or values["email"] != EMAIL
    assert not desk.type(**values)
    assert desk.scopes() == []


def test_guessing_ends_after_five_tries(desk: Desk) -> None:
    """The right code comes too late then; the link, which cannot be guessed, still works."""
    desk.ask()
    code = desk.code()
    for _ in range(5):
        assert not desk.type("1" * 6 if code != "1" * 6 else "2" * 6)
    assert not desk.type(code)
    desk.follow(desk.link())
    assert desk.scopes() == ["commune:52182"]


def test_a_proof_serves_once_and_for_a_day(desk: Desk) -> None:
    """Afterwards the sentence says what to do."""
    desk.ask()
    desk.follow(desk.link())
    with pytest.raises(NotFound):
        desk.follow(desk.link())
    assert not desk.type(desk.code())
    desk.ask("b@example.org")
    desk.clock.advance(hours=24)
    with pytest.raises(NotFound):
        desk.follow(desk.link())
    assert not desk.type(desk.code(), "b@example.org")


@pytest.mark.parametrize("link", ["", "1", "1-", "x-1", f"{2**70}-abc", "é-é", "999999999-" + "0" * 32])
def test_a_made_up_link_is_refused(desk: Desk, link: str) -> None:
    """Whatever its shape."""
    desk.ask()
    with pytest.raises(NotFound):
        desk.follow(link)
    with pytest.raises(NotFound):
        desk.follow(desk.link()[:-1] + ("0" if desk.link()[-1] != "0" else "1"))


def test_nobodys_mailbox_is_flooded(desk: Desk) -> None:
    """Four an hour, whoever asks."""
    for _ in range(6):
        desk.ask()
    assert len(desk.mails()) == 4
    desk.clock.advance(minutes=61)
    desk.ask()
    assert len(desk.mails()) == 5


@pytest.mark.parametrize(
    ("email", "consent", "scope", "field"),
    [
        ("", True, "commune:52182", "email"),
        ("anne", True, "commune:52182", "email"),
        ("éric@example.org", True, "commune:52182", "email"),
        (EMAIL, False, "commune:52182", "consent"),
        (EMAIL, True, "commune:99999", "scope"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_kept(
    desk: Desk, session: Session, email: str, consent: bool, scope: str, field: str
) -> None:
    """Each at its field."""
    with pytest.raises(InvalidInput) as caught:
        desk.ask(email, consent=consent, scope=scope)
    assert caught.value.field == field
    assert session.scalars(select(Subscriber)).all() == []


def test_stop_voids_what_waits_and_a_new_proof_brings_the_address_back(
    desk: Desk, session: Session, vault: Vault, clock: FixedClock
) -> None:
    """STOP in the e-mail that asks ends that request too; later, the owner may change their mind."""
    desk.ask()
    link, token = desk.link(), re.search(r"/stop/(\w+)", desk.mails()[-1])
    assert token
    opting_out.stop(session, token.group(1), clock=clock, vault=vault)
    with pytest.raises(NotFound):
        desk.follow(link)
    desk.clock.advance(hours=1)
    desk.ask()
    desk.follow(desk.link())
    row = session.scalars(select(Subscriber)).one()
    assert (row.opted_out_at, session.scalars(select(Opposition)).all()) == (None, [])
    assert desk.scopes() == ["commune:52182"]


def test_what_was_never_proved_is_erased(desk: Desk, session: Session, clock: FixedClock) -> None:
    """The address as soon as its code is too old, its hash after a week."""
    desk.ask()
    subscriptions.erase_unconfirmed(session, clock)
    session.expire_all()
    assert session.scalars(select(Subscriber.email_encrypted)).one() != ""
    clock.advance(hours=24)
    subscriptions.erase_unconfirmed(session, clock)
    assert session.scalars(select(Subscriber.email_encrypted)).one() == ""
    clock.advance(days=7)
    retention.forget(session, clock)
    assert session.scalars(select(Subscriber)).all() == []


def test_an_email_beside_a_number_needs_its_own_proof(desk: Desk, session: Session, vault: Vault) -> None:
    """Until then the number's row knows nothing of it; then it does, and the proof of consent is the number's."""
    person = make_subscriber(session, vault=vault, phone=PHONE, scopes=["commune:52182"])
    desk.ask_beside()
    assert (person.email_hash, person.email_encrypted) == (None, "")
    desk.follow(desk.link())
    assert vault.decrypt(person.email_encrypted) == EMAIL
    assert person.email_confirmed_at == desk.clock.now()
    (proof,) = person.consents
    assert (proof.wording_version, proof.medium, proof.scope) == ("secours 1", "email", "commune:52182")
    assert desk.scopes() == ["commune:52182"]  # still by SMS alone


def test_a_stranger_cannot_replace_the_email_beside_a_number(desk: Desk, session: Session, vault: Vault) -> None:
    """Asking alone changes nothing of a confirmed one."""
    person = make_subscriber(session, vault=vault, phone=PHONE, scopes=["commune:52182"])
    desk.ask_beside()
    desk.follow(desk.link())
    desk.ask_beside(email="b@example.org")
    session.expire_all()
    assert vault.decrypt(person.email_encrypted) == EMAIL


@pytest.mark.parametrize("reason", ["too old", "unknown", "stopped"])
def test_a_number_without_a_fresh_proof_gets_no_email_beside_it(
    desk: Desk, session: Session, vault: Vault, clock: FixedClock, reason: str
) -> None:
    """An hour after its code; never where the number is not subscribed."""
    person = make_subscriber(session, vault=vault, phone=PHONE, scopes=["commune:52182"])
    if reason == "stopped":
        opting_out.oppose(session, person, said_by="link", clock=clock, vault=vault)
    clock.advance(minutes=61 if reason == "too old" else 59)
    with pytest.raises(NotFound):
        desk.ask_beside("+33639989999" if reason == "unknown" else PHONE)


def test_stop_of_the_number_voids_the_email_that_waits_beside_it(
    desk: Desk, session: Session, vault: Vault, clock: FixedClock
) -> None:
    """The link comes back after STOP: nothing is put beside a number that wants no more."""
    person = make_subscriber(session, vault=vault, phone=PHONE, scopes=["commune:52182"])
    desk.ask_beside()
    opting_out.oppose(session, person, said_by="link", clock=clock, vault=vault)
    with pytest.raises(NotFound):
        desk.follow(desk.link())
    assert person.email_encrypted == ""
