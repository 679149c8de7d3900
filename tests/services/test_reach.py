"""Whom the news has reached: nobody is left out, nobody is counted twice."""

import datetime as dt
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Call, Evening, Subscriber
from guinguette.publishing.tour import PublishedTour
from guinguette.services import evenings, publication, reach
from guinguette.services.reach import News
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock

_STATES = ("queued", "sending", "sent", "delivered", "failed", "uncertain", "dropped")
#: What may stand in the database of one person: the SMS's state, the e-mail's, the call's, STOP, no number.
_PERSON = st.tuples(
    st.sampled_from([None, *_STATES]),
    st.sampled_from([None, *_STATES]),
    st.sampled_from([None, "to_ring", "reached", "unreached"]),
    st.booleans(),
    st.booleans(),
)


def _make_person(session: Session, evening: Evening, vault: Vault, number: int, life: Any) -> Subscriber:
    sms, email, call, stopped, unreachable = life
    values: dict[str, Any] = {"phone_encrypted": ""} if unreachable else {}
    phone = f"+3363998{number:04}"
    person = make.make_subscriber(session, vault=vault, phone=phone, opted_out_at=NOW if stopped else None, **values)
    told = {"subscriber": person, "evening": evening, "kind": "cancelled", "number": 3}
    for channel, state in (("sms", sms), ("email", email)):
        if state is not None:
            make.make_message(session, **told, channel=channel, state=state)
    if call is not None:
        session.add(Call(**told, state=call, created_at=NOW))
    session.flush()
    return person


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(_PERSON, max_size=8))
def test_the_sum_always_holds(session: Session, vault: Vault, lives: list[Any]) -> None:
    """Delivered, called and not reached make those concerned, whatever has happened to whom, by a count of our own."""
    evening = make.make_evening(session)
    for number, life in enumerate(lives):
        _make_person(session, evening, vault, number, life)
    state = reach.of(session, News(evening.id, "cancelled", 3))

    concerned = [life for life in lives if any(life[:3])]
    delivered = [life for life in concerned if life[0] == "delivered" or life[1] in ("sent", "delivered")]
    called = [life for life in concerned if life not in delivered and life[2] == "reached"]
    assert (state.concerned, state.delivered, state.called) == (len(concerned), len(delivered), len(called))
    assert state.delivered + state.called + state.not_reached == state.concerned
    ringing = [
        life
        for life in concerned
        if life not in delivered + called
        and not {"queued", "sending", "sent", "uncertain"}.intersection(life[:2])
        and not life[3]
        and not life[4]
    ]
    assert state.to_ring == len(ringing)
    session.rollback()


def test_everybody_an_evening_concerned_is_counted(session: Session, clock: FixedClock, vault: Vault) -> None:
    """From the change itself: a mobile gets an SMS, a landline stands on the call list, a neighbour's is not asked."""
    act = evenings.Act(actor="x", clock=clock, vault=vault, public_url=PUBLIC_URL)
    evening = make.make_evening(session)
    scope = f"commune:{evening.commune_insee}"
    make.make_subscriber(session, vault=vault, phone="+33639980001", scopes=[scope])
    make.make_subscriber(session, vault=vault, phone="+33199000002", landline=True, scopes=[scope])
    make.make_subscriber(session, vault=vault, phone="+33639980003", scopes=["commune:51000"])
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    evenings.cancel(session, evening, act, reason="canicule")
    news = reach.latest_news(session, evening.id)
    assert news == News(evening.id, "cancelled", evening.sequence)
    state = reach.of(session, news)
    assert Counter(state.people) == Counter(dict.fromkeys(reach.WAYS, 0) | {"sms_waiting": 1, "to_ring": 1})
    assert (state.concerned, state.not_reached) == (2, 2)


def test_only_the_newest_news_counts(session: Session, vault: Vault) -> None:
    """What was said before, reminders and other evenings do not."""
    evening, other = make.make_evening(session), make.make_evening(session, date=dt.date(2027, 6, 26))
    person = make.make_subscriber(session, vault=vault)
    for kind, number in (("moved_to_hall", 1), ("cancelled", 2), ("reminder", 20270619)):
        make.make_message(session, subscriber=person, evening=evening, kind=kind, number=number, state="delivered")
    make.make_message(session, subscriber=person, evening=other, kind="cancelled", number=9)
    assert reach.latest_news(session, evening.id) == News(evening.id, "cancelled", 2)
    assert reach.latest_news(session, make.make_evening(session).id) is None


def test_villages_that_no_sms_reaches_are_known(session: Session, vault: Vault) -> None:
    """A landline, a stopped number and an unconfirmed one get no SMS; a circle does; the past is not said."""
    tour = make.make_tour(session, slug="ete")
    names = ("Vignory", "Poissons", "Wassy", "Doulevant", "Sommevoire")
    communes = [
        make.make_commune(session, insee=f"5250{number}", name=name, lat=48.0 + number, lon=5.0)
        for number, name in enumerate(names)
    ]
    days = [dt.date(2027, 6, 19), dt.date(2027, 6, 20), dt.date(2027, 6, 26), dt.date(2027, 7, 3), dt.date(2027, 5, 1)]
    rows = [make.make_evening(session, tour=tour, commune=c, date=d) for c, d in zip(communes, days, strict=True)]
    people: list[tuple[str, str, dict[str, Any]]] = [
        ("+33199000001", "commune:52500", {"landline": True}),
        ("+33639980002", "commune:52501", {"opted_out_at": NOW}),
        ("+33639980003", "near:52502:5", {}),
        ("+33639980004", "commune:52503", {"confirmed_at": None}),
    ]
    for phone, scope, values in people:
        make.make_subscriber(session, vault=vault, phone=phone, scopes=[scope], **values)
    online = PublishedTour.from_json(make.make_publication(session, tour=tour, evenings=rows).payload)
    assert reach.without_sms(session, online, dt.date(2027, 6, 9)) == ["Vignory", "Poissons", "Doulevant"]
