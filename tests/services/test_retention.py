"""What the privacy page promises to erase is erased, and nothing else."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import (
    Agreement,
    Attempt,
    Call,
    ConfirmationCode,
    Consent,
    Contact,
    DateOption,
    EveningChange,
    Message,
    Opposition,
    SignInLink,
    Subscriber,
)
from guinguette.services import accounts, attempts, opting_out, retention, rules
from tests import factories as make
from tests.fakes import NOW, FixedClock

THREE_YEARS = dt.timedelta(days=3 * 365)


@pytest.fixture(autouse=True)
def _rules(session: Session) -> None:
    rules.ensure_defaults(session)


@pytest.mark.parametrize(("days", "kept"), [(6, True), (8, False)])
def test_a_number_never_confirmed_goes_after_a_week(
    session: Session, vault: Vault, clock: FixedClock, days: int, kept: bool
) -> None:
    """A code that never came back leaves no number behind."""
    make.make_subscriber(session, vault=vault, confirmed_at=None)
    clock.advance(days=days)
    assert retention.forget(session, clock) == (0 if kept else 1)


def test_a_number_asked_for_again_has_a_week_more(session: Session, vault: Vault, clock: FixedClock) -> None:
    """The code that was sent a minute before the nightly erasure still works."""
    subscriber = make.make_subscriber(session, vault=vault, confirmed_at=None)
    clock.advance(days=8)
    _consent(session, subscriber, clock)
    assert retention.forget(session, clock) == 0


def test_what_has_served_is_erased(session: Session, vault: Vault, clock: FixedClock) -> None:
    """Codes and links after a day, consents without a code after a week, counts of tries when their window is over."""
    subscriber = make.make_subscriber(session, vault=vault)
    proof = _consent(session, subscriber, clock, confirmed_at=clock.now())
    _consent(session, subscriber, clock)
    for consent in session.scalars(select(Consent)).all():
        session.add(
            ConfirmationCode(
                subscriber_id=subscriber.id,
                consent_id=consent.id,
                code_hash="x",
                created_at=clock.now(),
                expires_at=clock.now() + dt.timedelta(minutes=15),
            )
        )
    accounts.new_sign_in_link(session, make.make_user(session), clock)
    attempts.add(session, "key", window=dt.timedelta(hours=1), amount=1, clock=clock)
    session.flush()
    tables = (Consent, ConfirmationCode, SignInLink, Attempt)

    def left() -> list[int]:
        retention.forget(session, clock)
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    clock.advance(minutes=59)
    assert left() == [2, 2, 1, 1]
    clock.advance(days=2)
    assert left() == [2, 0, 0, 0]
    clock.advance(days=6)
    assert left() == [1, 0, 0, 0]
    assert session.scalars(select(Consent)).one() is proof


def _consent(
    session: Session, subscriber: Subscriber, clock: FixedClock, confirmed_at: dt.datetime | None = None
) -> Consent:
    consent = Consent(
        subscriber_id=subscriber.id,
        scope="commune:52182",
        wording="J’accepte.",
        wording_version="1",
        given_at=clock.now(),
        confirmed_at=confirmed_at,
    )
    session.add(consent)
    session.flush()
    return consent


@pytest.mark.parametrize(("days", "kept"), [(-1, True), (1, False)])
def test_a_subscriber_goes_three_years_after_the_last_contact(
    session: Session, vault: Vault, clock: FixedClock, days: int, kept: bool
) -> None:
    """Both sides of the limit; the messages go with the number."""
    subscriber = make.make_subscriber(session, vault=vault, scopes=["commune:52001"])
    make.make_message(session, subscriber=subscriber)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=days))
    retention.forget(session, clock)
    assert session.scalar(select(func.count(Subscriber.id))) == int(kept)
    assert session.scalar(select(func.count(Message.id))) == int(kept)


def test_a_recent_message_keeps_an_old_subscriber(session: Session, vault: Vault, clock: FixedClock) -> None:
    """Three years count from the last contact, not from the first."""
    subscriber = make.make_subscriber(session, vault=vault)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=30))
    make.make_message(session, subscriber=subscriber, updated_at=clock.now() - dt.timedelta(days=40))
    assert retention.forget(session, clock) == 0


def test_an_archived_contact_goes_after_three_years_an_active_one_stays(session: Session, clock: FixedClock) -> None:
    """The former president of the comité is forgotten in time."""
    make.make_contact(session)
    make.make_contact(session, archived_at=NOW)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    assert retention.forget(session, clock) == 1
    assert session.scalar(select(func.count(Contact.id))) == 1


@pytest.mark.parametrize(("days", "kept"), [(-1, 1), (1, 0)])
def test_an_opposition_goes_after_three_years(
    session: Session, vault: Vault, clock: FixedClock, days: int, kept: int
) -> None:
    """The hash of a number that said STOP, with a row of its own or known to nobody."""
    opting_out.stop_number(session, "+33639980007", said_by="sms", clock=clock, vault=vault)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=days))
    retention.forget(session, clock)
    assert session.scalar(select(func.count()).select_from(Opposition)) == kept


def test_who_was_rung_lately_stays_and_old_lines_of_call_lists_go(
    session: Session, vault: Vault, clock: FixedClock
) -> None:
    """A call is a contact like an SMS; with an old line goes the name of the volunteer who rang."""
    person = make.make_subscriber(session, vault=vault, phone="+33326191001", landline=True)
    evening = make.make_evening(session)
    for number, rung_at in enumerate((NOW, NOW + THREE_YEARS)):
        session.add(
            Call(
                evening_id=evening.id, subscriber_id=person.id, kind="cancelled", number=number, state="reached",
                created_at=rung_at, rung_at=rung_at, rung_by="Paul",
            )
        )  # fmt: skip
    session.flush()
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    assert retention.forget(session, clock) == 0
    assert session.scalars(select(Call.number)).all() == [1]
    clock.set(NOW + 2 * THREE_YEARS + dt.timedelta(days=1))
    assert retention.forget(session, clock) == 1
    assert session.scalars(select(Call)).all() == []


@pytest.mark.parametrize(("days", "name"), [(-1, "téléphone de Mme Petit"), (1, retention.SOMEBODY)])
def test_names_of_those_who_answered_go_after_three_years(
    session: Session, clock: FixedClock, days: int, name: str
) -> None:
    """In options, agreements, requests and in an evening's history; what was answered stays, and other reasons do."""
    evening = make.make_evening(session)
    request = make.make_request(session, tour=evening.tour, commune=evening.commune)
    request.answered_at, request.answered_by = NOW, "téléphone de Mme Petit"
    option = DateOption(
        evening_id=evening.id, date=evening.date, expires_on=evening.date, state="accepted", sent_at=NOW, sent_by="x",
        closed_at=NOW, answered_by="téléphone de Mme Petit",
    )  # fmt: skip
    said = EveningChange(at=NOW, actor="x", what="option", new="accepted", why="téléphone de Mme Petit")
    other = EveningChange(at=NOW, actor="x", what="state", new="cancelled", why="Orages.")
    evening.history.extend([said, other])
    session.add(option)
    by_link = EveningChange(at=NOW, actor="Jeanne Petit (lien personnel)", what="state", new="confirmed")
    evening.history.append(by_link)
    agreement = Agreement(
        evening=evening, number=1, agreed_at=NOW, agreed_by="téléphone de Mme Petit", how="phone", terms={}
    )
    session.add(agreement)
    session.flush()
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=days))
    retention.forget(session, clock)
    session.expire_all()
    assert agreement.agreed_by == name
    assert (by_link.actor, said.actor) == (name if name == retention.SOMEBODY else "Jeanne Petit (lien personnel)", "x")
    assert (option.answered_by, request.answered_by, said.why, other.why) == (name, name, name, "Orages.")
    assert option.state == "accepted"
