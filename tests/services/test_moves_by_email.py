"""The e-mail of a change tells of the same change as the SMS: from the date that people have in mind, or of none."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message
from guinguette.publishing.tour import PublishedTour
from guinguette.services import evenings, opting_out, publication, reminders, taking_over
from guinguette.services.evenings import Act
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock

SATURDAY, LATER = dt.date(2027, 6, 19), dt.date(2027, 6, 26)
EMAIL = "anne@example.org"


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """An organiser at work."""
    return Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.fixture
def evening(session: Session, act: Act) -> Evening:
    """An evening online on the 19th."""
    found = make.make_evening(session, commune=make.make_commune(session, name="Vignory"), date=SATURDAY)
    publication.refresh(session, found.tour, actor="x", clock=act.clock)
    return found


def reader(session: Session, vault: Vault, evening: Evening, **values: object) -> None:
    """Somebody with a confirmed e-mail beside a number."""
    make.make_subscriber(
        session,
        vault=vault,
        scopes=[f"commune:{evening.commune_insee}"],
        email_encrypted=vault.encrypt(EMAIL),
        email_hash=opting_out.email_hash(vault, EMAIL),
        email_confirmed_at=NOW,
        **values,
    )


def move(session: Session, evening: Evening, act: Act) -> None:
    """Move it to the 26th, as a new plan does, and tell."""
    evening.date, evening.sequence = LATER, evening.sequence + 1
    version = publication.refresh(session, evening.tour, actor="x", clock=act.clock)
    tour = PublishedTour.from_json(version.payload)
    reminders.messages_for_change(session, tour, tour.evenings[0], "changed", act.clock, act.vault, PUBLIC_URL)


def said(session: Session) -> list[str]:
    """The first sentence of each e-mail, with plain spaces."""
    bodies = session.scalars(select(Message.body).filter_by(channel="email").order_by(Message.number)).all()
    return [body.split("\n")[0].replace("\u00a0", " ") for body in bodies]


def test_a_move_is_told_once_and_a_later_change_as_what_it_is(session: Session, evening: Evening, act: Act) -> None:
    """Each later version knows the first date still: that is no news in July."""
    reader(session, act.vault, evening, landline=True)
    move(session, evening, act)
    evenings.move_to_hall(session, evening, act, reason="Pluie")
    evenings.move_to_pitch(session, evening, act, reason="Beau")
    first, _, last = said(session)
    assert first == "La guinguette à Vignory n’est plus le samedi 19 juin, mais le samedi 26 juin, 18 h-22 h."
    assert last == "La guinguette à Vignory change : samedi 26 juin, 18 h-22 h."


@pytest.mark.parametrize("later_version", [False, True])
def test_taking_over_tells_of_the_move_that_the_sms_told_of(
    session: Session, evening: Evening, act: Act, clock: FixedClock, *, later_version: bool
) -> None:
    """Whatever was published since."""
    reader(session, act.vault, evening)
    clock.advance(minutes=1)
    move(session, evening, act)
    if later_version:
        clock.advance(minutes=1)
        publication.refresh(session, evening.tour, actor="x", clock=clock)
    session.scalars(select(Message)).one().state = "failed"
    session.flush()
    assert taking_over.follow(session, clock=clock, vault=act.vault, public_url=PUBLIC_URL) == 1
    assert said(session) == ["La guinguette à Vignory n’est plus le samedi 19 juin, mais le samedi 26 juin, 18 h-22 h."]
    # what follows is another change, on the same date
    clock.advance(minutes=1)
    evenings.move_to_hall(session, evening, act, reason="Pluie")
    evenings.move_to_pitch(session, evening, act, reason="Beau")
    session.scalars(select(Message).filter_by(channel="sms").order_by(Message.number.desc())).first().state = "failed"
    session.flush()
    taking_over.follow(session, clock=clock, vault=act.vault, public_url=PUBLIC_URL)
    assert said(session)[-1] == "La guinguette à Vignory change : samedi 26 juin, 18 h-22 h."
