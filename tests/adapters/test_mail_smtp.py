"""E-mail by SMTP against a real server on loopback: what arrives, and what each refusal means for trying again."""

import dataclasses
import datetime as dt
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from guinguette.adapters import mail_smtp
from guinguette.adapters.mail_smtp import SmtpEmail
from guinguette.adapters.ports import Attachment, Email, SendError
from guinguette.domain.mail_server import MailServer
from tests.adapters import smtp_server
from tests.adapters.smtp_server import PASSWORD, USER, Mailbox, serve
from tests.fakes import NOW
from tests.loopback import free_port

pytestmark = pytest.mark.enable_socket

STOP = "https://guinguette.example/stop/abcdefghij"
EMAIL = Email(
    to="anne@exämple.org",
    subject="ANNULÉE : la guinguette à Éclaron",
    text="La guinguette est annulée.\n.une ligne qui commence par un point\n",
    html="<p>La guinguette est annulée.</p>",
    message_id="m1",
    stop_url=STOP,
    written_at=NOW,
    attachments=(Attachment(name="a.ics", mimetype="text/calendar; charset=utf-8", content="é\r\n".encode()),),
)


@pytest.fixture
def mailbox() -> Mailbox:
    """What the server takes."""
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[MailServer]:
    """A relay in clear on this machine."""
    with serve(mailbox) as port:
        yield MailServer(host="127.0.0.1", port=port, security="none", sender="bonjour@guinguette.example")


def test_an_email_arrives_whole(mailbox: Mailbox, server: MailServer) -> None:
    """Both texts, the file, the envelope; accents and leading points unharmed; Message-ID is the row's."""
    assert SmtpEmail(server).send(EMAIL).provider_id == "m1@guinguette.example"
    (got,) = mailbox.received
    assert mailbox.envelopes == [("bonjour@guinguette.example", "anne@xn--exmple-cua.org")]
    assert (got["subject"], got["message-id"]) == (EMAIL.subject, "<m1@guinguette.example>")
    assert got["from"] == "Guinguette mobile <bonjour@guinguette.example>"
    assert got["date"].datetime == NOW
    plain, page = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().replace("\r\n", "\n") == EMAIL.text
    assert page.get_content().strip() == EMAIL.html
    (file,) = got.iter_attachments()
    assert (file.get_content_type(), file.get_content_charset(), file.get_filename()) == (
        "text/calendar", "utf-8", "a.ics",
    )  # fmt: skip
    assert file.get_payload(decode=True) == EMAIL.attachments[0].content


def test_one_click_stops_and_no_robot_answers(mailbox: Mailbox, server: MailServer) -> None:
    """RFC 8058 asks for both headers, RFC 3834 for the third; what is no subscription has no STOP."""
    SmtpEmail(server).send(EMAIL)
    SmtpEmail(server).send(dataclasses.replace(EMAIL, stop_url=""))
    first, second = mailbox.received
    assert first["list-unsubscribe"] == f"<{STOP}>"
    assert first["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert first["auto-submitted"] == "auto-generated"
    assert second["list-unsubscribe"] is None
    assert second["list-unsubscribe-post"] is None


def _refused(server: MailServer, email: Email = EMAIL) -> tuple[bool, bool, bool]:
    """Send and return how it was refused: for good, perhaps not at all, only this address for the moment."""
    with pytest.raises(SendError) as caught:
        SmtpEmail(server).send(email)
    error = caught.value
    assert "@" not in f"{error} {error.code}"
    return error.permanent, error.uncertain, error.this_number


NO_MORE, MAYBE, THIS_ONE_LATER, ALL_LATER = (
    (True, False, False), (False, True, False), (False, False, True), (False, False, False),
)  # fmt: skip


@pytest.mark.parametrize(
    ("command", "answer", "meaning"),
    [
        ("RCPT", "550 5.1.1 anne@example.org: no such user", NO_MORE),
        ("RCPT", "553 bad name", NO_MORE),
        ("RCPT", "450 4.2.0 greylisted", THIS_ONE_LATER),
        ("RCPT", "452 4.2.2 mailbox full", THIS_ONE_LATER),
        ("RCPT", "421 4.3.2 closing", ALL_LATER),
        ("RCPT", "530 5.7.0 authentication required", ALL_LATER),
        ("MAIL", "451 4.3.0 busy", ALL_LATER),
        ("MAIL", "550 5.7.1 this sender is not yours", ALL_LATER),
        ("DOT", "554 5.7.1 looks like spam", NO_MORE),
        ("DOT", "451 4.3.0 try again", THIS_ONE_LATER),
        ("DOT", "421 closing", ALL_LATER),
    ],
)
def test_the_code_says_whether_to_try_again(
    mailbox: Mailbox, server: MailServer, command: str, answer: str, meaning: tuple[bool, bool, bool]
) -> None:
    """5yz for an address ends it, 4yz puts it off; what would meet anybody holds the queue. Nothing has left."""
    mailbox.answers[command] = answer
    assert _refused(server) == meaning
    assert mailbox.received == []


@pytest.mark.parametrize(
    ("where", "meaning", "kept"), [("MAIL", ALL_LATER, 0), ("RCPT", ALL_LATER, 0), ("DOT", MAYBE, 1)]
)
def test_where_the_line_breaks_says_whether_it_may_have_left(
    mailbox: Mailbox, server: MailServer, where: str, meaning: tuple[bool, bool, bool], kept: int
) -> None:
    """Before the final dot nothing has; after it the server may have taken it without a word."""
    mailbox.drops = where
    assert _refused(server) == meaning
    assert len(mailbox.received) == kept


def test_nobody_listening_holds_the_queue() -> None:
    """Nothing has left."""
    server = MailServer(host="127.0.0.1", port=free_port(), security="none", sender="a@example.org")
    assert _refused(server) == ALL_LATER


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and keeps silent: the time-out ends it, and nothing has left."""
    monkeypatch.setattr(mail_smtp, "TIMEOUT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer(host="127.0.0.1", port=silent.getsockname()[1], security="none", sender="a@example.org")
        assert _refused(server) == ALL_LATER


def test_a_server_silent_after_the_dot_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the whole message and never says whether it took it."""
    monkeypatch.setattr(mail_smtp, "LAST_ANSWER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def speak() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb", buffering=0) as line:
                line.write(b"220 hello\r\n")
                while (said := line.readline()) not in (b".\r\n", b""):
                    if said[:4].upper() in (b"EHLO", b"MAIL", b"RCPT"):
                        line.write(b"250 OK\r\n")
                    elif said[:4].upper() == b"DATA":
                        line.write(b"354 go on\r\n")
                done.wait(10)

        speaker = threading.Thread(target=speak)
        speaker.start()
        server = MailServer(host="127.0.0.1", port=listening.getsockname()[1], security="none", sender="a@example.org")
        monkeypatch.setattr(mail_smtp, "TIMEOUT_SECONDS", 2)
        try:
            assert _refused(server) == MAYBE
        finally:
            done.set()
            speaker.join(10)


def test_an_address_that_no_server_understands_fails_alone(mailbox: Mailbox, server: MailServer) -> None:
    """Letters with accents before the @ need a server that few have."""
    assert _refused(server, dataclasses.replace(EMAIL, to="éric@example.org")) == NO_MORE


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_password_leaves_only_encrypted_and_to_a_trusted_server(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    """A certificate nobody vouches for: nothing is said. Trusted: the right password gets in, a wrong one does not."""
    trusted, context = smtp_server.certificate(tmp_path)
    options = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    # aiosmtpd knows of no TLS but STARTTLS's
    asked = {"authenticator": smtp_server.only_the_right_password, "auth_require_tls": security == "starttls"}
    with serve(mailbox, **options, **asked) as port:
        server = MailServer(host="localhost", port=port, security=security, user=USER, password=PASSWORD, sender=USER)
        assert _refused(server) == ALL_LATER
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert _refused(dataclasses.replace(server, password="faux")) == ALL_LATER
        assert mailbox.received == []
        SmtpEmail(server).send(EMAIL)
    assert [one["message-id"] for one in mailbox.received] == ["<m1@example.org>"]


def test_a_server_without_starttls_gets_nothing(mailbox: Mailbox, server: MailServer) -> None:
    """Somebody between us and the server could take the offer away."""
    assert _refused(dataclasses.replace(server, security="starttls")) == ALL_LATER
    assert mailbox.received == []


def test_the_date_is_the_rows(mailbox: Mailbox, server: MailServer) -> None:
    """Not the machine's: clocks are passed in."""
    SmtpEmail(server).send(dataclasses.replace(EMAIL, written_at=NOW + dt.timedelta(hours=1)))
    assert mailbox.received[0]["date"].datetime == NOW + dt.timedelta(hours=1)
