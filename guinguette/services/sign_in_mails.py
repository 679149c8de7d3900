"""The e-mail that lets an organiser in without a password."""

import logging
import secrets

from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import Email, EmailSender, SendError
from guinguette.domain.clock import Clock
from guinguette.models import User
from guinguette.publishing.mail_html import as_html
from guinguette.publishing.mails import sign_in_mail
from guinguette.services import accounts
from guinguette.services.wording import FRENCH, translator

_log = logging.getLogger(__name__)


def send(
    session_factory: sessionmaker[Session], user_id: int, *, clock: Clock, sender: EmailSender, public_url: str
) -> bool:
    """Send a fresh link to the account; tell whether it left. It is not tried again: its owner asks for another.

    No transaction is open while the mail server is asked.
    """
    with session_factory.begin() as session:
        user = session.get(User, user_id)
        if user is None or not user.active:
            return False
        token, to = accounts.new_sign_in_link(session, user, clock), user.email
    hours = int(accounts.LINK_LIFETIME.total_seconds()) // 3600
    mail = sign_in_mail(url=f"{public_url}/connexion/lien/{token}", hours=hours, translate=translator(FRENCH))
    email = Email(
        to=to,
        subject=mail.subject,
        text=mail.text,
        html=as_html(mail, locale=FRENCH),
        message_id=secrets.token_hex(16),
        stop_url="",
        written_at=clock.now(),
    )
    try:
        sender.send(email)
    except SendError as error:
        _log.warning("sign-in link of account %s not sent: %s %s", user_id, error.code, error)
        return False
    return True
