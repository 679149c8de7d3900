"""By e-mail from the form to the one click that stops it, through a real SMTP server on loopback."""

import dataclasses
import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.senders import build_senders
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.domain.clock import PARIS
from guinguette.models import Message, Subscriber
from guinguette.services import reminders, sending
from tests.adapters.smtp_server import Mailbox, serve
from tests.factories import make_commune, make_evening, make_publication, make_tour
from tests.fakes import PUBLIC_URL, FixedClock

pytestmark = pytest.mark.enable_socket


def test_from_the_form_to_the_reminder_and_one_click(
    app: Flask,
    client: FlaskClient,
    session: Session,
    session_factory: sessionmaker[Session],
    settings: Settings,
    clock: FixedClock,
    vault: Vault,
) -> None:
    """The link arrives and subscribes; the reminder arrives once with its .ics; a line cut after the dot is not
    tried again; the header's address, posted to as RFC 8058 says, ends everything."""
    tour = make_tour(session, slug="ete-2027")
    commune = make_commune(session, insee="52182", name="Éclaron")
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=commune, id="eclaron1")])
    session.commit()
    mailbox = Mailbox()

    with serve(mailbox) as port:
        url = f"smtp://127.0.0.1:{port}?from=bonjour@guinguette.example&starttls=no"
        senders = build_senders(dataclasses.replace(settings, smtp_url=url))

        def work() -> None:
            """A worker's minute, twice."""
            for _ in range(2):
                with session_factory.begin() as own:
                    reminders.prepare(own, clock=clock, vault=vault, public_url=PUBLIC_URL)
                sending.send_due(
                    session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait
                )

        def subscribe(address: str) -> None:
            """Fill in the form, press the button of the link that arrives."""
            client.post("/abonnement/email", data={"email": address, "scope": "commune:52182", "consent": "y"})
            work()
            text = mailbox.received.pop().get_body(("plain",)).get_content()
            link = re.search(r"/abonnement/email/lien/\S+", text)
            assert link
            assert client.post(link.group()).status_code == 302

        subscribe("anne@example.org")
        clock.set(dt.datetime(2027, 6, 18, 17, 0, tzinfo=PARIS))
        work()
        subscribe("ben@example.org")  # late, and reminded all the same
        mailbox.drops = "DOT"
        work()
        mailbox.drops = ""
        clock.advance(hours=2)
        work()
    assert [str(mail["to"]) for mail in mailbox.received] == ["anne@example.org", "ben@example.org"]
    reminded = select(Message.state).filter_by(kind="reminder").order_by(Message.created_at)
    assert session.scalars(reminded).all() == ["sent", "uncertain"]  # the server had taken it, and said nothing
    anne = mailbox.received[0]
    (file,) = anne.iter_attachments()
    assert b"UID:eclaron1@guinguette-mobile" in file.get_payload(decode=True)
    stop = urlsplit(str(anne["list-unsubscribe"]).strip("<>")).path
    answer = app.test_client(use_cookies=False).post(stop, data=dict([anne["list-unsubscribe-post"].split("=")]))
    assert "arrêté" in answer.get_data(as_text=True)
    left = session.scalars(select(Subscriber.email_encrypted).where(Subscriber.opted_out_at.is_(None))).all()
    assert [vault.decrypt(address) for address in left] == ["ben@example.org"]
