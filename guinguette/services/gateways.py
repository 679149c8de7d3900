"""The two ways out, SMS and e-mail: how each stands, and a person's hand on it."""

from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import Gateway
from guinguette.services.insert_once import insert_once

_REASON_LENGTH = 300


def get(session: Session, channel: str) -> Gateway:
    """Return the row of a channel (sms, email), made at its first use."""
    fresh = {"pause_reason": "", "paused_by": "", "last_error": "", "tokens": 0.0, "spent": 0, "raised": 0}
    insert_once(session, Gateway, [{"channel": channel, "capped": False, **fresh}])
    return session.get_one(Gateway, channel)


def pause(session: Session, channel: str, *, by: str, reason: str, clock: Clock) -> None:
    """Keep everything on ``channel`` waiting until ``resume``. Raises ``InvalidInput`` (field ``reason``)."""
    why = " ".join(reason.split())
    if not why:
        raise InvalidInput(N_("Dites pourquoi rien ne doit partir : d’autres le liront."), field="reason")
    if len(why) > _REASON_LENGTH:
        raise InvalidInput(N_("C’est trop long : {limit} caractères au plus."), field="reason", limit=_REASON_LENGTH)
    row = get(session, channel)
    row.paused_at, row.paused_by, row.pause_reason = clock.now(), by, why


def resume(session: Session, channel: str) -> None:
    """Let ``channel`` send again."""
    row = get(session, channel)
    row.paused_at, row.paused_by, row.pause_reason = None, "", ""
