"""What is kept of hosts ends too: their links, and in time their names."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import EveningChange, HostLink, JournalEntry, Publication
from guinguette.models.signature import sign
from guinguette.services import halls, journal, options, publication, retention, site_sheet
from guinguette.services.evenings import Act
from guinguette.services.host_links import SIGNATURE
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock

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


def test_the_journal_forgets_names_and_words_and_not_what_was_done(session: Session, clock: FixedClock) -> None:
    """Nor who worked at the desk; people's own words, and what was written about them, go with their names."""
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
        (retention.SOMEBODY, ""), (retention.SOMEBODY, ""), ("o@example.org", ""),
    ]  # fmt: skip


def test_what_was_written_of_a_refusal_or_of_a_hall_goes(session: Session, clock: FixedClock, vault: Vault) -> None:
    """Whoever noted it: a funeral and a wedding have names in them."""
    evening = make.make_evening(session, date=dt.date(2027, 7, 17), state="proposed")
    act = Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)
    options.send(session, evening, act)
    options.answer(
        session, evening, act, accepted=False, answered_by="Jeanne Petit", how="link", note="Obsèques de Paul Roy."
    )
    hall = make.make_hall(session, commune=evening.commune)
    halls.book(session, hall, evening.date, "noces Durand", by=By(actor="o@example.org", how="desk", clock=clock))
    session.commit()
    said = " ".join(session.scalars(select(JournalEntry.detail)))
    assert "Roy" in said
    assert "Durand" in said
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    retention.forget(session, clock)
    assert set(session.scalars(select(JournalEntry.detail))) == {""}


def test_a_place_that_a_host_describes_is_signed_as_theirs(session: Session, clock: FixedClock) -> None:
    """What is published again by it, and the evening's history, forget who it was."""
    evening = make.make_evening(session, date=dt.date(2027, 7, 17), state="confirmed", pitch=make.make_pitch(session))
    publication.refresh(session, evening.tour, actor="o@example.org", clock=clock)
    session.commit()
    by = By(actor="Jeanne Petit", how="link", clock=clock)
    values = {"name": "Place Neuve", "address": "", "lat": 48.9, "lon": 4.1}
    assert evening.pitch is not None
    site_sheet.answer(session, "emplacement", evening.pitch, "place", values, evening.pitch.version, by=by)
    session.commit()
    names = [Publication.published_by, EveningChange.actor]
    assert f"Jeanne Petit{SIGNATURE}" in {name for column in names for name in session.scalars(select(column))}
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    retention.forget(session, clock)
    session.commit()
    assert {name for column in names for name in session.scalars(select(column))} == {
        "o@example.org", retention.SOMEBODY,
    }  # fmt: skip


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
