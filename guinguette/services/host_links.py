"""Personal links of hosts, ``/comite/<token>``: no account, no password, one village.

The token is random and its hash alone is kept, not even the message that carries it has it: the row of the outbox has a
``PLACEHOLDER``, and a fresh token takes its place as the message leaves (``services.letters``).
"""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, NotFound
from guinguette.models import Committee, Contact, HostLink, Message
from guinguette.services import rules

_BYTES = 16
_LENGTH = 22  # what sixteen bytes make in base64
#: Ends the name of a host on what they save, so that it is told from an organiser's, and forgotten in time.
SIGNATURE = " (lien personnel)"
#: Stands for the token in the text of a message: as long, so that its SMS counts as many segments.
PLACEHOLDER = "_" * _LENGTH


def placeholder_url(public_url: str) -> str:
    """Return the address of a personal link as it stands in a message that has not left."""
    return f"{public_url}/comite/{PLACEHOLDER}"


def new(session: Session, contact: Contact, at: dt.datetime) -> str:
    """Return the token of a fresh link for a contact, good from the aware instant ``at`` (rule ``host_link_days``)."""
    token = secrets.token_urlsafe(_BYTES)
    days = rules.value(session, "host_link_days", at.date())
    expires_at = at + dt.timedelta(days=days)
    session.add(HostLink(token_hash=_hash(token), contact=contact, created_at=at, expires_at=expires_at))
    session.flush()
    return token


def filled_in(session: Session, message: Message, at: dt.datetime) -> str:
    """Return the text of a message to a contact with a fresh link where it has the placeholder of one."""
    if message.contact is None or PLACEHOLDER not in message.body:
        return message.body
    return message.body.replace(PLACEHOLDER, new(session, message.contact, at))


def sent(session: Session, message_id: str, at: dt.datetime) -> None:
    """Shut what was good before a message of kind ``link``, now that it has left: who asked for it has lost them.

    Not sooner: where it cannot be sent, they are all there is.
    """
    newer = exists().where(
        Message.id == message_id,
        Message.kind == "link",
        Message.contact_id == HostLink.contact_id,
        Message.claimed_at > HostLink.created_at,
    )
    _shut(session, at, newer)


def same_text(body: str, sent: str) -> bool:
    """Tell whether ``sent``, as a provider lists it, holds the text ``body`` of a row, whatever token it left with."""
    written, listed = " ".join(body.split()), " ".join(sent.split())
    pattern = re.escape(written).replace(re.escape(PLACEHOLDER), rf"[\w-]{{{_LENGTH}}}")
    return re.search(pattern, listed) is not None


def find(session: Session, token: str, clock: Clock) -> HostLink:
    """Return the link that is good now. Raises ``NotFound``, in the same words for unknown, revoked and expired."""
    link = session.scalar(select(HostLink).where(HostLink.token_hash == _hash(token)))
    now = clock.now()
    gone = link is None or link.revoked_at is not None or link.expires_at <= now
    if link is None or gone or link.contact.archived_at is not None or link.contact.committee.archived_at is not None:
        raise NotFound(N_("Ce lien ne s’ouvre plus : demandez-en un autre, il arrive par SMS ou par e-mail."))
    return link


def revoke_all(session: Session, whose: Contact | Committee, clock: Clock) -> int:
    """Shut every link of a contact, or of all those of a committee, at once; return how many were open."""
    contacts = Contact.id == whose.id if isinstance(whose, Contact) else Contact.committee_id == whose.id
    return _shut(session, clock.now(), HostLink.contact_id.in_(select(Contact.id).where(contacts)))


def withdraw(session: Session, contact: Contact, clock: Clock) -> None:
    """Take back what waits to leave with a fresh link for a contact: all of theirs were shut."""
    now = clock.now()
    session.execute(
        update(Message)
        .where(
            Message.contact_id == contact.id,
            Message.state == "queued",
            Message.body.contains(PLACEHOLDER, autoescape=True),
        )
        .values(state="dropped", error=N_("les liens de ce référent ont été fermés"), updated_at=now, ended_at=now)
        .execution_options(synchronize_session=False)
    )


def opened(session: Session, link: HostLink, clock: Clock) -> bool:
    """Note that a link was opened; tell whether it is the first time. Two telephones at once are one first time."""
    if link.opened_at is not None:
        return False  # without a write: SQLite would hold everybody else's until the page is there
    first = session.execute(
        update(HostLink)
        .where(HostLink.id == link.id, HostLink.opened_at.is_(None))
        .values(opened_at=clock.now())
        .returning(HostLink.id)
    )
    return first.scalar() is not None


def of_contact(session: Session, contact: Contact) -> Sequence[HostLink]:
    """Return the links of a contact that are not erased yet, the newest first."""
    query = select(HostLink).where(HostLink.contact_id == contact.id)
    return session.scalars(query.order_by(HostLink.created_at.desc(), HostLink.id.desc())).all()


def _shut(session: Session, at: dt.datetime, *which: ColumnElement[bool]) -> int:
    shut = session.execute(
        update(HostLink)
        .where(HostLink.revoked_at.is_(None), HostLink.expires_at > at, *which)
        .values(revoked_at=at)
        .returning(HostLink.id)
    )
    return len(shut.all())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
