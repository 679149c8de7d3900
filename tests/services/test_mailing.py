"""Those who chose e-mail are told what the others are told by SMS, with the date for their calendar."""

import datetime as dt
import logging
import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import Email, SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.models import Evening, Message, Subscriber, Tour
from guinguette.publishing.tour import PublishedTour
from guinguette.services import opting_out, rehearsal, reminders, sending
from guinguette.services.accounts import clean_address
from tests.factories import make_commune, make_evening, make_publication, make_subscriber, make_tour
from tests.fakes import PUBLIC_URL, FakeEmail, FakeSms, FixedClock
from tests.unit.publishing.feed_readers import with_ical, with_vobject

DAY_BEFORE = dt.datetime(2027, 6, 18, 17, 0, tzinfo=PARIS)


@pytest.fixture
def tour(session: Session) -> Tour:
    """The summer tour."""
    return make_tour(session, slug="ete-2027")


@pytest.fixture
def evening(session: Session, tour: Tour) -> Evening:
    """Saturday 19 June 2027, 18 h to 22 h at Éclaron, published."""
    evening = make_evening(
        session, id="eclaron1", tour=tour, commune=make_commune(session, insee="52182", name="Éclaron")
    )
    make_publication(session, tour=tour, evenings=[evening])
    return evening


def make_reader(session: Session, vault: Vault, email: str, **values: Any) -> Subscriber:
    """Somebody who chose e-mail, for Éclaron."""
    email_hash = opting_out.email_hash(vault, clean_address(email))
    by_email = {
        "phone_encrypted": "",
        "phone_hash": None,
        "email_encrypted": vault.encrypt(email),
        "email_hash": email_hash,
        "email_confirmed_at": dt.datetime(2027, 6, 1, tzinfo=dt.UTC),
        "stop_token_hash": opting_out.token_hash(vault, opting_out.stop_token(vault, email_hash)),
    }
    return make_subscriber(session, vault=vault, scopes=["commune:52182"], **(by_email | values))


def sent(factory: sessionmaker[Session], clock: FixedClock, vault: Vault) -> tuple[list[Email], list[str]]:
    """Prepare the reminders that are due and make two rounds; return the e-mails, and the numbers of the SMS."""
    senders = Senders(FakeSms(), FakeEmail())
    for _ in range(2):
        with factory.begin() as session:
            reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
        sending.send_due(factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait)
    return senders.email.sent, [one.to for one in senders.sms.sent]


def test_a_reminder_by_email_has_the_date_and_the_way_to_stop(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """One each, in their language, the .ics that the site has, the STOP link of this person in text and header."""
    anne = make_reader(session, vault, "anne@example.org")
    make_reader(session, vault, "ben@example.org", locale="en")
    make_subscriber(session, vault=vault, phone="+33639980001", scopes=["commune:52182"])
    session.commit()
    clock.set(DAY_BEFORE)
    emails, numbers = sent(session_factory, clock, vault)
    assert numbers == ["+33639980001"]
    french, english = sorted(emails, key=lambda email: email.to)
    assert french.subject == "La guinguette est à Éclaron samedi 19\u00a0juin"
    assert english.subject == "The guinguette is in Éclaron on Saturday 19\u00a0June"
    stop = f"{PUBLIC_URL}/stop/{opting_out.token_for(vault, anne)}"
    assert french.stop_url == stop
    assert french.text.endswith(f"{stop}\n")
    assert f'href="{stop}"' in french.html
    assert english.stop_url.startswith(f"{PUBLIC_URL}/en/stop/")
    assert f"{PUBLIC_URL}/en/soirees/eclaron1" in english.text
    assert french.written_at == clock.now()
    (file,) = french.attachments
    for read in (with_vobject, with_ical):
        ((uid, starts, _),) = read(file.content)
        assert (uid, starts) == ("eclaron1@guinguette-mobile", dt.datetime(2027, 6, 19, 16, tzinfo=dt.UTC))
    assert b"METHOD" not in file.content


def test_a_change_is_told_by_email(
    session: Session, tour: Tour, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """And counts for nothing where SMS are counted and priced; the evening is not silent, though."""
    make_reader(session, vault, "anne@example.org")
    evening.state, evening.sequence, evening.change_note = "cancelled", 1, "Orages."
    publication = make_publication(session, tour=tour, evenings=[evening])
    published = PublishedTour.from_json(publication.payload)
    queued = reminders.messages_for_change(
        session, published, published.evenings[0], "cancelled", clock, vault, PUBLIC_URL
    )
    assert queued == 1
    row = session.scalars(select(Message)).one()
    assert (row.channel, row.kind, row.segments) == ("email", "cancelled", 0)
    assert "est annulée" in row.body
    told = rehearsal.told_of(session, [evening])
    assert (told.people, told.segments, told.silent) == (0, 0, ())


@pytest.mark.parametrize(
    ("values", "reach"),
    [
        ({}, "email"),
        ({"email_confirmed_at": None}, "email"),  # an e-mail alone: its proof is the subscription's
        ({"phone_hash": "1", "landline": True}, "email"),
        ({"phone_hash": "1", "landline": True, "email_confirmed_at": None}, "call"),
        ({"phone_hash": "1"}, "sms"),
    ],
)
def test_an_email_beside_a_number_counts_only_once_it_is_proved(
    session: Session, evening: Evening, clock: FixedClock, vault: Vault, values: dict[str, Any], reach: str
) -> None:
    """An SMS where there is a mobile, an e-mail where there is none but an address, else somebody rings."""
    make_reader(session, vault, "anne@example.org", **values)
    clock.set(DAY_BEFORE)
    found = [person.reach for due in reminders.due(session, clock.now()) for person in due.recipients]
    assert found == ([reach] if reach != "call" else [])


def test_after_stop_nothing_leaves(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """What waits is dropped, what would come is not written."""
    anne = make_reader(session, vault, "anne@example.org")
    clock.set(DAY_BEFORE)
    reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
    opting_out.stop(session, opting_out.token_for(vault, anne), clock=clock, vault=vault)
    session.commit()
    assert sent(session_factory, clock, vault) == ([], [])
    assert anne.email_encrypted == ""


def test_logs_show_masked_addresses_only(
    session: Session,
    session_factory: sessionmaker[Session],
    evening: Evening,
    clock: FixedClock,
    vault: Vault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Sent or refused: a letter and the domain, and never the text."""
    make_reader(session, vault, "anne@example.org")
    make_reader(session, vault, "berthe@example.org")
    session.commit()
    clock.set(DAY_BEFORE)
    with session_factory.begin() as own:
        reminders.prepare(own, clock=clock, vault=vault, public_url=PUBLIC_URL)
    senders = Senders(FakeSms(), FakeEmail(errors=[None, SendError("SMTP", code="550 5.1.1", permanent=True)]))
    with caplog.at_level(logging.DEBUG):
        sending.send_due(
            session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait
        )
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("guinguette"))
    assert ours.count("•••@example.org") == 2
    assert not re.search("anne|berthe|Éclaron|stop/", ours)
