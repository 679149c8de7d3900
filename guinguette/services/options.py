"""Options on dates: a host is asked to take a date and answers before it lapses.

Sent, answered (typed in from the telephone), or lapsed. A date that is refused or lapses is free again: its evening is
called off, with a reason, so that the next plan does not offer that village that date (``services.season``).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS, Clock, today
from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput
from guinguette.domain.states import UNSURE, EveningState
from guinguette.domain.text import one_line
from guinguette.models import Commune, DateOption, Evening, Tour
from guinguette.publishing.words import day_words
from guinguette.services import agreements, evenings, halls, host_messages, journal, open_options, rules
from guinguette.services.evenings import Act
from guinguette.services.journal import By

#: Under which name the history keeps what the calendar alone has done.
LAPSE = "échéance de l’option"
REFUSED = "Le village n’est pas libre ce jour-là."
_LAPSED = "La date n’a pas été confirmée à temps."
#: What a host has said, as the village's journal keeps it.
_SAID = {"accepted": "oui", "refused": "non", "countered": "pas ce jour-là"}
#: What fits the column, and a host types with a thumb.
NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Board:
    """A tour's options, the latest first, and its evenings to come whose hosts have not been asked (again) yet."""

    options: tuple[DateOption, ...]
    unasked: tuple[Evening, ...]


def board(session: Session, tour: Tour, clock: Clock) -> Board:
    """Return where the questions of a tour stand, in two queries."""
    options = session.scalars(
        select(DateOption)
        .join(DateOption.evening)
        .where(Evening.tour_id == tour.id)
        .order_by(DateOption.id.desc())
        .options(joinedload(DateOption.evening, innerjoin=True).joinedload(Evening.commune, innerjoin=True))
    ).all()
    asked = {
        option.evening_id
        for option in options
        if option.state == "sent" or open_options.is_counter(option, option.evening)
    }
    unsure = session.scalars(
        select(Evening)
        .where(Evening.tour_id == tour.id, Evening.state.in_(UNSURE), Evening.date > today(clock))
        .order_by(Evening.date, Evening.commune_insee)
        .options(joinedload(Evening.commune, innerjoin=True).load_only(Commune.name))
    )
    return Board(tuple(options), tuple(evening for evening in unsure if evening.id not in asked))


def usual_expiry(session: Session, evening: Evening, clock: Clock) -> dt.date:
    """Return until when a host may answer where nothing else is said: the rule's days, but before the evening."""
    day = today(clock)
    usual = day + dt.timedelta(days=rules.value(session, "option_days", day))
    return max(day, min(usual, evening.date - dt.timedelta(days=1)))


def send(session: Session, evening: Evening, act: Act, *, expires_on: dt.date | None = None) -> DateOption:
    """Ask the evening's host for its date, to be answered until the end of ``expires_on`` (null: the usual).

    The evening is "en option" then. Raises ``InvalidInput`` for a day that is past or not before the evening,
    ``Conflict`` where the host has been asked already, or has agreed.
    """
    option = _send(session, evening, act, expires_on)
    evenings.publish_change(session, [evening], act)
    write_to_host("option", [option], act, session)
    return option


def send_ticked(
    session: Session, ticked: Iterable[tuple[Evening, int]], act: Act, *, expires_on: dt.date | None
) -> tuple[list[Evening], list[tuple[Evening, DomainError]]]:
    """Ask for the dates of those (evening, version that was read) of one tour that can be, in one published version.

    Return them, and the others with why not: one that somebody changed meanwhile does not stop the rest.
    """
    sent: list[DateOption] = []
    refused: list[tuple[Evening, DomainError]] = []
    for evening, version in ticked:
        try:
            sent.append(_send(session, evening, replace(act, version=version), expires_on))
        except DomainError as refusal:
            refused.append((evening, refusal))
    done = [option.evening for option in sent]
    evenings.publish_change(session, done, act)
    write_to_host("option", sent, act, session)
    return done, refused


def answer(
    session: Session,
    evening: Evening,
    act: Act,
    *,
    accepted: bool,
    answered_by: str,
    how: str = "phone",
    note: str = "",
) -> int:
    """Write down what the host says; return how many messages were queued to villagers.

    Accepted confirms the evening, and is an agreement. Refused calls it off: its date is free again, and those who saw
    it are told. ``answered_by`` says who answered ("téléphone de Mme Petit"), ``how`` by which way (phone, link, sms),
    ``note`` is their own word with it. Raises ``InvalidInput``, ``Conflict``.
    """
    option = to_answer(evening, act)
    if accepted:
        halls.refuse_clash(session, evening)
    end = "accepted" if accepted else "refused"
    close(session, evening, end, act, answered_by=answered_by, how=how, note=note)
    if accepted:
        evenings.confirm(session, [evening], act, answered=option)
        return 0
    return evenings.cancel(session, evening, act, reason=REFUSED)


def to_answer(evening: Evening, act: Act) -> DateOption:
    """Return the option that waits for an answer.

    Raises ``Conflict`` where none does, the evening has changed, or its tour is put aside.
    """
    option = open_options.of(evening)
    if option is None:
        raise Conflict(N_("Aucune option n’attend de réponse pour cette soirée : relisez-la."))
    evenings.refuse_late(evening, act)
    if evening.tour.archived_at is not None:
        raise Conflict(N_("Cette tournée est dans les archives : cette date n’attend plus de réponse."))
    return option


def close(
    session: Session,
    evening: Evening,
    end: str,
    act: Act,
    *,
    answered_by: str,
    how: str,
    note: str,
    counter_date: dt.date | None = None,
) -> None:
    """Write a host's answer (accepted, refused, countered) on the open option and into the village's journal.

    Raises ``InvalidInput`` where nobody is named, or the note is too long.
    """
    by = agreements.named(answered_by)
    word = one_line(note, field="note", limit=NOTE_LENGTH)
    open_options.close(
        evening, end, actor=act.actor, clock=act.clock, answered_by=by, how=how, note=word, counter_date=counter_date
    )
    instead = f"plutôt le {day_words(counter_date, 'fr', year=True)}" if counter_date else ""
    detail = f"{day_words(evening.date, 'fr', year=True)}\u00a0: " + ", ".join(
        filter(None, (_SAID[end], instead, word))
    )
    who = By(actor=by, how=how, clock=act.clock)
    journal.write(session, evening.commune_insee, "option", who, detail=detail, tour=evening.tour, evening=evening)


def expire(session: Session, *, clock: Clock, vault: Vault, public_url: str, phone: str = "") -> int:
    """Let options lapse that nobody has answered in time; return how many. A second call finds nothing left.

    The host is told, and given the association's ``phone``.

    Each is claimed by one conditional UPDATE, so that two workers do not call an evening off twice. What is past
    already is not called off any more: it may have been held. Nothing lapses outside the hours in which messages may
    leave: the news of an evening of today leaves at once, and midnight would wake a village.
    """
    now = clock.now()
    hours = rules.sending_hours(session, today(clock))
    if not hours.first_hour <= now.astimezone(PARIS).hour < hours.last_hour:
        return 0
    lapsed = session.scalars(
        update(DateOption)
        .where(DateOption.state == "sent", DateOption.expires_on < today(clock))
        .values(state="expired", closed_at=now, version=DateOption.version + 1)
        .returning(DateOption.id)
        .execution_options(synchronize_session=False)
    ).all()
    act = Act(actor=LAPSE, clock=clock, vault=vault, public_url=public_url, phone=phone)
    options = session.scalars(
        select(DateOption)
        .where(DateOption.id.in_(lapsed))
        .options(joinedload(DateOption.evening))
        .order_by(DateOption.id)
        .execution_options(populate_existing=True)
    ).all()
    free: dict[int, list[Evening]] = {}
    lost: list[DateOption] = []
    for option in options:
        evening = option.evening
        evenings.record(evening, "option", option.expires_on.isoformat(), "expired", act)
        if evening.state == EveningState.OPTION and evening.date >= today(clock):
            free.setdefault(evening.tour_id, []).append(evening)
            lost.append(option)
    for of_tour in free.values():
        evenings.cancel_all(session, of_tour, act, reason=_LAPSED)
    write_to_host("option_lapsed", lost, act, session)
    return len(lapsed)


def write_to_host(kind: str, about: Iterable[DateOption], act: Act, session: Session) -> None:
    """Queue a message of ``kind`` (see ``host_messages.write``) about each of these options."""
    session.flush()
    for option in about:
        host_messages.write(
            session,
            kind,
            option,
            clock=act.clock,
            vault=act.vault,
            public_url=act.public_url,
            phone=act.phone,
            replies=act.replies,
        )


def counts(options: Sequence[DateOption]) -> dict[str, int]:
    """Return how many options stand in each state, in the order of their life."""
    return {
        state: sum(option.state == state for option in options)
        for state in ("sent", "countered", "accepted", "refused", "expired", "withdrawn")
    }


def _send(session: Session, evening: Evening, act: Act, expires_on: dt.date | None) -> DateOption:
    evenings.refuse_late(evening, act)
    until = usual_expiry(session, evening, act.clock) if expires_on is None else expires_on
    if until < today(act.clock):
        raise InvalidInput(N_("Cette date est passée : laissez au village le temps de répondre."), field="expires_on")
    if until >= evening.date:
        raise InvalidInput(
            N_("La réponse doit venir avant la soirée, le {day} : choisissez un jour plus tôt."),
            field="expires_on",
            day=evening.date,
        )
    if open_options.of(evening) is not None:
        raise Conflict(N_("Le village a déjà été interrogé : notez sa réponse, ou attendez l’échéance."))
    if evening.state != EveningState.OPTION:  # else it is asked anew, on another date
        evenings.change_state(session, evening, EveningState.OPTION, act)
    evenings.record(evening, "option", "", until.isoformat(), act)
    option = DateOption(
        evening=evening, date=evening.date, expires_on=until, state="sent", sent_at=act.clock.now(), sent_by=act.actor
    )
    session.add(option)
    return option
