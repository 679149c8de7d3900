"""E-mail by SMTP (RFC 5321): built, handed over, and what the server's codes mean for trying again.

The steps are taken one by one, for what a broken connection means depends on where it breaks: before the final dot
nothing has left; after it, until the server answers, nobody knows (RFC 1047).
"""

import logging
import re
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from functools import cached_property
from typing import Any

from guinguette.adapters.ports import Accepted, Email, SendError
from guinguette.domain.mail_server import MailServer

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
#: Servers look for viruses and rules before they answer the final dot; less patience makes more uncertain messages.
LAST_ANSWER_SECONDS = 60
NAME = "Guinguette mobile"

_OK, _GO_ON, _CLOSING, _PERMANENT = 250, 354, 421, 500
#: RFC 4954: the server wants another password, or one at all. Nothing is wrong with the message.
_ACCOUNT = frozenset({530, 534, 535, 538})


class SmtpEmail:
    """Hands each e-mail to one server, over a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def send(self, email: Email) -> Accepted:
        """Hand the e-mail over. Raises ``SendError``: it says whether to try again and whether it may have left."""
        to, content = _ascii(email.to), build(email, self._server).as_bytes()
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise _no_connection(error) from error
        try:
            self._hand_over(connection, to, content)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()
        return Accepted(provider_id=f"{email.message_id}@{self._server.domain}")

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        # by itself smtplib would ask the DNS for this machine's name, at each connection
        options: dict[str, Any] = {"timeout": TIMEOUT_SECONDS, "local_hostname": server.domain}
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, context=self._trusted, **options)
        else:
            connection = smtplib.SMTP(server.host, server.port, **options)
        try:
            if server.security == "starttls":
                connection.starttls(context=self._trusted)
            connection.ehlo_or_helo_if_needed()
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _hand_over(self, connection: smtplib.SMTP, to: str, content: bytes) -> None:
        try:
            _expect(_OK, connection.mail(self._server.sender), of_all=True)
            _expect(_OK, connection.rcpt(to))
            _expect(_GO_ON, connection.docmd("DATA"))
            connection.send(re.sub(rb"(?m)^\.", b"..", content))
        except (OSError, smtplib.SMTPException) as error:
            raise SendError(type(error).__name__) from error
        try:
            _wait_at_most(connection, LAST_ANSWER_SECONDS)
            connection.send(b".\r\n")
            answer = connection.getreply()
            _wait_at_most(connection, TIMEOUT_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            raise SendError(type(error).__name__, uncertain=True) from error
        _expect(_OK, answer)


def _wait_at_most(connection: smtplib.SMTP, seconds: int) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(seconds)


def build(email: Email, server: MailServer) -> EmailMessage:
    """Return the message with its headers: who, when, which one, how to stop by one click, that a machine wrote it."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = f"{NAME} <{server.sender}>"
    message["To"] = _ascii(email.to)
    message["Subject"] = email.subject
    message["Date"] = format_datetime(email.written_at)
    message["Message-ID"] = f"<{email.message_id}@{server.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday reply, please
    if email.stop_url:
        message["List-Unsubscribe"] = f"<{email.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(email.text)
    if email.html:
        message.add_alternative(email.html, subtype="html")
    for file in email.attachments:
        kind, *parameters = (part.strip() for part in file.mimetype.split(";"))
        maintype, _, subtype = kind.partition("/")
        parsed = dict(parameter.split("=", 1) for parameter in parameters)
        message.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=file.name, params=parsed)
    return message


def _ascii(address: str) -> str:
    """Return the address with its domain as the mail's servers know it (IDNA). Raises ``SendError`` (permanent)."""
    name, _, domain = address.rpartition("@")
    try:
        return f"{name.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise SendError("SMTPUTF8", permanent=True) from error


def _expect(wanted: int, answer: tuple[int, bytes], *, of_all: bool = False) -> None:
    """Raise ``SendError`` where the server answers something else; ``of_all``: it would answer anybody so."""
    code, text = answer
    if code == wanted or (wanted == _OK and code in (251, 252)):  # these "will forward", "will try"
        return
    raise _refusal(code, text, of_all=of_all)


def _refusal(code: int, text: bytes, *, of_all: bool) -> SendError:
    # the text often quotes the address, which belongs in no log: the enhanced code (RFC 3463) says enough
    enhanced = re.match(rb"[245]\.\d{1,3}\.\d{1,3}", text)
    name = f"{code} {enhanced.group().decode()}" if enhanced else str(code)
    if code in _ACCOUNT or (of_all and code >= _PERMANENT):
        _log.error("the mail server refuses our account or sender: %s", name)
        return SendError("SMTP", code=name)
    if of_all or code == _CLOSING:
        return SendError("SMTP", code=name)
    permanent = code >= _PERMANENT
    return SendError("SMTP", code=name, permanent=permanent, this_number=not permanent)


def _no_connection(error: Exception) -> SendError:
    """Nothing has left; a wrong password, or a certificate that is not trusted, waits for somebody to see the log."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error.smtp_code, b"", of_all=True)
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        _log.error("the mail server cannot be trusted: %s", type(error).__name__)
    return SendError(type(error).__name__)
