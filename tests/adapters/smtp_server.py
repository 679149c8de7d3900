"""A real SMTP server on loopback (aiosmtpd) that can be told what to answer, and where to hang up."""

import asyncio
import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.loopback import free_port

USER, PASSWORD = "guinguette@example.org", "mot de passe"


@dataclass
class Mailbox:
    """What arrived; ``answers`` (command to line) and ``drops`` (after which it hangs up) are for the next e-mails.

    Commands are MAIL, RCPT and DATA; the end of the data is ``DOT``.
    """

    answers: dict[str, str] = field(default_factory=dict)
    drops: str = ""
    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, _s: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        """Take the sender, or answer as told."""
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, _s: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        """Take the recipient, or answer as told."""
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server)

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take the message; hang up before answering where told, once it is kept."""
        answer = self.answers.get("DOT", "250 2.0.0 taken")
        if answer.startswith("250"):
            parser = BytesParser(policy=default)
            self.received.append(cast(EmailMessage, parser.parsebytes(cast(bytes, envelope.content))))
            self.envelopes.append((envelope.mail_from or "", envelope.rcpt_tos[0]))
        return await self._answer("DOT", server, answer)

    async def _answer(self, command: str, server: SMTP, usual: str = "250 OK") -> str:
        if self.drops == command:
            assert server.transport is not None
            server.transport.close()
            await asyncio.sleep(0)
        return self.answers.get(command, usual)


@contextmanager
def serve(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """Serve ``mailbox`` on a free port of loopback, which is given; ``options`` are aiosmtpd's."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def only_the_right_password(_server: SMTP, _s: Session, _e: Envelope, _mechanism: str, given: Any) -> AuthResult:
    """Let in ``USER`` with ``PASSWORD``."""
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for localhost; return its file, to be trusted, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
