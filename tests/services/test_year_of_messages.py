"""A simulated year, hour by hour: changes of hour, Sundays, holidays, organisers who change plans at night, outages.

In CI two weeks round Easter, when the clocks change too. The whole year, some minutes long:
``GUINGUETTE_TEST_YEAR=1 python -m pytest tests/services/test_year_of_messages.py``.
"""

import datetime as dt
import os
import random
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.ports import Accepted, Known, SendError
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.models import Evening, Message, Subscriber, Tour
from guinguette.services import evenings, messages, opting_out, reconciling, reminders, sending
from guinguette.services.evenings import Act
from tests.factories import make_commune, make_evening, make_publication, make_subscriber, make_tour, make_vehicle
from tests.fakes import PUBLIC_URL, FixedClock, only_sms
from tests.services.outbox import Factory

WHOLE = bool(os.environ.get("GUINGUETTE_TEST_YEAR"))
FIRST, DAYS = (dt.date(2027, 1, 1), 365) if WHOLE else (dt.date(2027, 3, 22), 13)
#: As the law names them (Code du travail L3133-1), not as a library does.
HOLIDAYS = {
    dt.date(2027, month, day)
    for month, day in [
        (1, 1), (3, 29), (5, 1), (5, 6), (5, 8), (5, 17), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25),
    ]
}  # fmt: skip
NEWS = ("cancelled", "postponed", "moved_to_hall", "changed")


@dataclass
class FlakyProvider:
    """Takes most messages; some without saying so, some not at all; on some days it is down for hours."""

    clock: FixedClock
    dice: random.Random
    left: list[tuple[dt.datetime, str, str, str]] = field(default_factory=list)

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Take the message, or fail in one of the ways there are."""
        now = self.clock.now()
        if now.day % 9 == 0 and 9 <= now.hour < 16:
            raise SendError("account suspended", code="20003")
        luck = self.dice.random()
        if luck < 0.03:
            raise SendError("slower", code="20429", busy=True)
        if luck < 0.06:
            raise SendError("502", uncertain=True)
        self.left.append((now, to, body, message_id))
        if luck < 0.12:
            raise SendError("time-out", uncertain=True)
        return Accepted(provider_id=f"SM{len(self.left)}")

    def sent_to(self, to: str, since: dt.datetime) -> list[Known]:
        """Return what has left."""
        return [
            Known(f"SM{number}", body, "delivered", "")
            for number, (at, number_of, body, _) in enumerate(self.left, 1)
            if number_of == to and at >= since
        ]


def test_every_message_leaves_when_it_may_or_says_why_not(
    session: Session, session_factory: Factory, clock: FixedClock, vault: Vault
) -> None:
    """Outside the safe hours only codes and news of the next 24 hours; none twice; none forgotten."""
    dice = random.Random(2027)  # noqa: S311 -- the same year each time
    provider = FlakyProvider(clock, dice)
    act = Act(actor="anne@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)
    clock.set(dt.datetime.combine(FIRST, dt.time(0), tzinfo=PARIS))
    people = _settle(session, vault)
    hours = 0
    while hours < DAYS * 24:
        reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
        session.commit()
        if dice.random() < 0.05:
            _change_plans(session, act, dice)
        if dice.random() < 0.02:
            _ask_for_a_code(session, dice.choice(people), clock)
        if hours == DAYS * 12:
            opting_out.oppose(session, people[0], said_by="link", clock=clock, vault=vault)
        session.commit()
        senders = only_sms(provider)
        sending.send_due(
            session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait
        )
        reconciling.reconcile(session_factory, clock=clock, sms=provider, vault=vault)
        hours += 1
        clock.set(dt.datetime.combine(FIRST, dt.time(0), tzinfo=PARIS).astimezone(dt.UTC) + dt.timedelta(hours=hours))
    _none_twice(session, provider)
    _none_at_night(session, provider)
    _none_forgotten(session, provider, clock)


def _settle(session: Session, vault: Vault) -> list[Subscriber]:
    """Make a tour of an evening every other day in three villages, and people with one scope or several."""
    tour, van = make_tour(session, slug="annee"), make_vehicle(session)
    villages = [make_commune(session, insee=f"5218{n}", lat=48.5 + n / 20, lon=4.9) for n in range(3)]
    days = [FIRST + dt.timedelta(days=1 + 2 * n) for n in range((DAYS + 12) // 2)]
    shown = [
        make_evening(session, tour=tour, commune=villages[n % 3], vehicle=van, date=day) for n, day in enumerate(days)
    ]
    make_publication(session, tour=tour, evenings=shown)
    scopes = [
        ["tour:annee"], ["commune:52180"], ["commune:52181", "near:52181:20"], ["tour:annee", "commune:52182"],
        ["near:52180:50"],
    ]  # fmt: skip
    people = [make_subscriber(session, vault=vault, phone=f"+3363998{n:04}", scopes=s) for n, s in enumerate(scopes)]
    session.commit()
    return people


def _change_plans(session: Session, act: Act, dice: random.Random) -> None:
    """Let the organisers change one of the next evenings, at whatever hour it is."""
    local = act.clock.now().astimezone(PARIS)
    today, first = local.date(), local.date() + dt.timedelta(days=local.hour >= 17)
    within = dt.timedelta(days=dice.choice([0, 1, 1, 3]))
    coming = session.scalars(
        select(Evening)
        .where(Evening.state == "confirmed", Evening.date >= first, Evening.date <= today + within)
        .order_by(Evening.date)
    ).all()
    if not coming:
        return
    evening, what = dice.choice(coming), dice.choice(["cancel", "hall", "postpone"])
    if what == "cancel":
        evenings.cancel(session, evening, act, reason="Orage.")
    elif what == "postpone":
        later = evening.date + dt.timedelta(days=1)  # a day of nobody: evenings are two days apart
        if session.scalar(select(Evening.id).where(Evening.date == later)) is None:
            evenings.postpone(session, evening, act, date=later, reason="Vent.", agreed=True)
    elif evening.venue == "pitch":
        evenings.move_to_hall(session, evening, act, reason="Pluie.")


def _ask_for_a_code(session: Session, person: Subscriber, clock: FixedClock) -> None:
    now = clock.now()
    if person.opted_out_at is None:
        code = messages.Draft(
            subscriber_id=person.id, evening_id=None, kind="code", number=0, body="Code 123456", segments=1,
            urgent=True, due_at=now, expires_at=now + dt.timedelta(minutes=15),
        )  # fmt: skip
        messages.enqueue(session, [code], clock)


def _none_twice(session: Session, provider: FlakyProvider) -> None:
    assert max(Counter(message_id for *_, message_id in provider.left).values()) == 1
    said = session.execute(
        select(Message.evening_id, Message.subscriber_id, Message.kind, Message.number).where(
            Message.id.in_([message_id for *_, message_id in provider.left]), Message.evening_id.is_not(None)
        )
    ).all()
    assert len(said) == len(set(said))
    assert len(said) > DAYS


def _none_at_night(session: Session, provider: FlakyProvider) -> None:
    """Hold each against the law's own calendar."""
    at_night = 0
    for at, _, _, message_id in provider.left:
        local, message = at.astimezone(PARIS), session.get_one(Message, message_id)
        safe = 9 <= local.hour < 20 and local.weekday() < 6 and local.date() not in HOLIDAYS
        if safe or message.kind == "code":
            continue
        at_night += 1
        assert message.kind in NEWS, (message.kind, local)
        assert message.evening is not None
        starts = dt.datetime.combine(message.evening.date, message.evening.starts_at, tzinfo=PARIS)
        assert starts.astimezone(dt.UTC) - at <= dt.timedelta(hours=24), (message.kind, local)
    assert at_night  # else nothing was shown


def _none_forgotten(session: Session, provider: FlakyProvider, clock: FixedClock) -> None:
    """Each row that was due is sent, or says why not; whoever an evening concerned has a row about it."""
    left = {message_id for *_, message_id in provider.left}
    session.expire_all()
    for message in session.scalars(select(Message)):
        if message.state in ("queued", "uncertain"):  # of the last hours
            assert clock.now() - message.created_at < dt.timedelta(days=5), (message.kind, message.due_at)
        elif message.id in left:
            unknown = message.kind == "code" and message.error == reconciling.NOBODY_KNOWS
            assert message.state in ("sent", "delivered") or unknown, (message.kind, message.error)
        else:
            assert message.state in ("dropped", "failed")
            assert message.error
    reader = session.scalars(select(Subscriber).where(Subscriber.subscriptions.any(scope="near:52180:50"))).one()
    until = clock.now().astimezone(PARIS).date() - dt.timedelta(days=5)
    tour = session.scalars(select(Tour)).one()
    for evening in session.scalars(select(Evening).where(Evening.tour_id == tour.id, Evening.date < until)):
        kinds = set(session.scalars(select(Message.kind).filter_by(evening_id=evening.id, subscriber_id=reader.id)))
        expected = {"confirmed": "reminder", "cancelled": "cancelled", "postponed": "postponed"}[evening.state]
        assert expected in kinds, (evening.date, evening.state, kinds)
