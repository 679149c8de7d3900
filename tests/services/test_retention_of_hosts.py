"""What is kept of hosts ends too: their links, and in time their names."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import EveningChange, HostLink, JournalEntry
from guinguette.models.signature import sign
from guinguette.services import journal, retention
from guinguette.services.host_links import SIGNATURE
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import NOW, FixedClock

THREE_YEARS = dt.timedelta(days=3 * 365)


def test_links_go_once_they_have_ended(session: Session, clock: FixedClock) -> None:
    """The desk sees for a while that one was opened; then nothing is left of it."""
    make.make_host_link(session, at=NOW)
    clock.advance(days=179)
    retention.forget(session, clock)
    assert len(session.scalars(select(HostLink)).all()) == 1
    clock.advance(days=3)
    retention.forget(session, clock)
    assert session.scalars(select(HostLink)).all() == []


def test_a_host_that_is_erased_takes_their_links_along(session: Session, clock: FixedClock) -> None:
    """Three years after they left; a link of yesterday would not keep them here."""
    contact = make.make_contact(session, archived_at=NOW)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    make.make_host_link(session, contact=contact, at=clock.now())
    assert retention.forget(session, clock) == 1
    assert session.scalars(select(HostLink)).all() == []


def test_the_journal_forgets_names_and_not_what_was_done(session: Session, clock: FixedClock) -> None:
    """Nor who worked at the desk; what was written about the people themselves goes with them."""
    commune = make.make_commune(session)
    host, desk = (
        By(actor=actor, how=how, clock=clock) for actor, how in (("Jeanne Petit", "link"), ("o@example.org", "desk"))
    )
    journal.write(session, commune.insee, "dates", host, detail="douze oui")
    journal.write(session, commune.insee, "people", host, detail="Paul Roy prend la suite")
    journal.write(session, commune.insee, "link", desk, detail="envoyé à Jeanne Petit")
    session.commit()
    retention.forget(session, clock)
    assert session.scalars(select(JournalEntry.actor).order_by(JournalEntry.id)).first() == "Jeanne Petit"
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    retention.forget(session, clock)
    session.expire_all()
    lines = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [(line.actor, line.detail) for line in lines] == [
        (retention.SOMEBODY, "douze oui"), (retention.SOMEBODY, ""), ("o@example.org", ""),
    ]  # fmt: skip


def test_so_do_the_records_that_they_saved(session: Session, clock: FixedClock) -> None:
    """A pitch and an evening's history: an organiser's name stays, a host's does not."""
    names = {"host": f"Jeanne Petit{SIGNATURE}", "desk": "o@example.org"}
    evening = make.make_evening(session)
    pitches = {}
    for key, name in names.items():
        sign(session, name, NOW)
        pitches[key] = make.make_pitch(session)
        session.add(EveningChange(evening=evening, at=NOW, actor=name, what="hours"))
        session.flush()
    session.commit()
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    retention.forget(session, clock)
    session.commit()
    session.expire_all()
    assert [pitches[key].saved_by for key in names] == [retention.SOMEBODY, "o@example.org"]
    actors = session.scalars(select(EveningChange.actor).order_by(EveningChange.id)).all()
    assert actors == [retention.SOMEBODY, "o@example.org"]
