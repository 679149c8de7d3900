"""Whom a change would tell: read from what the change itself queues."""

import datetime as dt
from decimal import Decimal

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import RuleSetting
from guinguette.services import evenings, publication
from guinguette.services.rehearsal import Told, euros, told_of
from tests import factories as make
from tests.fakes import FixedClock


def test_only_this_change_counts(session: Session, clock: FixedClock, vault: Vault) -> None:
    """An earlier change's messages and reminders do not; nobody's STOP link is shown."""
    act = evenings.Act(actor="x", clock=clock, vault=vault, public_url="https://guinguette.example")
    evening = make.make_evening(session)
    subscribers = [
        make.make_subscriber(session, vault=vault, phone=phone, scopes=[f"commune:{evening.commune_insee}"])
        for phone in ("+33639980001", "+33639980002")
    ]
    make.make_message(session, subscriber=subscribers[0], evening=evening, kind="reminder", number=2)
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    evenings.move_to_hall(session, evening, act, reason="orages")
    assert told_of(session, [evening]).people == 2
    evenings.cancel(session, evening, act, reason="canicule")
    told = told_of(session, [evening])
    assert told.people == 2
    [news] = told.news
    assert (news.kind, news.people, news.messages, news.segments, news.text) == ("cancelled", 2, 2, 1, told.text)
    assert "canicule" in told.text
    assert told.text.endswith("/stop/…")


def test_nobody_to_tell(session: Session) -> None:
    """No subscriber, no text: the evening is named as one that nobody hears of."""
    evening = make.make_evening(session)
    assert told_of(session, [evening]) == Told(0, "", silent=(evening,))


def test_whoever_is_told_by_email_alone_is_counted(session: Session, clock: FixedClock, vault: Vault) -> None:
    """They get no SMS, but the evening is not one that nobody hears of."""
    act = evenings.Act(actor="x", clock=clock, vault=vault, public_url="https://guinguette.example")
    evening = make.make_evening(session)
    make.make_subscriber(
        session, vault=vault, scopes=[f"commune:{evening.commune_insee}"], phone_encrypted="", phone_hash=None,
        email_encrypted=vault.encrypt("jeanne@example.org"), email_hash="jeanne", email_confirmed_at=clock.now(),
    )  # fmt: skip
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    evenings.cancel(session, evening, act, reason="canicule")
    assert told_of(session, [evening]) == Told(0, "", by_email=1)


def test_each_kind_has_its_own_text(session: Session, clock: FixedClock, vault: Vault) -> None:
    """Somebody told of two evenings is one person; the example is in French where one is."""
    act = evenings.Act(actor="x", clock=clock, vault=vault, public_url="https://guinguette.example")
    tour = make.make_tour(session)
    changed = [make.make_evening(session, tour=tour) for _ in range(3)]
    for phone, locale in (("+33639980001", "en"), ("+33639980002", "fr")):
        make.make_subscriber(session, vault=vault, phone=phone, locale=locale, scopes=[f"tour:{tour.slug}"])
    publication.refresh(session, tour, actor="x", clock=clock)
    for evening in changed[:2]:
        evenings.cancel(session, evening, act, reason="canicule")
    evenings.move_to_hall(session, changed[2], act, reason="orages")
    told = told_of(session, changed)
    assert told.people == 2
    assert [(news.kind, news.people, news.messages) for news in told.news] == [
        ("cancelled", 2, 4),
        ("moved_to_hall", 2, 2),
    ]
    assert "ANNULÉE" in told.news[0].text
    assert "EN SALLE" in told.news[1].text


def test_every_text_is_counted_and_paid(session: Session, clock: FixedClock, vault: Vault) -> None:
    """One text an evening, to so many people, of so many segments; euros by the price in force on the day."""
    act = evenings.Act(actor="x", clock=clock, vault=vault, public_url="https://guinguette.example")
    tour = make.make_tour(session)
    changed = [make.make_evening(session, tour=tour, date=dt.date(2027, 6, 19 + n)) for n in range(2)]
    for number, commune in enumerate(("", changed[0].commune_insee, changed[0].commune_insee)):
        scope = f"commune:{commune}" if commune else f"tour:{tour.slug}"
        make.make_subscriber(session, vault=vault, phone=f"+3363998000{number}", scopes=[scope])
    publication.refresh(session, tour, actor="x", clock=clock)
    for evening in changed:
        evenings.cancel(session, evening, act, reason="canicule")
    told = told_of(session, changed)
    [news] = told.news
    assert [(text.people, text.segments) for text in news.texts] == [(3, 1), (1, 1)]
    assert (told.messages, told.segments, told.silent) == (4, 4, ())
    assert news.due_at == clock.now()
    session.add(RuleSetting(key="sms_price", value=70, valid_from=dt.date(2027, 6, 1), source="contrat"))
    session.flush()
    assert euros(session, told.segments, dt.date(2027, 5, 31)) == Decimal("0.32")
    assert euros(session, told.segments, dt.date(2027, 6, 1)) == Decimal("0.28")
