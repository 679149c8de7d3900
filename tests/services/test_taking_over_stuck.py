"""While SMS cannot leave, news of a change goes by e-mail to those who have one: one way or the other, never both."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.models import Gateway, Message, Subscriber
from guinguette.services import gateways, opting_out, sending, taking_over
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FakeEmail, FakeSms, FixedClock

EMAIL = "anne@example.org"
BUDGET = 3000
LONG_DOWN = {"down_since": NOW - taking_over.DOWN_FOR}
Factory = sessionmaker[Session]


@pytest.fixture
def news(session: Session, vault: Vault) -> Message:
    """A cancellation queued for somebody with a confirmed e-mail beside the number."""
    tour = make.make_tour(session, slug="ete-2027")
    evening = make.make_evening(session, tour=tour, state="cancelled", sequence=3)
    make.make_publication(session, tour=tour, evenings=[evening])
    email_hash = opting_out.email_hash(vault, EMAIL)
    values: dict[str, Any] = {"email_encrypted": vault.encrypt(EMAIL), "email_hash": email_hash}
    person: Subscriber = make.make_subscriber(session, vault=vault, email_confirmed_at=NOW, **values)
    return make.make_message(session, subscriber=person, evening=evening, kind="cancelled", number=3)


def stand(session: Session, channel: str = "sms", **values: Any) -> Gateway:
    """Set how a channel stands today."""
    row = gateways.get(session, channel)
    for name, value in ({"day": NOW.date()} | values).items():
        setattr(row, name, value)
    session.flush()
    return row


def follow(session: Session, clock: FixedClock, vault: Vault) -> int:
    """Look once."""
    return taking_over.follow(session, clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.mark.parametrize("how", [LONG_DOWN, {"capped": True}, {"spent": BUDGET}])
def test_what_cannot_leave_by_sms_leaves_by_email_and_never_by_both(
    session: Session, session_factory: Factory, news: Message, clock: FixedClock, vault: Vault, how: dict[str, Any]
) -> None:
    """The SMS is withdrawn: it does not follow when the provider is back the next day."""
    stand(session, tokens_at=NOW + dt.timedelta(minutes=5), **how)
    session.commit()
    senders = Senders(FakeSms(), FakeEmail())
    for _ in range(2):
        sending.send_due(
            session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=lambda _: True
        )
        clock.advance(hours=23)
    assert [email.to for email in senders.email.sent] == [EMAIL]
    assert senders.sms.sent == []
    session.refresh(news)
    assert (news.state, news.error) == ("dropped", "les SMS ne partent pas\u00a0: un e-mail en tient lieu")
    assert session.scalars(select(Message.takes_over).filter_by(channel="email")).all() == [news.id]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"down_since": NOW - taking_over.DOWN_FOR + dt.timedelta(seconds=1)},
        {"spent": BUDGET - 1},
        LONG_DOWN | {"paused_at": NOW},
        {"capped": True, "day": NOW.date() - dt.timedelta(days=1)},
    ],
)
def test_an_sms_that_may_leave_soon_or_that_a_person_holds_back_waits(
    session: Session, news: Message, clock: FixedClock, vault: Vault, how: dict[str, Any]
) -> None:
    """Whoever paused SMS had a reason; most outages are short; yesterday's cap is over."""
    stand(session, **how)
    assert follow(session, clock, vault) == 0
    assert news.state == "queued"


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "reminder", "number": 20270619},
        {"due_at": NOW + dt.timedelta(hours=1)},
        {"state": "sending"},
        {"state": "uncertain"},
        {"state": "dropped"},
    ],
)
def test_only_news_that_is_due_and_has_not_left_is_taken_over(
    session: Session, news: Message, clock: FixedClock, vault: Vault, values: dict[str, Any]
) -> None:
    """A reminder may be missed; the morning may find the way open; what may have left is not repeated."""
    for name, value in values.items():
        setattr(news, name, value)
    stand(session, **LONG_DOWN)
    assert follow(session, clock, vault) == 0


def test_urgent_news_has_twice_the_budget(session: Session, news: Message, clock: FixedClock, vault: Vault) -> None:
    """It may leave by SMS still."""
    news.urgent = True
    row = stand(session, spent=2 * BUDGET - 1)
    assert follow(session, clock, vault) == 0
    row.spent = 2 * BUDGET
    assert follow(session, clock, vault) == 1


@pytest.mark.parametrize("how", [{"down_since": NOW}, {"paused_at": NOW}])
def test_where_emails_do_not_leave_either_the_sms_keeps_its_place(
    session: Session, news: Message, clock: FixedClock, vault: Vault, how: dict[str, Any]
) -> None:
    """Whichever is back first."""
    stand(session, **LONG_DOWN)
    stand(session, "email", **how)
    assert follow(session, clock, vault) == 0
    assert news.state == "queued"


def test_an_sms_that_is_claimed_at_this_moment_is_not_doubled(
    session: Session, news: Message, clock: FixedClock, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listed as queued, it is being tried when it should be withdrawn: no e-mail."""
    stand(session, **LONG_DOWN)
    drafts = taking_over.mailing.drafts

    def claimed_meanwhile(*args: Any, **values: Any) -> Any:
        session.connection().exec_driver_sql("UPDATE message SET state = 'sending'")
        return drafts(*args, **values)

    monkeypatch.setattr(taking_over.mailing, "drafts", claimed_meanwhile)
    assert follow(session, clock, vault) == 0


def test_an_outage_that_lasts_is_told_by_email(
    session: Session, session_factory: Factory, news: Message, clock: FixedClock, vault: Vault
) -> None:
    """Minute by minute, as the workers go: refused again and again, then by e-mail, once."""
    session.commit()
    senders = Senders(FakeSms(errors=[SendError("unavailable", code="503")] * 99), FakeEmail())
    when = []
    for minute in range(13):
        sending.send_due(
            session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=lambda _: True
        )
        when += [minute] * (len(senders.email.sent) - len(when))
        clock.advance(minutes=1)
    assert when == [10]
