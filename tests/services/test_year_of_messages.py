"""A simulated year, hour by hour: changes of hour, Sundays, holidays, organisers who change plans at night, outages.

Every kind of message, both ways, to readers and hosts, within a day's budget that is sometimes met.

In CI two weeks round Easter, when the clocks change too, by three hours. The whole year, some minutes long:
``GUINGUETTE_TEST_YEAR=1 python -m pytest tests/services/test_year_of_messages.py``.
"""

import datetime as dt
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.ports import Accepted, Email, Known, SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.models import Commune, Evening, Message, RuleSetting, Subscriber, Tour
from guinguette.services import (
    agreeing,
    evenings,
    host_messages,
    messages,
    new_evenings,
    opting_out,
    options,
    publication,
    reconciling,
    reminders,
    sending,
)
from guinguette.services.evenings import Act
from tests.factories import (
    make_committee,
    make_commune,
    make_contact,
    make_evening,
    make_publication,
    make_subscriber,
    make_tour,
    make_vehicle,
)
from tests.fakes import PUBLIC_URL, FixedClock
from tests.services.outbox import Factory

WHOLE = bool(os.environ.get("GUINGUETTE_TEST_YEAR"))
FIRST, DAYS, STEP = (dt.date(2027, 1, 1), 365, 1) if WHOLE else (dt.date(2027, 3, 22), 13, 3)
#: As the law names them (Code du travail L3133-1), not as a library does.
HOLIDAYS = {
    dt.date(2027, month, day)
    for month, day in [
        (1, 1), (3, 29), (5, 1), (5, 6), (5, 8), (5, 17), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25),
    ]
}  # fmt: skip
NEWS = ("cancelled", "postponed", "moved_to_hall", "changed")
EVERY_KIND = {
    *NEWS, "reminder", "week_ahead", "announced", "code", "welcome", "option", "nudge", "option_lapsed",
    "agreed",
}  # fmt: skip
#: So few segments a day that it is met when much happens; urgent news has twice as many.
BUDGET = 12
#: Refused for good: an e-mail takes over.
GONE = "+33639989999"

#: When, to whom, the text, the row.
Left = tuple[dt.datetime, str, str, str]


@dataclass
class FlakyProvider:
    """Takes most messages; some without saying so, some not at all; on some days it is down for hours."""

    clock: FixedClock
    dice: random.Random
    left: list[Left] = field(default_factory=list)

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Take the message, or fail in one of the ways there are."""
        if to == GONE:
            raise SendError("gone", code="21211", permanent=True)
        return self._take(to, body, message_id)

    def _take(self, to: str, body: str, message_id: str) -> Accepted:
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
        return Accepted(provider_id=f"{type(self).__name__}-{len(self.left)}")

    def sent_to(self, to: str, since: dt.datetime) -> list[Known]:
        """Return what has left."""
        return [
            Known(f"{type(self).__name__}-{number}", body, "delivered", "")
            for number, (at, number_of, body, _) in enumerate(self.left, 1)
            if number_of == to and at >= since
        ]


class FlakyServer(FlakyProvider):
    """The same for e-mails; nobody can ask it afterwards."""

    def send(self, email: Email) -> Accepted:  # type: ignore[override]
        """Take the e-mail, or fail."""
        return self._take(email.to, email.text, email.message_id)


def test_every_message_leaves_when_it_may_or_says_why_not(
    session: Session, session_factory: Factory, clock: FixedClock, vault: Vault
) -> None:
    """Outside the safe hours only answers and news of the next 24 hours; none twice; none forgotten; each kind."""
    dice, *others = (random.Random(year) for year in (2027, 2028, 2029))  # noqa: S311 -- the same year each time
    provider, server = FlakyProvider(clock, others[0]), FlakyServer(clock, others[1])
    act = Act(actor="anne@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)
    clock.set(dt.datetime.combine(FIRST, dt.time(0), tzinfo=PARIS))
    people = _settle(session, vault)
    changes, wishes = cycle(["hall", "pitch", "postpone", "hall", "pitch", "cancel"]), cycle(["code", "sms", "list"])
    hours = 0
    while hours < DAYS * 24:
        reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
        options.expire(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
        host_messages.nudge(session, clock=clock, vault=vault, public_url=PUBLIC_URL, phone="")
        session.commit()
        if hours % (5 * 24) == 9:
            _plan_another(session, act)
        if dice.random() < 0.08 * STEP:
            _change_plans(session, act, dice, next(changes))
        if dice.random() < 0.05 * STEP:
            _answer(session, dice.choice(people), act, next(wishes))
        if hours == DAYS * 12:
            opting_out.oppose(session, people[0], said_by="link", clock=clock, vault=vault)
        session.commit()
        senders = Senders(sms=provider, email=server)
        sending.send_due(
            session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait
        )
        reconciling.reconcile(session_factory, clock=clock, sms=provider, vault=vault)
        hours += STEP
        clock.set(dt.datetime.combine(FIRST, dt.time(0), tzinfo=PARIS).astimezone(dt.UTC) + dt.timedelta(hours=hours))
    left = provider.left + server.left
    _none_twice(session, left)
    _none_at_night(session, left)
    _none_forgotten(session, left, clock)
    _none_beyond_the_budget(session, provider.left)
    _each_kind(session, provider.left, server.left)


def _settle(session: Session, vault: Vault) -> list[Subscriber]:
    """Make a tour of an evening every other day in three villages, their hosts, and people with scopes of all sorts.

    Returns those with a number that can be written to; the last of them wants all there is.
    """
    session.add(RuleSetting(key="sms_daily_budget", value=BUDGET, valid_from=dt.date(2020, 1, 1), source="contrat"))
    tour, van = make_tour(session, slug="annee"), make_vehicle(session)
    villages = [make_commune(session, insee=f"5218{n}", lat=48.5 + n / 20, lon=4.9) for n in range(3)]
    days = [FIRST + dt.timedelta(days=1 + 2 * n) for n in range((DAYS + 12) // 2)]
    shown = [
        make_evening(session, tour=tour, commune=villages[n % 3], vehicle=van, date=day) for n, day in enumerate(days)
    ]
    make_publication(session, tour=tour, evenings=shown)
    for n, village in enumerate(villages):
        phone = vault.encrypt(f"+33639981{n:03}")
        make_contact(session, committee=make_committee(session, commune=village), phone_encrypted=phone)
    scopes = [
        ["tour:annee"], ["commune:52180"], ["commune:52181", "near:52181:20"], ["tour:annee", "commune:52182"],
        ["near:52180:50"],
    ]  # fmt: skip
    people = [make_subscriber(session, vault=vault, phone=f"+3363998{n:04}", scopes=s) for n, s in enumerate(scopes)]
    by_email = {
        "email_encrypted": vault.encrypt("anne@example.org"),
        "email_hash": opting_out.email_hash(vault, "anne@example.org"),
        "email_confirmed_at": dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
    }
    gone = make_subscriber(session, vault=vault, phone=GONE, scopes=["commune:52180"], **by_email)
    by_email |= {
        "phone_encrypted": "",
        "phone_hash": None,
        "email_encrypted": vault.encrypt("jean@example.org"),
        "email_hash": opting_out.email_hash(vault, "jean@example.org"),
    }
    without_number = make_subscriber(session, vault=vault, scopes=["tour:annee"], **by_email)
    for subscription in [*people[-1].subscriptions, *gone.subscriptions, *without_number.subscriptions]:
        subscription.week_ahead = subscription.new_evenings = True
    session.commit()
    return people


def _plan_another(session: Session, act: Act) -> None:
    """Put a new date online, which makes news, and ask its host, who will not answer in time."""
    day = act.clock.now().astimezone(PARIS).date()
    date = day + dt.timedelta(days=10)
    free = Commune.insee.not_in(select(Evening.commune_insee).where(Evening.date == date))
    tour, village = session.scalars(select(Tour)).one(), session.scalars(select(Commune).where(free).limit(1)).one()
    proposed = make_evening(session, tour=tour, commune=village, date=date, state="proposed")
    version = publication.refresh(session, tour, actor=act.actor, clock=act.clock)
    new_evenings.tell(session, version, clock=act.clock, vault=act.vault, public_url=PUBLIC_URL)
    options.send(session, proposed, act, expires_on=day + dt.timedelta(days=5))


def _change_plans(session: Session, act: Act, dice: random.Random, what: str) -> None:
    """Let the organisers change one of the next evenings, at whatever hour it is."""
    local = act.clock.now().astimezone(PARIS)
    today, first = local.date(), local.date() + dt.timedelta(days=local.hour >= 17)
    within = dt.timedelta(days=dice.choice([0, 1, 1, 3]))
    found = session.scalars(
        select(Evening)
        .where(Evening.state == "confirmed", Evening.date >= first, Evening.date <= today + within)
        .order_by(Evening.date)
    ).all()
    coming = [evening for evening in found if what == "cancel" or (evening.venue == "hall") == (what == "pitch")]
    if not coming:
        return
    evening = dice.choice(coming)
    if what == "cancel":
        evenings.cancel(session, evening, act, reason="Orage.")
    elif what == "postpone":
        later = evening.date + dt.timedelta(days=1)  # a day of nobody: evenings are two days apart
        if session.scalar(select(Evening.id).where(Evening.date == later)) is None:
            evenings.postpone(session, evening, act, date=later, reason="Vent.", agreed=True)
    elif what == "hall":
        evenings.move_to_hall(session, evening, act, reason="Pluie.")
    else:
        evenings.move_to_pitch(session, evening, act, reason="Beau temps.")


def _answer(session: Session, person: Subscriber, act: Act, what: str) -> None:
    """Let somebody ask for a code, subscribe by SMS, or have signed a list that is typed in at whatever hour."""
    now = act.clock.now()
    if person.opted_out_at is not None:
        return
    if what == "code":
        code = messages.Draft(
            subscriber_id=person.id, evening_id=None, kind="code", number=0, body="Code 123456", segments=1,
            urgent=True, due_at=now, expires_at=now + dt.timedelta(minutes=15),
        )  # fmt: skip
        messages.enqueue(session, [code], act.clock)
        return
    signed, vault = what == "list", act.vault
    agreeing.welcome(session, person, "tour:annee", signed=signed, clock=act.clock, vault=vault, public_url=PUBLIC_URL)


def _none_twice(session: Session, left: list[Left]) -> None:
    assert max(Counter(message_id for *_, message_id in left).values()) == 1
    said = session.execute(
        select(Message.evening_id, Message.subscriber_id, Message.contact_id, Message.kind, Message.number).where(
            Message.id.in_([message_id for *_, message_id in left]), Message.evening_id.is_not(None)
        )
    ).all()
    assert len(said) == len(set(said))
    assert len(said) > DAYS


def _none_at_night(session: Session, left: list[Left]) -> None:
    """Hold each against the law's own calendar."""
    at_night = 0
    for at, _, _, message_id in left:
        local, message = at.astimezone(PARIS), session.get_one(Message, message_id)
        safe = 9 <= local.hour < 20 and local.weekday() < 6 and local.date() not in HOLIDAYS
        if safe or (message.kind in messages.ASKED_FOR and message.urgent):
            continue
        at_night += 1
        assert message.kind in NEWS, (message.kind, local)
        assert message.evening is not None
        starts = dt.datetime.combine(message.evening.date, message.evening.starts_at, tzinfo=PARIS)
        assert starts.astimezone(dt.UTC) - at <= dt.timedelta(hours=24), (message.kind, local)
    assert at_night  # else nothing was shown


def _none_beyond_the_budget(session: Session, left: list[Left]) -> None:
    """Whatever can wait stops at the day's budget, urgent news at twice that; some days met it."""
    all_of: Counter[dt.date] = Counter()
    others: Counter[dt.date] = Counter()
    for at, _, _, message_id in left:
        day, message = at.astimezone(PARIS).date(), session.get_one(Message, message_id)
        all_of[day] += message.segments
        others[day] += 0 if message.urgent and message.kind in NEWS else message.segments
    assert max(others.values()) <= BUDGET <= max(all_of.values()) <= 2 * BUDGET


def _each_kind(session: Session, by_sms: list[Left], by_email: list[Left]) -> None:
    """Require each kind at least once by SMS, and e-mails, of which some stood in for an SMS."""
    rows = [[session.get_one(Message, message_id) for *_, message_id in left] for left in (by_sms, by_email)]
    assert {message.kind for message in rows[0]} == EVERY_KIND
    assert {message.kind for message in rows[1]} >= {"reminder", "week_ahead", "announced", "cancelled"}
    assert {message.kind for message in rows[1] if message.takes_over} >= {"reminder", "cancelled"}


def _none_forgotten(session: Session, left: list[Left], clock: FixedClock) -> None:
    """Each row that was due is sent, or says why not; whoever an evening concerned has a row about it."""
    gone = {message_id for *_, message_id in left}
    session.expire_all()
    for message in session.scalars(select(Message)):
        if message.state in ("queued", "uncertain"):  # of the last hours
            assert clock.now() - message.created_at < dt.timedelta(days=5), (message.kind, message.due_at)
        elif message.id in gone:
            no_list = message.kind == "code" or message.channel == "email"
            unknown = no_list and message.error == reconciling.NOBODY_KNOWS
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
