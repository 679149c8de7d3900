"""Consent, code, subscription: in this order, and never otherwise."""

import datetime as dt
import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput
from guinguette.models import ConfirmationCode, Consent, Message, Subscriber, Subscription
from guinguette.services import opting_out, subscriptions
from guinguette.services.subscriptions import Confirm, Subscribe
from tests.factories import make_commune, make_message
from tests.fakes import FixedClock

PHONE, E164 = "06 39 98 12 34", "+33639981234"


class Desk:
    """Somebody at the form: asks, reads the SMS, types the code."""

    def __init__(self, session: Session, clock: FixedClock, vault: Vault) -> None:
        self.session, self.clock, self.vault = session, clock, vault
        for insee in ("52182", "52183"):
            make_commune(session, insee=insee)

    def ask(self, scope: str = "commune:52182", *, phone: str = PHONE, consent: bool = True, **more: bool) -> str:
        """Send the form; return the newest code."""
        command = Subscribe(phone=phone, scope=scope, consent=consent, wording="J’accepte.", locale="fr", **more)
        assert subscriptions.request(self.session, command, clock=self.clock, vault=self.vault) == E164
        return self.codes()[-1]

    def codes(self) -> list[str]:
        """The codes queued so far."""
        query = select(Message.body).filter_by(kind="code").order_by(Message.created_at)
        return [match.group() for body in self.session.scalars(query) if (match := re.search(r"\d{6}", body))]

    def type(self, code: str, *, phone: str = PHONE) -> bool:
        """Send the code."""
        self.clock.advance(seconds=1)
        command = Confirm(phone=phone, code=code, locale="fr")
        return subscriptions.confirm(self.session, command, clock=self.clock, vault=self.vault)

    def scopes(self) -> list[str]:
        """What is subscribed and confirmed."""
        query = select(Subscription.scope).where(Subscription.confirmed_at.is_not(None)).order_by(Subscription.scope)
        return list(self.session.scalars(query))


@pytest.fixture
def desk(session: Session, clock: FixedClock, vault: Vault) -> Desk:
    """The form's desk."""
    return Desk(session, clock, vault)


def test_nothing_is_subscribed_before_the_code_comes_back(desk: Desk) -> None:
    """And then exactly what was asked for."""
    code = desk.ask()
    assert desk.scopes() == []
    assert desk.type(f" {code[:3]} {code[3:]} ")
    assert desk.scopes() == ["commune:52182"]


def test_the_proof_of_consent_is_kept(desk: Desk, session: Session, clock: FixedClock) -> None:
    """Words, version, scope, when it was given and when confirmed."""
    given = clock.now()
    desk.type(desk.ask())
    proof = session.scalars(select(Consent)).one()
    assert (proof.wording, proof.wording_version, proof.scope) == (
        "J’accepte.",
        subscriptions.CONSENT_VERSION,
        "commune:52182",
    )
    assert (proof.given_at, proof.confirmed_at) == (given, clock.now())


def test_what_was_ticked_besides_is_subscribed_with_the_code_and_ticked_anew_it_changes(
    desk: Desk, session: Session
) -> None:
    """A week ahead, new dates: for this scope, from the moment the code comes back, as was ticked last."""
    code = desk.ask(week_ahead=True, new_evenings=True)
    assert session.scalars(select(Subscription)).all() == []
    desk.type(code)
    row = session.scalars(select(Subscription)).one()
    assert (row.week_ahead, row.new_evenings) == (True, True)
    desk.type(desk.ask(new_evenings=True))
    session.expire_all()
    assert (row.week_ahead, row.new_evenings) == (False, True)
    proofs = session.scalars(select(Consent).order_by(Consent.id)).all()
    assert [(proof.week_ahead, proof.new_evenings) for proof in proofs] == [(True, True), (False, True)]


def test_the_number_is_encrypted_and_the_code_hashed(desk: Desk, session: Session, vault: Vault) -> None:
    """Whoever reads the database finds neither."""
    code = desk.ask()
    subscriber = session.scalars(select(Subscriber)).one()
    assert "639981234" not in f"{subscriber.phone_encrypted}{subscriber.phone_hash}"
    assert vault.decrypt(subscriber.phone_encrypted) == E164
    assert code not in session.scalars(select(ConfirmationCode.code_hash)).one()


def test_a_code_works_once(desk: Desk) -> None:
    """Read over a shoulder, it is of no use."""
    code = desk.ask()
    assert [desk.type(code), desk.type(code)] == [True, False]


def test_a_code_expires(desk: Desk, clock: FixedClock) -> None:
    """After its quarter of an hour."""
    code = desk.ask()
    clock.advance(minutes=15)
    assert not desk.type(code)


def test_a_code_allows_five_tries(desk: Desk) -> None:
    """The fifth may be right, the sixth not."""
    code = desk.ask()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert [desk.type(wrong) for _ in range(4)] == [False] * 4
    assert desk.type(code)
    code = desk.ask()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert [desk.type(wrong) for _ in range(5)] == [False] * 5
    assert not desk.type(code)


def test_a_code_confirms_only_what_it_was_asked_for(desk: Desk) -> None:
    """What somebody else asked for this number stays unconfirmed."""
    desk.ask("commune:52183")
    desk.clock.advance(seconds=1)
    assert desk.type(desk.ask("commune:52182"))
    assert desk.scopes() == ["commune:52182"]


def test_nobodys_telephone_can_be_flooded(desk: Desk, clock: FixedClock) -> None:
    """Four codes an hour; then the same answer, and no SMS, until the hour is over."""
    for _ in range(7):
        desk.ask()
        clock.advance(minutes=1)
    assert len(desk.codes()) == 4
    clock.advance(minutes=54)
    desk.ask()
    assert len(desk.codes()) == 5


def test_a_second_scope_joins_the_first_and_the_same_twice_is_one(desk: Desk, session: Session) -> None:
    """One person, several scopes, one number."""
    for scope in ("commune:52182", "commune:52183", "commune:52182"):
        assert desk.type(desk.ask(scope))
    assert desk.scopes() == ["commune:52182", "commune:52183"]
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


def test_another_number_cannot_use_the_code(desk: Desk) -> None:
    """The code belongs to the number it was sent to."""
    assert not desk.type(desk.ask(), phone="06 39 98 99 99")


def test_an_unticked_box_is_no_consent(desk: Desk, session: Session) -> None:
    """Nothing is kept, not even the number."""
    with pytest.raises(InvalidInput) as refusal:
        desk.ask(consent=False)
    assert refusal.value.field == "consent"
    assert session.scalars(select(Subscriber)).all() == []


def test_stop_ends_everything_at_once(desk: Desk, session: Session, clock: FixedClock, vault: Vault) -> None:
    """All scopes, what is queued, and codes that have not been used."""
    desk.type(desk.ask("commune:52182"))
    desk.type(desk.ask("commune:52183"))
    pending = desk.ask()
    subscriber = session.scalars(select(Subscriber)).one()
    queued = make_message(session, subscriber=subscriber)
    gone = make_message(session, subscriber=subscriber, state="sent")
    opting_out.stop(session, opting_out.stop_token(vault, subscriber.phone_hash), clock=clock, vault=vault)
    session.expire_all()
    assert desk.scopes() == []
    assert (queued.state, gone.state) == ("dropped", "sent")
    assert not desk.type(pending)
    assert desk.codes() == []


def test_after_stop_only_a_new_consent_and_its_code_bring_the_number_back(
    desk: Desk, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """And it brings back only what was asked for anew."""
    desk.type(desk.ask("commune:52182"))
    opting_out.stop_number(session, E164, said_by="sms", clock=clock, vault=vault)
    clock.advance(hours=1)
    code = desk.ask("commune:52183")
    subscriber = session.scalars(select(Subscriber)).one()
    assert subscriber.opted_out_at is not None
    assert desk.type(code)
    assert subscriber.opted_out_at is None
    assert desk.scopes() == ["commune:52183"]


def _number(session: Session, vault: Vault) -> str:
    session.expire_all()
    return vault.decrypt(session.scalars(select(Subscriber.phone_encrypted)).one())


def test_an_opposed_number_is_kept_only_as_long_as_its_code(
    desk: Desk, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """Typed again, by its owner or by somebody else, it is there for the code's SMS and gone with the code."""
    desk.type(desk.ask())
    opting_out.stop_number(session, E164, said_by="sms", clock=clock, vault=vault)
    assert _number(session, vault) == ""
    desk.ask()
    subscriptions.erase_unconfirmed(session, clock)
    assert _number(session, vault) == E164
    clock.advance(minutes=15)
    subscriptions.erase_unconfirmed(session, clock)
    assert _number(session, vault) == ""
    assert session.scalars(select(Subscriber)).one().opted_out_at is not None


def test_a_number_never_confirmed_goes_with_its_code_and_may_come_back(
    desk: Desk, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """Its hash is enough to count its codes; a confirmed number stays."""
    for typed, kept in ((False, ""), (True, E164)):
        code = desk.ask()
        if typed:
            assert desk.type(code)
        clock.advance(minutes=16)
        subscriptions.erase_unconfirmed(session, clock)
        assert _number(session, vault) == kept


def test_a_stop_token_is_short_and_only_its_hash_is_stored(desk: Desk, session: Session, vault: Vault) -> None:
    """Ten letters and digits that fit into an SMS; the database alone cannot make them."""
    desk.ask()
    subscriber = session.scalars(select(Subscriber)).one()
    token = opting_out.stop_token(vault, subscriber.phone_hash)
    assert re.fullmatch(r"[a-z2-7]{10}", token)
    assert token not in subscriber.stop_token_hash
    assert opting_out.find(session, token.upper(), vault) is subscriber
    another = Vault("YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE=")
    assert opting_out.stop_token(another, subscriber.phone_hash) != token


def test_the_code_waits_for_nobody(desk: Desk, session: Session, clock: FixedClock) -> None:
    """It is urgent, due at once and dead when the code is."""
    clock.set(dt.datetime(2027, 6, 13, 2, tzinfo=dt.UTC))
    desk.ask()
    message = session.scalars(select(Message)).one()
    assert message.urgent
    assert (message.due_at, message.expires_at) == (clock.now(), clock.now() + dt.timedelta(minutes=15))
