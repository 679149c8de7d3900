"""Who is reminded of what, when; and who is told of a change."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.models import Commune, Evening, Message, Publication, Subscriber, Subscription, Tour
from guinguette.publishing.messages import segments
from guinguette.publishing.tour import PublishedTour
from guinguette.services import opting_out, reminders, sending
from tests.factories import make_commune, make_evening, make_publication, make_subscriber, make_tour
from tests.fakes import PUBLIC_URL, FakeSms, FixedClock, only_sms

PUBLIC = "https://guinguette.example"
PHONES = [f"+3363998{n:04}" for n in range(10)]


def paris(text: str) -> dt.datetime:
    """An instant by the clocks of Paris."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.fixture
def tour(session: Session) -> Tour:
    """The summer tour."""
    return make_tour(session, slug="ete-2027")


@pytest.fixture
def eclaron(session: Session) -> Commune:
    """A village."""
    return make_commune(session, insee="52182", name="Éclaron", lat=48.57, lon=4.84)


@pytest.fixture
def evening(session: Session, tour: Tour, eclaron: Commune) -> Evening:
    """Saturday 19 June 2027, 18 h to 22 h at Éclaron."""
    return make_evening(session, id="eclaron1", tour=tour, commune=eclaron)


def _prepare(session: Session, clock: FixedClock, vault: Vault) -> int:
    return reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC)


def _change(session: Session, publication: Publication, kind: str, clock: FixedClock, vault: Vault) -> int:
    published = PublishedTour.from_json(publication.payload)
    return reminders.messages_for_change(session, published, published.evenings[0], kind, clock, vault, PUBLIC)


def _all(session: Session) -> list[Message]:
    session.expire_all()
    return list(session.scalars(select(Message).order_by(Message.created_at, Message.subscriber_id)))


def test_one_reminder_a_person_at_five_the_day_before(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """Not a second earlier, once though three scopes match, and never twice."""
    make_publication(session, tour=tour, evenings=[evening])
    scopes = ["commune:52182", "tour:ete-2027", "near:52182:20"]
    subscriber = make_subscriber(session, vault=vault, phone=PHONES[0], scopes=scopes)
    clock.set(paris("2027-06-18 16:59:59"))
    assert _prepare(session, clock, vault) == 0
    clock.set(paris("2027-06-18 17:00"))
    assert [_prepare(session, clock, vault), _prepare(session, clock, vault)] == [1, 0]
    (message,) = _all(session)
    token = opting_out.stop_token(vault, subscriber.phone_hash)
    assert message.body == (
        "Guinguette : samedi 19 juin à Éclaron, 18 h-22 h, Place de l'Église. S'il pleut : Salle des fetes. "
        f"STOP : {PUBLIC}/stop/{token}"
    )
    assert message.segments == segments(message.body) == 1
    assert (message.due_at, message.expires_at) == (paris("2027-06-18 17:00"), paris("2027-06-19 18:00"))
    assert not message.urgent


def test_only_those_concerned_are_reminded(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, eclaron: Commune, evening: Evening
) -> None:
    """Each kind of scope on both sides, nobody unconfirmed, nobody who has stopped."""
    make_commune(session, insee="51001", lat=48.67, lon=4.84)
    make_publication(session, tour=tour, evenings=[evening])
    scopes = ["commune:52182", "tour:ete-2027", f"epci:{eclaron.epci_siren}", "near:51001:12", "near:51001:10",
              "commune:51001", "tour:hiver"]  # fmt: skip
    subscribers = [
        make_subscriber(session, vault=vault, phone=phone, scopes=[scope])
        for phone, scope in zip(PHONES, scopes, strict=False)
    ]
    make_subscriber(session, vault=vault, phone=PHONES[8], scopes=["commune:52182"], opted_out_at=clock.now())
    unconfirmed = make_subscriber(session, vault=vault, phone=PHONES[9], scopes=["commune:52182"])
    unconfirmed.subscriptions[0].confirmed_at = None
    clock.set(paris("2027-06-18 17:00"))
    (due,) = reminders.due(session, clock.now())
    assert [r.id for r in due.recipients] == [s.id for s in subscribers[:4]]
    assert _prepare(session, clock, vault) == 4


@pytest.mark.parametrize("state", ["cancelled", "postponed", "held"])
def test_nobody_is_reminded_of_what_does_not_take_place(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening, state: str
) -> None:
    """Cancelled, postponed or over: no reminder."""
    evening.state = state
    make_publication(session, tour=tour, evenings=[evening])
    make_subscriber(session, vault=vault, scopes=["commune:52182"])
    clock.set(paris("2027-06-18 17:00"))
    assert _prepare(session, clock, vault) == 0


def test_the_newest_publication_counts(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """What an older version said is forgotten."""
    make_publication(session, tour=tour, evenings=[evening])
    evening.date = dt.date(2027, 6, 26)
    make_publication(session, tour=tour, evenings=[evening])
    make_subscriber(session, vault=vault, scopes=["commune:52182"])
    clock.set(paris("2027-06-18 17:00"))
    assert _prepare(session, clock, vault) == 0
    clock.set(paris("2027-06-25 17:00"))
    assert _prepare(session, clock, vault) == 1


def test_an_evening_that_moves_is_reminded_of_again(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """One reminder for each date that people were to come."""
    make_publication(session, tour=tour, evenings=[evening])
    make_subscriber(session, vault=vault, scopes=["commune:52182"])
    clock.set(paris("2027-06-18 17:00"))
    _prepare(session, clock, vault)
    evening.date = dt.date(2027, 6, 26)
    make_publication(session, tour=tour, evenings=[evening])
    clock.set(paris("2027-06-25 17:00"))
    assert _prepare(session, clock, vault) == 1


def test_whoever_subscribes_late_is_still_reminded_until_it_begins(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """On the day itself too, but not once it has started."""
    make_publication(session, tour=tour, evenings=[evening])
    clock.set(paris("2027-06-19 17:59"))
    make_subscriber(session, vault=vault, phone=PHONES[0], scopes=["commune:52182"])
    assert _prepare(session, clock, vault) == 1
    clock.set(paris("2027-06-19 18:00"))
    make_subscriber(session, vault=vault, phone=PHONES[1], scopes=["commune:52182"])
    assert _prepare(session, clock, vault) == 0


def test_five_weeks_of_evenings_with_sundays_and_four_holidays(
    session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault, tour: Tour, sms: FakeSms
) -> None:
    """An evening every day, worked through every four hours: each is reminded of once, at five, on a permitted day."""
    days = [dt.date(2027, 4, 20) + dt.timedelta(days=n) for n in range(35)]
    commune = make_commune(session, insee="52182")
    first = make_evening(session, tour=tour, commune=commune, date=days[0])
    others = [make_evening(session, tour=tour, commune=commune, vehicle=first.vehicle, date=d) for d in days[1:]]
    make_publication(session, tour=tour, evenings=[first, *others])
    make_subscriber(session, vault=vault, scopes=["commune:52182"])
    session.commit()
    left: dict[str, dt.datetime] = {}
    clock.set(paris("2027-04-17 01:00"))
    while clock.now() < paris("2027-05-25 00:00"):
        _prepare(session, clock, vault)
        session.commit()
        known = len(sms.sent)
        sending.send_due(
            session_factory, clock=clock, senders=only_sms(sms), vault=vault, public_url=PUBLIC_URL, wait=clock.wait
        )
        for one in sms.sent[known:]:
            assert one.message_id not in left
            left[one.message_id] = clock.now()
        clock.advance(hours=4)
    by_date = {m.evening.date: left[m.id].astimezone(PARIS) for m in session.scalars(select(Message)) if m.evening}
    assert sorted(by_date) == days
    assert {at.hour for at in by_date.values()} == {17}
    assert all(at.date() < day and at.weekday() < 6 for day, at in by_date.items())
    holidays = {dt.date(2027, 5, n) for n in (1, 6, 8, 17)}
    assert not holidays & {at.date() for at in by_date.values()}
    assert by_date[dt.date(2027, 5, 18)].date() == dt.date(2027, 5, 15)  # Tuesday after Whit Monday: on Saturday


@pytest.mark.parametrize(
    ("now", "due", "urgent"),
    [
        ("2027-06-18 23:00", "2027-06-18 23:00", True),
        ("2027-06-15 10:00", "2027-06-15 10:00", False),
        ("2027-06-15 22:00", "2027-06-16 09:00", False),
    ],
)
def test_news_of_a_cancellation(
    session: Session,
    clock: FixedClock,
    vault: Vault,
    tour: Tour,
    evening: Evening,
    now: str,
    due: str,
    urgent: bool,
) -> None:
    """Queued once for everybody concerned; at once within a day of the evening, else in permitted hours."""
    evening.state, evening.sequence, evening.change_note = "cancelled", 1, "canicule"
    publication = make_publication(session, tour=tour, evenings=[evening])
    for phone in PHONES[:3]:
        make_subscriber(session, vault=vault, phone=phone, scopes=["commune:52182"])
    clock.set(paris(now))
    assert _change(session, publication, "cancelled", clock, vault) == 3
    first = _all(session)[0]
    assert "samedi 19 juin à Éclaron est ANNULÉE (canicule)." in first.body
    assert (first.due_at, first.urgent, first.number) == (paris(due), urgent, 1)
    assert len({m.body for m in _all(session)}) == 3  # each with a STOP link of its own


def test_older_news_and_reminders_give_way_to_newer(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """What has not left yet is withdrawn; the reminder is written anew with the new place."""
    make_publication(session, tour=tour, evenings=[evening])
    make_subscriber(session, vault=vault, scopes=["commune:52182"])
    clock.set(paris("2027-06-18 17:00"))
    _prepare(session, clock, vault)
    evening.venue, evening.sequence, evening.change_note = "hall", 1, "orages"
    moved = make_publication(session, tour=tour, evenings=[evening])
    assert _change(session, moved, "moved_to_hall", clock, vault) == 1
    assert [m.kind for m in _all(session)] == ["moved_to_hall"]
    assert _prepare(session, clock, vault) == 1
    assert "Salle des fetes, rue du Lac" in next(m.body for m in _all(session) if m.kind == "reminder")
    evening.state, evening.sequence = "cancelled", 2
    cancelled = make_publication(session, tour=tour, evenings=[evening])
    assert _change(session, cancelled, "cancelled", clock, vault) == 1
    assert {m.kind: m.state for m in _all(session)} == {"moved_to_hall": "dropped", "cancelled": "queued"}


def test_a_moved_date_is_urgent_when_the_old_one_is_near(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """Those who would come tomorrow must know tonight, though the new date is weeks away."""
    make_publication(session, tour=tour, evenings=[evening])
    make_subscriber(session, vault=vault, scopes=["commune:52182"])
    evening.date, evening.sequence = dt.date(2027, 7, 10), 1
    moved = make_publication(session, tour=tour, evenings=[evening])
    clock.set(paris("2027-06-18 22:00"))
    assert _change(session, moved, "changed", clock, vault) == 1
    (message,) = _all(session)
    assert message.urgent
    assert "ce n'est plus samedi 19 juin mais samedi 10 juillet" in message.body


def test_nobody_is_told_of_what_is_over(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """An evening that went on past midnight ends the day after."""
    evening.ends_at, evening.state, evening.sequence = dt.time(1), "cancelled", 1
    publication = make_publication(session, tour=tour, evenings=[evening])
    make_subscriber(session, vault=vault, scopes=["commune:52182"])
    clock.set(paris("2027-06-20 01:00"))
    assert _change(session, publication, "cancelled", clock, vault) == 0
    clock.set(paris("2027-06-20 00:59"))
    assert _change(session, publication, "cancelled", clock, vault) == 1


def test_each_reads_a_language_of_their_own(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """The STOP page too is in the subscriber's language."""
    make_publication(session, tour=tour, evenings=[evening])
    make_subscriber(session, vault=vault, phone=PHONES[0], scopes=["commune:52182"])
    make_subscriber(session, vault=vault, phone=PHONES[1], scopes=["commune:52182"], locale="en")
    clock.set(paris("2027-06-18 17:00"))
    _prepare(session, clock, vault)
    french, english = (m.body for m in _all(session))
    assert "samedi 19 juin" in french
    assert "Saturday 19 June" in english
    assert f"{PUBLIC}/en/stop/" in english


def test_a_thousand_people_are_told_each_with_a_link_of_their_own(
    session: Session, clock: FixedClock, vault: Vault, tour: Tour, evening: Evening
) -> None:
    """The text is written once a language, the rows go in by hundreds."""
    evening.state, evening.sequence = "cancelled", 1
    publication = make_publication(session, tour=tour, evenings=[evening])
    session.add_all(
        Subscriber(
            phone_encrypted="x", phone_hash=f"{n:064}", stop_token_hash=f"{n:064}", created_at=clock.now(),
            confirmed_at=clock.now(),
        )
        for n in range(1_000)
    )  # fmt: skip
    session.flush()
    ids = list(session.scalars(select(Subscriber.id)))
    session.add_all(
        Subscription(subscriber_id=id_, scope="tour:ete-2027", confirmed_at=clock.now(), created_at=clock.now())
        for id_ in ids
    )
    session.flush()
    assert _change(session, publication, "cancelled", clock, vault) == 1_000
    assert session.scalar(select(func.count(Message.body.distinct()))) == 1_000
