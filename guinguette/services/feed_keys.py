"""The secret address of an organiser's calendar: made, renewed, taken back. Only the hash of its key is kept."""

import hashlib
import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, NotFound
from guinguette.models import FeedKey, Role, User


def find(session: Session, user_id: int) -> FeedKey | None:
    """Return the key that an organiser has, or null."""
    return session.get(FeedKey, user_id)


def renew(session: Session, user_id: int, clock: Clock) -> str:
    """Make a new key and return it, once: it cannot be read again. The one before opens nothing any more."""
    key = secrets.token_urlsafe(24)
    session.merge(FeedKey(user_id=user_id, key_hash=_hash(key), created_at=clock.now()))
    session.flush()
    return key


def revoke(session: Session, user_id: int) -> None:
    """Take the key back: its address opens nothing any more."""
    session.execute(delete(FeedKey).where(FeedKey.user_id == user_id))


def check(session: Session, key: str) -> FeedKey:
    """Return the row of a key whose owner is an organiser still, and active. Raises ``NotFound``."""
    found = session.scalar(
        select(FeedKey)
        .join(FeedKey.user)
        .where(FeedKey.key_hash == _hash(key), User.active.is_(True), User.roles.any(Role.name == "organiser"))
    )
    if found is None:
        raise NotFound(N_("Cette adresse d’agenda n’est plus valable."))
    return found


def _hash(key: str) -> str:
    """A random key of 192 bits needs no salt, and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
