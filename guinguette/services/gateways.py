"""The two ways out, SMS and e-mail: whether something may leave now, at which pace, and a person's hand on it.

All workers share the row of a channel. Whoever locks it decides alone: the token bucket and the day's budget hold
however many send at once.
"""

import datetime as dt
import math
from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from guinguette.adapters.ports import SendError
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.text import required_line
from guinguette.models import Gateway, Message
from guinguette.publishing.messages import MAX_SEGMENTS
from guinguette.services import rules
from guinguette.services.insert_once import insert_once
from guinguette.services.messages import ASKED_FOR

_REASON_LENGTH = 300
_RATES = {"sms": "sms_per_second", "email": "emails_per_second"}
#: What matters most may go on after the budget: news that changes an evening within a day.
_URGENT_BUDGETS = 2
_RAISED_AT_MOST = 100_000
#: The provider says that we are too fast.
BACK_OFF = dt.timedelta(seconds=10)
#: A provider that is down is tried with one message, after as long as it has been down, within these bounds.
TRY_FIRST, TRY_LAST = dt.timedelta(minutes=1), dt.timedelta(minutes=5)
#: A number that the provider's settings keep out waits for a person to put them right.
RETRY_NUMBER_AFTER = dt.timedelta(hours=1)
SHUT = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a channel stands, for the desk. ``budget`` and ``spent`` are today's segments; no budget: null.

    ``budget`` contains what a person has ``raised``. ``waiting`` counts the messages that are due.
    """

    channel: str
    paused_at: dt.datetime | None
    paused_by: str
    pause_reason: str
    down_since: dt.datetime | None
    last_error: str
    capped: bool
    spent: int
    raised: int
    budget: int | None
    urgent_budget: int | None
    waiting: int

    @property
    def out_of_budget(self) -> bool:
        """Tell whether not every message fits into what is left: only urgent news leaves today, or not even that."""
        return self.budget is not None and self.spent + MAX_SEGMENTS > self.budget

    @property
    def urgent_too(self) -> bool:
        """Tell whether not even urgent news fits into what is left today."""
        return self.urgent_budget is not None and self.spent + MAX_SEGMENTS > self.urgent_budget

    @property
    def flowing(self) -> bool:
        """Tell whether whatever is due leaves."""
        return not (self.paused_at or self.down_since or self.capped or self.out_of_budget)


def status(session: Session, channel: str, clock: Clock) -> Status:
    """Return how ``channel`` stands and how much waits, without writing anything."""
    waiting = select(func.count()).where(
        Message.channel == channel, Message.state == "queued", Message.due_at <= clock.now()
    )
    return replace(standing(session, channel, clock), waiting=session.scalar(waiting) or 0)


def standing(session: Session, channel: str, clock: Clock) -> Status:
    """Return how ``channel`` stands, as ``status`` does, without counting what waits: workers ask all the time."""
    row = session.get(Gateway, channel) or Gateway(channel=channel, **_FRESH)
    same_day = row.day == today(clock)
    raised = row.raised if same_day else 0
    return Status(
        channel=channel,
        paused_at=row.paused_at,
        paused_by=row.paused_by,
        pause_reason=row.pause_reason,
        down_since=row.down_since,
        last_error=row.last_error,
        capped=row.capped and same_day,
        spent=row.spent if same_day else 0,
        raised=raised,
        budget=_budget(session, channel, clock, raised=raised, urgent=False),
        urgent_budget=_budget(session, channel, clock, raised=raised, urgent=True),
        waiting=0,
    )


def get(session: Session, channel: str) -> Gateway:
    """Return the row of a channel (sms, email), made at its first use."""
    insert_once(session, Gateway, [{"channel": channel, **_FRESH}])
    return session.get_one(Gateway, channel)


_FRESH = {
    "pause_reason": "", "paused_by": "", "last_error": "", "tokens": 0.0, "spent": 0, "raised": 0, "capped": False,
}  # fmt: skip


# ── what a person does


def pause(session: Session, channel: str, *, by: str, reason: str, clock: Clock) -> None:
    """Keep everything on ``channel`` waiting until ``resume``. Raises ``InvalidInput`` (field ``reason``)."""
    missing = N_("Dites pourquoi rien ne doit partir : d’autres le liront.")
    why = required_line(reason, field="reason", limit=_REASON_LENGTH, missing=missing)
    row = get(session, channel)
    row.paused_at, row.paused_by, row.pause_reason = clock.now(), by, why


def resume(session: Session, channel: str) -> None:
    """Let ``channel`` send again, and try at once a provider that is down or whose daily cap was met."""
    row = lock(session, channel)
    row.paused_at, row.paused_by, row.pause_reason = None, "", ""
    row.capped, row.tokens_at = False, None


def raise_budget(session: Session, channel: str, segments: int, clock: Clock) -> None:
    """Allow so many ``segments`` more today. Raises ``InvalidInput`` (field ``segments``)."""
    if not 0 < segments <= _RAISED_AT_MOST:
        raise InvalidInput(N_("De 1 à {limit} segments de plus."), field="segments", limit=_RAISED_AT_MOST)
    row = lock(session, channel)
    _turn_page(row, clock)
    row.raised += segments


# ── what the workers ask and tell


def lock(session: Session, channel: str) -> Gateway:
    """Return the row of a channel, this transaction's alone until its end: it is to be the first thing locked."""
    # an UPDATE locks on PostgreSQL as on SQLite, which has no SELECT FOR UPDATE
    statement = (
        update(Gateway).where(Gateway.channel == channel).values(channel=channel).returning(Gateway)
    ).execution_options(populate_existing=True)
    row = session.scalars(statement).one_or_none()
    if row is None:
        get(session, channel)
        row = session.scalars(statement).one()
    return row


def left_today(session: Session, channel: str, clock: Clock) -> tuple[float, float]:
    """Return how many segments may still leave today: of any message, of urgent news. None while nothing may leave."""
    now = standing(session, channel, clock)
    if now.paused_at or now.capped:
        return -1, -1
    if now.budget is None or now.urgent_budget is None:
        return SHUT, SHUT
    return now.budget - now.spent, now.urgent_budget - now.spent


def rate(session: Session, channel: str, clock: Clock) -> int:
    """Return how many segments (e-mails) a second the provider takes."""
    return max(1, rules.value(session, _RATES[channel], today(clock)))


def delay(session: Session, row: Gateway, message: Message, clock: Clock) -> float:
    """Return how many seconds ``message`` has to wait for its turn (0: none), ``SHUT`` where nobody knows how long.

    ``row`` is locked.
    """
    _turn_page(row, clock)
    urgent = is_urgent_news(message)
    budget = _budget(session, row.channel, clock, raised=row.raised, urgent=urgent)
    if row.paused_at or row.capped or (budget is not None and row.spent + message.segments > budget):
        return SHUT
    now, pace, cost = clock.now(), rate(session, row.channel, clock), _cost(message)
    if row.tokens_at is not None and row.tokens_at > now:
        return (row.tokens_at - now).total_seconds()
    return max(0.0, (cost - _filled(row, pace, cost, now)) / pace)


def take(session: Session, row: Gateway, message: Message, clock: Clock) -> None:
    """Count ``message`` as leaving. While the provider is down it is the only one, until its outcome is known."""
    now, cost = clock.now(), _cost(message)
    row.tokens = _filled(row, rate(session, row.channel, clock), cost, now) - cost
    row.tokens_at = now + TRY_FIRST if row.down_since else now
    row.spent += message.segments


def succeeded(session: Session, channel: str, clock: Clock) -> None:
    """The provider has answered about one message: it is not down (any more)."""
    session.execute(
        update(Gateway)
        .where(Gateway.channel == channel, or_(Gateway.down_since.is_not(None), Gateway.last_error != ""))
        .values(down_since=None, last_error="", tokens_at=clock.now())
    )


def refused(session: Session, message: Message, error: SendError, clock: Clock) -> dt.datetime:
    """The provider has refused ``message``: it has not left, and costs nothing. Where it refuses all, hold the channel.

    Returns when it may be tried again. Refused twice, it lets another be the next trial: perhaps it alone is refused.
    """
    row = lock(session, message.channel)
    if row.day == today(clock):
        row.spent = max(0, row.spent - message.segments)
    if error.permanent or error.this_number:
        succeeded(session, message.channel, clock)
        return clock.now() + RETRY_NUMBER_AFTER
    if error.busy:
        row.tokens, row.tokens_at = 0.0, clock.now() + BACK_OFF
    elif error.capped:
        _turn_page(row, clock)
        row.capped, row.last_error = True, _text(error)
    else:
        next_trial = _down(row, error, clock)
        if message.error:
            return next_trial + TRY_LAST
    return message.due_at


def doubtful(session: Session, channel: str, error: SendError, clock: Clock) -> None:
    """Nobody knows whether a message has left: once is an accident; twice in a row, and the provider is down.

    Else an hour's outage would leave every due message uncertain.
    """
    row = lock(session, channel)
    if row.last_error or row.down_since:
        _down(row, error, clock)
    row.last_error = _text(error)


def is_urgent_news(message: Message) -> bool:
    """Tell whether a message may go on after the day's budget."""
    return message.urgent and message.kind not in ASKED_FOR


def _down(row: Gateway, error: SendError, clock: Clock) -> dt.datetime:
    """Hold the channel; return until when."""
    now = clock.now()
    row.down_since, row.last_error = row.down_since or now, _text(error)
    row.tokens, row.tokens_at = 1.0, now + min(max(now - row.down_since, TRY_FIRST), TRY_LAST)
    return row.tokens_at


def _text(error: SendError) -> str:
    return f"{error.code} {error}".strip()[:300]


def _turn_page(row: Gateway, clock: Clock) -> None:
    """Begin a new day's account."""
    if row.day != today(clock):
        row.day, row.spent, row.raised, row.capped = today(clock), 0, 0, False


def _filled(row: Gateway, pace: int, cost: int, now: dt.datetime) -> float:
    """Return what the bucket holds by now: one second's worth at most, or one message's, full at first."""
    full = float(max(pace, cost))
    if row.tokens_at is None:
        return full
    return min(full, row.tokens + pace * max(0.0, (now - row.tokens_at).total_seconds()))


def _cost(message: Message) -> int:
    return max(1, message.segments)


def _budget(session: Session, channel: str, clock: Clock, *, raised: int, urgent: bool) -> int | None:
    if channel != "sms":
        return None
    return rules.value(session, "sms_daily_budget", today(clock)) * (_URGENT_BUDGETS if urgent else 1) + raised
