"""Who is told of what: the reminders before an evening (the day before, a week before), and news that it changed."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS, Clock, paris_instant
from guinguette.domain.states import EveningState
from guinguette.publishing.messages import evening_text, segments
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import audience, calls, mailing, messages, opting_out, own_texts, published, rules
from guinguette.services.audience import Recipient
from guinguette.services.wording import translator

#: A long break of holidays and Sundays is shorter than this, so no reminder falls due earlier.
_FURTHEST = dt.timedelta(days=8)
_WEEK = dt.timedelta(days=7)
#: Nearer than this « à noter » comes too late, and the reminder of the day before soon enough.
_LATEST_WEEK_AHEAD = dt.timedelta(days=4)


@dataclass(frozen=True, slots=True)
class DueReminder:
    """An evening whose hour of reminding has come, and those who have not been reminded of it yet.

    ``kind``: reminder (the day before), week_ahead. After ``ends_at`` it is of no use any more.
    """

    tour: PublishedTour
    evening: PublishedEvening
    due_at: dt.datetime
    recipients: tuple[Recipient, ...]
    kind: str
    ends_at: dt.datetime


def due(session: Session, at: dt.datetime) -> list[DueReminder]:
    """Return the reminders to prepare at the instant ``at``, without writing anything."""
    day = at.astimezone(PARIS).date()
    hours = rules.sending_hours(session, day)
    hour = rules.value(session, "reminder_hour", day)
    confirmed = audience.confirmed_scopes(session)
    found = []
    for tour in published.latest(session):
        for evening in tour.evenings:
            if not day <= evening.date <= day + _WEEK + _FURTHEST or not evening.alive:
                continue
            if evening.state is EveningState.HELD:
                continue
            start = _start(evening)
            week_before = evening.date - _WEEK + dt.timedelta(days=1)  # the reminder falls on the day before that
            for kind, instant, ends_at, wanting in (
                ("week_ahead", hours.reminder_instant(week_before, hour), start - _LATEST_WEEK_AHEAD, "week_ahead"),
                ("reminder", hours.reminder_instant(evening.date, hour), start, ""),
            ):
                if not instant <= at < ends_at:
                    continue
                told = (kind, messages.reminder_number(evening.date))
                recipients = _reached(
                    audience.of(session, tour.slug, evening, confirmed, without=told, wanting=wanting)
                )
                if recipients:
                    found.append(DueReminder(tour, evening, instant, recipients, kind, ends_at))
    return found


def prepare(session: Session, *, clock: Clock, vault: Vault, public_url: str, at: dt.datetime | None = None) -> int:
    """Queue the reminders that are due now, one per person and evening; return how many are new.

    ``at`` asks for those due at another instant. They still leave by the clock: not before they are due, nor at night.
    """
    return sum(
        messages.enqueue(
            session,
            _drafts(
                session,
                reminder.kind,
                reminder.evening,
                reminder.recipients,
                number=messages.reminder_number(reminder.evening.date),
                urgent=False,
                due_at=reminder.due_at,
                expires_at=reminder.ends_at,
                vault=vault,
                public_url=public_url,
            ),
            clock,
        )
        for reminder in due(session, at or clock.now())
    )


def messages_for_change(
    session: Session,
    tour: PublishedTour,
    evening: PublishedEvening,
    kind: str,
    clock: Clock,
    vault: Vault,
    public_url: str,
) -> int:
    """Queue the news of an evening (cancelled, postponed, moved_to_hall, changed) to all it concerns; return how many.

    News within the urgent hours before the evening (or before its former date) leaves at once, other news at the next
    permitted hour. Who can only be rung is put on the call list. Nobody is told of an evening that is over.
    """
    now = clock.now()
    before = published.date_before(session, evening.id, tour.number) if kind == "changed" else None
    messages.supersede(session, evening.id, clock)
    if _end(evening) <= now:
        return 0
    day = now.astimezone(PARIS).date()
    first = paris_instant(min(evening.date, before or evening.date), evening.starts_at)
    urgent_within = dt.timedelta(hours=rules.value(session, "urgent_within_hours", day))
    due_at, urgent = rules.sending_hours(session, day).change_instant(now, first, urgent_within)
    people = audience.of(session, tour.slug, evening, audience.confirmed_scopes(session))
    calls.put_down(session, evening.id, kind, evening.sequence, people, clock)
    drafts = _drafts(
        session,
        kind,
        evening,
        _reached(people),
        number=evening.sequence,
        urgent=urgent,
        due_at=due_at,
        expires_at=_end(evening),
        vault=vault,
        public_url=public_url,
        date_before=before,
    )
    return messages.enqueue(session, drafts, clock)


def _drafts(
    session: Session,
    kind: str,
    evening: PublishedEvening,
    reached: Sequence[Recipient],
    *,
    number: int,
    urgent: bool,
    due_at: dt.datetime,
    expires_at: dt.datetime,
    vault: Vault,
    public_url: str,
    date_before: dt.date | None = None,
) -> list[messages.Draft]:
    """Return one draft a person, SMS or e-mail. A text is written once a language: only the STOP link differs."""
    recipients = [recipient for recipient in reached if recipient.reach == "sms"]
    texts: dict[str, str] = {}
    counts: dict[str, int] = {}
    for locale in {recipient.locale for recipient in recipients}:
        texts[locale] = evening_text(
            kind,
            evening,
            stop_url=opting_out.stop_url(public_url, locale, opting_out.TOKEN_PLACEHOLDER),
            locale=locale,
            translate=translator(locale),
            date_before=date_before,
            own=own_texts.voice(session, locale).own,
        )
        counts[locale] = segments(texts[locale])  # the same with every link: all tokens are as long
    by_email = mailing.drafts(
        kind,
        evening,
        [recipient for recipient in reached if recipient.reach == "email"],
        number=number,
        urgent=urgent,
        due_at=due_at,
        expires_at=expires_at,
        vault=vault,
        public_url=public_url,
        date_before=date_before,
    )
    return by_email + [
        messages.Draft(
            subscriber_id=recipient.id,
            evening_id=evening.id,
            kind=kind,
            number=number,
            body=texts[recipient.locale].replace(
                opting_out.TOKEN_PLACEHOLDER, opting_out.stop_token(vault, recipient.address_hash)
            ),
            segments=counts[recipient.locale],
            urgent=urgent,
            due_at=due_at,
            expires_at=expires_at,
        )
        for recipient in recipients
    ]


def _reached(recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Return those that a message reaches; the others are rung."""
    return tuple(recipient for recipient in recipients if recipient.reach != "call")


def _start(evening: PublishedEvening) -> dt.datetime:
    return paris_instant(evening.date, evening.starts_at)


def _end(evening: PublishedEvening) -> dt.datetime:
    """Return the instant of the evening's end, on the next day where it goes on past midnight."""
    past_midnight = evening.ends_at <= evening.starts_at
    return paris_instant(evening.date + dt.timedelta(days=past_midnight), evening.ends_at)
