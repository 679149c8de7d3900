"""The desk finds every message: by what it is about, by what became of it, a page at a time."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import NotFound
from guinguette.services import message_log
from guinguette.services.message_log import Filters, Trouble
from tests import factories as make
from tests.fakes import NOW, FixedClock


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), {"a", "b", "c", "d"}),
        (Filters(state="failed"), {"b"}),
        (Filters(kind="cancelled"), {"b"}),
        (Filters(channel="email"), {"c"}),
        (Filters(tour="ete"), {"a", "b", "d"}),
        (Filters(insee="52524"), {"a", "b"}),
        (Filters(evening_id="vignory1"), {"a", "b"}),
        (Filters(day=dt.date(2027, 6, 10)), {"c"}),
        (Filters(error="21211"), {"b"}),
        (Filters(tour="ete", kind="reminder", state="queued"), {"a"}),
        (Filters(tour="hiver"), set()),
    ],
)
def test_messages_are_found(session: Session, vault: Vault, filters: Filters, found: set[str]) -> None:
    """By each filter alone, and by several together; nudges belong to their tour, midnight is that of Paris."""
    tour = make.make_tour(session, slug="ete")
    vignory = make.make_commune(session, insee="52524")
    evening = make.make_evening(session, id="vignory1", tour=tour, commune=vignory)
    person = make.make_subscriber(session, vault=vault)
    make.make_message(session, id="a", subscriber=person, evening=evening)
    failed = {"kind": "cancelled", "state": "failed", "error": "21211 HTTP 400"}
    make.make_message(session, id="b", subscriber=person, evening=evening, **failed)
    late = dt.datetime(2027, 6, 9, 22, 30, tzinfo=dt.UTC)  # half past midnight in Paris
    make.make_message(session, id="c", subscriber=person, kind="code", channel="email", due_at=late)
    contact = make.make_contact(session)
    make.make_message(session, id="d", subscriber=None, contact=contact, kind="nudge", tour_id=tour.id)
    assert {message.id for message in message_log.find(session, filters).messages} == found


def test_pages_and_counts(session: Session, vault: Vault) -> None:
    """Forty a page, the latest first; the states are counted whichever is shown, a page too far is the last."""
    person = make.make_subscriber(session, vault=vault)
    for number in range(52):
        made = NOW + dt.timedelta(minutes=number)
        state = "sent" if number else "failed"
        make.make_message(session, id=f"m{number:02}", subscriber=person, number=number, created_at=made, state=state)
    first = message_log.find(session, Filters())
    assert (first.messages[0].id, len(first.messages), first.pages) == ("m51", 40, 2)
    assert [message.id for message in message_log.find(session, Filters(), number=9).messages][-2:] == ["m01", "m00"]
    failed = message_log.find(session, Filters(state="failed"))
    assert (failed.pages, failed.states) == (1, {"sent": 51, "failed": 1})


def test_what_went_wrong_lately_is_grouped(session: Session, vault: Vault, clock: FixedClock) -> None:
    """Alike with alike, the most frequent first; what was well, dropped or long ago does not call for anybody."""
    person = make.make_subscriber(session, vault=vault)
    lives = [("failed", "21211"), ("failed", "30003"), ("failed", "30003"), ("queued", "20429"), ("queued", ""),
             ("dropped", "trop tard"), ("sent", "")]  # fmt: skip
    for number, (state, error) in enumerate(lives):
        make.make_message(session, subscriber=person, number=number, state=state, error=error)
    old = NOW - dt.timedelta(days=8)
    make.make_message(session, subscriber=person, number=90, state="failed", error="21211", updated_at=old)
    assert message_log.troubles(session, clock) == [
        Trouble("sms", "failed", "30003", 2),
        Trouble("sms", "failed", "21211", 1),
        Trouble("sms", "queued", "20429", 1),
    ]


def test_a_message_that_is_not_there(session: Session) -> None:
    """One sentence, and no error page of the server's."""
    with pytest.raises(NotFound):
        message_log.get(session, "nope")
