"""How a channel stands: its pace, its daily budget, its provider, and a person's hand on it (services/gateways.py)."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.ports import Accepted, SendError
from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput
from guinguette.models import RuleSetting, Subscriber
from guinguette.services import gateways
from tests.factories import make_evening, make_message
from tests.fakes import NOW, FakeSms, FixedClock
from tests.services.outbox import Factory, send

FAR = NOW + dt.timedelta(days=30)


@pytest.fixture
def outbox(session: Session, session_factory: Factory, subscriber: Subscriber, vault: Vault) -> "Outbox":
    """An outbox with one reader."""
    return Outbox(session, session_factory, subscriber, vault)


class Outbox:
    """What these tests do again and again: messages in, a round made, the channel's standing."""

    def __init__(self, session: Session, factory: Factory, subscriber: Subscriber, vault: Vault) -> None:
        self.session, self.factory, self.subscriber, self.vault = session, factory, subscriber, vault

    def fill(self, count: int, **values: object) -> None:
        """Queue messages that are due."""
        for _ in range(count):
            make_message(self.session, subscriber=self.subscriber, **({"expires_at": FAR} | values))
        self.session.commit()

    def rule(self, key: str, value: int) -> None:
        """Put a rule in force."""
        self.session.add(RuleSetting(key=key, value=value, valid_from=dt.date(2020, 1, 1), source="contrat"))
        self.session.commit()

    def round(self, clock: FixedClock, sms: FakeSms) -> dict[str, int]:
        """Make a round."""
        return send(self.factory, clock, sms, self.vault)

    def status(self, clock: FixedClock) -> gateways.Status:
        """Return how SMS stand."""
        self.session.expire_all()
        found = gateways.status(self.session, "sms", clock)
        self.session.rollback()
        return found


def test_messages_leave_at_the_providers_rate(outbox: Outbox, clock: FixedClock, sms: FakeSms) -> None:
    """A second's worth at once, then one segment after the other: 30 of two segments at 10 a second take 5 seconds."""
    outbox.fill(30, segments=2)
    assert outbox.round(clock, sms) == {"sent": 30}
    assert clock.now() - NOW == pytest.approx(dt.timedelta(seconds=5), abs=dt.timedelta(milliseconds=1))


def test_a_text_longer_than_a_seconds_worth_leaves_all_the_same(
    outbox: Outbox, clock: FixedClock, sms: FakeSms
) -> None:
    """A rate of one segment a second, and three segments."""
    outbox.rule("sms_per_second", 1)
    outbox.fill(2, segments=3)
    assert outbox.round(clock, sms) == {"sent": 2}


def test_nothing_leaves_while_a_person_says_so(
    outbox: Outbox, session: Session, clock: FixedClock, sms: FakeSms
) -> None:
    """Paused with a reason, codes included; all of it leaves afterwards."""
    outbox.fill(2)
    outbox.fill(1, kind="code", urgent=True)
    gateways.pause(session, "sms", by="anne@example.org", reason=" Texte  faux ", clock=clock)
    session.commit()
    assert outbox.round(clock, sms) == {}
    status = outbox.status(clock)
    assert (status.paused_at, status.paused_by, status.pause_reason) == (NOW, "anne@example.org", "Texte faux")
    assert (status.waiting, status.flowing) == (3, False)
    gateways.resume(session, "sms")
    session.commit()
    assert outbox.status(clock).flowing
    assert outbox.round(clock, sms) == {"sent": 3}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_pause_has_a_reason(session: Session, clock: FixedClock, reason: str) -> None:
    """Others will read it."""
    with pytest.raises(InvalidInput) as refusal:
        gateways.pause(session, "sms", by="anne", reason=reason, clock=clock)
    assert refusal.value.field == "reason"


def test_the_days_budget_stops_what_can_wait_and_at_twice_all(
    outbox: Outbox, session: Session, clock: FixedClock, sms: FakeSms
) -> None:
    """Reminders and codes at the budget, urgent news at twice; another day is another budget."""
    outbox.rule("sms_daily_budget", 4)
    evening = make_evening(session, state="cancelled")
    outbox.fill(3, segments=2)
    outbox.fill(1, kind="code", urgent=True)
    for number in range(5):
        outbox.fill(1, kind="cancelled", urgent=True, evening=evening, number=number)
    assert outbox.round(clock, sms) == {"sent": 6}  # the code, five times the news: nothing of two segments fits
    assert [outbox.status(clock).spent, outbox.status(clock).out_of_budget] == [6, True]
    outbox.fill(1, kind="code", urgent=True)
    for number in range(5, 10):
        outbox.fill(1, kind="cancelled", urgent=True, evening=evening, number=number)
    assert outbox.round(clock, sms) == {"sent": 2}  # the news up to eight
    clock.advance(days=1)
    assert outbox.status(clock).spent == 0
    assert outbox.round(clock, sms) == {"sent": 4}  # a code, three times the news
    clock.advance(days=1)
    assert outbox.round(clock, sms) == {"sent": 2}  # four segments of reminders


def test_a_person_raises_the_days_budget(outbox: Outbox, session: Session, clock: FixedClock, sms: FakeSms) -> None:
    """For that day alone."""
    outbox.rule("sms_daily_budget", 1)
    outbox.fill(5)
    assert outbox.round(clock, sms) == {"sent": 1}
    gateways.raise_budget(session, "sms", 2, clock)
    session.commit()
    assert (outbox.status(clock).budget, outbox.status(clock).raised) == (3, 2)
    assert outbox.round(clock, sms) == {"sent": 2}
    clock.advance(days=1)
    assert outbox.status(clock).budget == 1
    assert outbox.round(clock, sms) == {"sent": 1}
    for segments in (0, -1, 100_001):
        with pytest.raises(InvalidInput):
            gateways.raise_budget(session, "sms", segments, clock)


def test_a_provider_that_refuses_all_is_down_and_tried_ever_more_rarely(
    outbox: Outbox, clock: FixedClock, sms: FakeSms
) -> None:
    """One message a try, after a minute, then as long as it has been down, five at most; a success ends it."""
    outbox.fill(3)
    refusal = SendError("unknown account", code="20003")
    sms.errors = [refusal] * 5
    tried = []
    for minute in range(20):
        if outbox.round(clock, sms) == {"queued": 1}:
            tried.append(minute)
            status = outbox.status(clock)
            assert (status.down_since, status.last_error) == (NOW, "20003 unknown account")
        elif sms.sent:
            break
        clock.advance(minutes=1)
    assert tried == [0, 1, 2, 4, 8]
    assert outbox.status(clock).flowing
    clock.advance(minutes=10)  # whichever was refused twice waits a little longer
    outbox.round(clock, sms)
    assert len(sms.sent) == 3
    assert outbox.status(clock).spent == 3  # what was refused has cost nothing


@pytest.mark.parametrize("refusal", [{"this_number": True}, {"permanent": True}])
def test_what_was_refused_is_not_charged_to_the_day(
    outbox: Outbox, clock: FixedClock, sms: FakeSms, refusal: dict[str, bool]
) -> None:
    """One number that cannot be written to, tried each hour, must not keep the others' reminders waiting."""
    outbox.rule("sms_daily_budget", 3)
    outbox.fill(1, segments=2)
    sms.errors = [SendError("not this number", **refusal)]  # type: ignore[arg-type]
    outbox.round(clock, sms)
    assert outbox.status(clock).spent == 0
    outbox.fill(1, segments=3)
    assert outbox.round(clock, sms) == {"sent": 1}
    assert outbox.status(clock).spent == 3


def test_one_that_is_always_refused_does_not_hold_up_the_others(outbox: Outbox, clock: FixedClock) -> None:
    """A server that hangs up on one address looks down: the next trial is somebody else's message."""

    class HangsUp(FakeSms):
        def send(self, *, to: str, body: str, message_id: str) -> Accepted:
            if body == "not this one":
                raise SendError("SMTPServerDisconnected")
            return super().send(to=to, body=body, message_id=message_id)

    provider = HangsUp()
    outbox.fill(1, body="not this one", due_at=NOW - dt.timedelta(minutes=1))
    outbox.fill(5)
    late = 0
    for _ in range(30):
        outbox.round(clock, provider)
        late += outbox.status(clock).waiting > 1
        clock.advance(minutes=1)
        outbox.fill(1)
    assert len(provider.sent) == 5 + 29
    assert late <= 6  # a minute in six or seven is lost to it


def test_while_it_is_down_one_worker_tries(outbox: Outbox, session: Session, clock: FixedClock, sms: FakeSms) -> None:
    """Whoever takes the trial shuts the door behind itself until the outcome is known."""
    outbox.fill(2)
    sms.errors = [SendError("unknown account", code="20003")]
    outbox.round(clock, sms)
    clock.advance(minutes=1)
    waits = []

    class Trial(FakeSms):
        def send(self, *, to: str, body: str, message_id: str) -> object:  # type: ignore[override]
            waits.append(send(outbox.factory, clock, sms, outbox.vault))
            return super().send(to=to, body=body, message_id=message_id)

    outbox.round(clock, Trial())
    assert waits[0] == {}


def test_an_outage_makes_two_messages_uncertain_not_all_of_them(
    outbox: Outbox, clock: FixedClock, sms: FakeSms
) -> None:
    """Once is an accident. Twice in a row, and the provider counts as down."""
    outbox.fill(50)
    sms.errors = [SendError("502", uncertain=True), None] + [SendError("502", uncertain=True)] * 2
    assert outbox.round(clock, sms) == {"uncertain": 3, "sent": 1}
    assert outbox.status(clock).down_since == clock.now()
    clock.advance(minutes=1)
    assert outbox.round(clock, sms) == {"sent": 46}


def test_too_fast_is_a_pause_of_seconds(outbox: Outbox, clock: FixedClock, sms: FakeSms) -> None:
    """20429: the round waits, then goes on; nothing is down."""
    outbox.fill(3)
    sms.errors = [None, SendError("slower", code="20429", busy=True)]
    assert outbox.round(clock, sms) == {"sent": 3, "queued": 1}
    assert clock.now() - NOW >= gateways.BACK_OFF
    assert outbox.status(clock).flowing


def test_the_providers_daily_cap_halts_the_day(
    outbox: Outbox, session: Session, clock: FixedClock, sms: FakeSms
) -> None:
    """63038: nothing leaves until tomorrow, or until a person has had the cap raised and says so."""
    outbox.fill(3)
    cap = SendError("daily cap", code="63038", capped=True)
    sms.errors = [None, cap]
    assert outbox.round(clock, sms) == {"sent": 1, "queued": 1}
    assert outbox.status(clock).capped
    clock.advance(hours=5)
    assert outbox.round(clock, sms) == {}
    gateways.resume(session, "sms")
    session.commit()
    sms.errors = [None, cap]
    assert outbox.round(clock, sms) == {"sent": 1, "queued": 1}
    clock.advance(hours=19)
    assert not outbox.status(clock).capped
    assert outbox.round(clock, sms) == {"sent": 1}


def test_a_code_passes_a_thousand_urgent_messages(
    outbox: Outbox, session: Session, clock: FixedClock, sms: FakeSms
) -> None:
    """Somebody sits before the form and waits for it."""
    evening = make_evening(session, state="cancelled")
    for number in range(3):
        outbox.fill(1, kind="cancelled", urgent=True, evening=evening, number=number, body="annulé")
    outbox.fill(1, kind="code", urgent=True, body="code", due_at=NOW + dt.timedelta(seconds=1))
    clock.advance(seconds=1)
    outbox.round(clock, sms)
    assert [one.body for one in sms.sent] == ["code", "annulé", "annulé", "annulé"]


def test_asking_how_it_stands_writes_nothing(session: Session, clock: FixedClock, queries: list[str]) -> None:
    """The desk may ask on every page."""
    status = gateways.status(session, "email", clock)
    assert (status.budget, status.flowing, status.waiting) == (None, True, 0)
    assert all(query.lstrip().startswith("SELECT") for query in queries)
