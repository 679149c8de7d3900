"""The call list: the right people, village by village, ticked as volunteers ring."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput, NotFound
from guinguette.models import Call, Evening
from guinguette.services import calls, evenings, publication, reach
from guinguette.services.reach import News
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock


@pytest.fixture
def evening(session: Session) -> Evening:
    """An evening to come at Vignory, online."""
    evening = make.make_evening(session, commune=make.make_commune(session, insee="52524", name="Vignory"))
    publication.refresh(session, evening.tour, actor="x", clock=FixedClock())
    return evening


def _cancelled(session: Session, evening: Evening, vault: Vault, clock: FixedClock) -> News:
    act = evenings.Act(actor="x", clock=clock, vault=vault, public_url=PUBLIC_URL)
    evenings.cancel(session, evening, act, reason="canicule")
    return News(evening.id, "cancelled", evening.sequence)


def test_the_list_goes_by_village(session: Session, evening: Evening, vault: Vault, clock: FixedClock) -> None:
    """The evening's own village first, then where people live, then those of the whole tour; by name in each."""
    make.make_commune(session, insee="52399", name="Poissons")
    people = [
        ("+33199000001", "Petit", "commune:52524"),
        ("+33199000002", "Adam", "near:52524:20"),
        ("+33199000003", "", "near:52399:100"),
        ("+33199000004", "", f"tour:{evening.tour.slug}"),
    ]
    evening.commune.lat, evening.commune.lon = 48.28, 5.1
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    for phone, name, scope in people:
        values = {"landline": True, "name_encrypted": vault.encrypt(name)}
        make.make_subscriber(session, vault=vault, phone=phone, scopes=[scope], **values)
    villages = calls.of(session, _cancelled(session, evening, vault, clock), vault)
    assert [
        (v.commune.name if v.commune else None, [(line.name, line.number, line.way) for line in v.lines])
        for v in villages
    ] == [
        ("Vignory", [("Adam", "+33199000002", "to_ring"), ("Petit", "+33199000001", "to_ring")]),
        ("Poissons", [("", "+33199000003", "to_ring")]),
        (None, [("", "+33199000004", "to_ring")]),
    ]


def test_whose_sms_failed_is_rung_unless_an_email_took_over(session: Session, evening: Evening, vault: Vault) -> None:
    """Nobody is rung for what a message has told them, or still may; nor whoever said STOP."""
    news = News(evening.id, "cancelled", 2)
    told = {"evening": evening, "kind": "cancelled", "number": 2}
    lives = {"+33639980001": ["failed"], "+33639980002": ["failed", "sent"], "+33639980003": ["delivered"],
             "+33639980004": ["queued"], "+33639980005": ["failed", "failed"]}  # fmt: skip
    for phone, states in lives.items():
        person = make.make_subscriber(session, vault=vault, phone=phone)
        for channel, state in zip(("sms", "email"), states, strict=False):
            make.make_message(session, subscriber=person, channel=channel, state=state, **told)
    gone = make.make_subscriber(session, vault=vault, phone="+33639980006", opted_out_at=NOW)
    make.make_message(session, subscriber=gone, state="failed", **told)
    mail = {
        "phone_encrypted": "",
        "phone_hash": None,
        "email_hash": "0" * 64,
        "email_encrypted": vault.encrypt("a@b.fr"),
    }
    make.make_message(session, subscriber=make.make_subscriber(session, vault=vault, **mail), channel="email", **told)
    [village] = calls.of(session, news, vault)
    assert [(line.number, line.failed) for line in village.lines] == [("+33639980001", True), ("+33639980005", True)]
    [village] = calls.of(session, news, vault, pending=True)
    assert [line.way for line in village.lines] == ["to_ring", "to_ring", "sms_waiting"]
    assert calls.pending(session, news) == 1


def test_volunteers_tick_as_they_ring(session: Session, evening: Evening, vault: Vault, clock: FixedClock) -> None:
    """Nobody answered, then they were told, then it was a slip: each says by whom and when, and the sum follows."""
    person = make.make_subscriber(session, vault=vault)
    make.make_message(session, subscriber=person, evening=evening, kind="cancelled", number=2, state="failed")
    news = News(evening.id, "cancelled", 2)

    def after(state: str, by: str) -> tuple[str, int, int, int]:
        calls.record(session, news, person.id, state, by=by, clock=clock)
        found = reach.of(session, news)
        return calls.of(session, news, vault)[0].lines[0].way, found.called, found.to_ring, found.concerned

    assert after("unreached", " Mme  Petit ") == ("unanswered", 0, 1, 1)
    assert [(e.id, r.to_ring) for e, r in calls.waiting(session, clock)] == [(evening.id, 1)]
    assert after("reached", "M. Adam") == ("called", 1, 0, 1)
    assert calls.waiting(session, clock) == []
    assert after("to_ring", "M. Adam") == ("to_ring", 0, 1, 1)
    [call] = session.scalars(select(Call))
    assert (call.rung_at, call.rung_by) == (None, "")


def test_a_call_needs_a_name_and_somebody_on_the_list(
    session: Session, evening: Evening, vault: Vault, clock: FixedClock
) -> None:
    """Whoever rings says so; a stranger's number cannot be ticked, nor a made-up state written."""
    person = make.make_subscriber(session, vault=vault, phone="+33199000001", landline=True)
    news = News(evening.id, "cancelled", 2)
    with pytest.raises(NotFound):
        calls.record(session, news, person.id, "reached", by="Adam", clock=clock)
    session.add(Call(evening=evening, subscriber=person, kind="cancelled", number=2, created_at=NOW))
    session.flush()
    with pytest.raises(InvalidInput):
        calls.record(session, news, person.id, "reached", by="  ", clock=clock)
    with pytest.raises(NotFound):
        calls.record(session, news, person.id, "eaten", by="Adam", clock=clock)
    calls.record(session, news, person.id, "reached", by="Adam", clock=clock)
    assert [(c.state, c.rung_by, c.rung_at) for c in session.scalars(select(Call))] == [("reached", "Adam", NOW)]
