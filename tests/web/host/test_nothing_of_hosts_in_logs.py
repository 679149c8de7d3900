"""A host's whole life with every logger listening: no token, name, number or address of theirs stands in a log."""

import logging
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from guinguette.adapters.ports import SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.models import Contact
from guinguette.services import lost_links, retention, sending
from guinguette.web import log_secrets
from tests.fakes import PUBLIC_URL, FakeEmail, FakeSms, FixedClock
from tests.web.host.conftest import HostAtHome

MOBILE, OTHER = "+33639981234", "+33639985678"


def _broken() -> str:
    """A view with a fault in it."""
    raise RuntimeError("a fault")


@pytest.fixture
def app(fresh_app: Flask) -> Flask:
    """An app that gets an address more."""
    return fresh_app


@pytest.fixture
def developing(app: Flask) -> Iterator[str]:
    """The app behind the server one develops with, which writes each request down; one page of it breaks."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/comite/<token>/casse", "host.broken", _broken)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.enable_socket
def test_no_log_says_whose_link_it_was(
    developing: str, host: HostAtHome, session: Session, session_factory: sessionmaker[Session],
    clock: FixedClock, vault: Vault, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Asked for, sent, refused, opened, guessed at, a page that breaks, a number changed, handed over, erased."""
    caplog.set_level(logging.DEBUG)
    host.contact.phone_encrypted, host.contact.email = vault.encrypt(MOBILE), "jeanne@example.org"
    session.commit()
    left: list[str] = []
    sms, email = FakeSms(errors=[SendError("gone", code="30006", permanent=True)]), FakeEmail()

    def send() -> str:
        sending.send_due(
            session_factory,
            clock=clock,
            senders=Senders(sms, email),
            vault=vault,
            public_url=PUBLIC_URL,
            wait=clock.wait,
        )
        bodies = [each.text for each in email.sent] + [each.body for each in sms.sent]
        [fresh] = {*re.findall(r"/comite/(\S+)", "\n".join(bodies))} - {*left}
        left.append(fresh)
        return fresh

    def fetch(path: str, data: bytes | None = None) -> None:
        try:
            urllib.request.urlopen(f"{developing}{path}", data, timeout=10).close()  # noqa: S310 -- ours
        except urllib.error.HTTPError as answer:
            answer.close()

    for _ in range(5):  # once more than one address may
        fetch("/comite/", b"address=06+39+98+12+34")
    lost_links.ask(session, MOBILE, clock=clock, vault=vault, public_url=PUBLIC_URL)
    session.commit()
    token = send()
    for path in ("", "referents", "journal", "casse", "nulle-part"):
        fetch(f"/comite/{token}/{path}")
    fetch(f"/comite/{host.token}/")
    form = b"name=Jeanne+Petit&version=2&phone=06+39+98+56+78"
    fetch(f"/comite/{token}/referents/moi", form)
    second = send()
    fetch(f"/comite/{second}/referents/passer-la-main", b"name=Paul+Roy&version=3&email=paul%40example.org")
    send()
    stop = re.findall(r"/stop/(\S+)", "\n".join(each.text for each in email.sent))[-1]
    fetch(f"/stop/{stop}", b"")
    clock.advance(days=4 * 365)
    retention.forget(session, clock)
    session.commit()

    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "GET /comite/…/referents " in told  # so requests are written down, and masked
    assert "POST /stop/… " in told
    assert "4 per 1 hour" in told  # so is whoever meets a limit
    assert "/comite/…/casse [GET]" in told  # and the fault of a page is
    secrets = [*left, host.token, stop, "Petit", "Roy", "jeanne@", "paul@", MOBILE[3:], OTHER[3:]]
    secrets += ["06+39", "06 39", "06\u00a039"]
    assert [secret for secret in secrets if secret in told] == []
    assert session.scalars(select(Contact.name)).all() == ["Paul Roy"]


def test_what_is_no_secret_is_left_as_it_is() -> None:
    """The pages whose address is everybody's, and a text with a per cent sign."""
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s 100%%", ("/communes/52182 /comite/",), None)
    assert log_secrets.Mask().filter(record)
    assert record.getMessage() == "/communes/52182 /comite/ 100%"
