"""What an organiser does to one evening: confirm, cancel, postpone, move to the hall, write its programme.

Each move is checked against ``domain.states``, written into the history, frozen into the next published version (where
the tour is published), and told to those who asked to be told.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput
from guinguette.domain.states import ALIVE, EveningState, Venue, check_move, moved_to_hall
from guinguette.models import Committee, DateOption, Evening, EveningChange
from guinguette.services import (
    agreements,
    announcements,
    halls,
    host_messages,
    messages,
    open_options,
    other_dates,
    permits,
    publication,
)
from guinguette.services.evening_queries import first_venue, new_id

#: What fits the column, and an SMS that people read to the end is shorter still.
REASON_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does it, when, with which tools, and on which version of the row (null: whatever it is now).

    ``phone`` is the association's, for hosts who would rather talk; empty where nobody has said. ``replies``: our SMS
    can be answered.
    """

    actor: str
    clock: Clock
    vault: Vault
    public_url: str
    version: int | None = None
    phone: str = ""
    replies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What people will find there. Hours are local; texts are free."""

    starts_at: dt.time
    ends_at: dt.time
    pitch_id: int | None
    fallback_venue_id: int | None
    permit_holder_id: int | None
    artists: str
    partner: str
    food: str
    prices: str
    payment: str
    description: str


def confirm(
    session: Session,
    evenings: Sequence[Evening],
    act: Act,
    *,
    answered: DateOption | None = None,
    kind: str | None = None,
) -> int:
    """Confirm evenings of one tour: committees and town halls agree. One new published version for all of them.

    ``answered`` is the option by which a host agrees; without one the desk says so. Villagers are told in a message of
    ``kind``, or not at all; return how many.
    """
    for evening in evenings:
        change_state(session, evening, EveningState.CONFIRMED, act)
    queued = publish_change(session, evenings, act, kind)
    _agreed(session, evenings, act, answered)
    return queued


def confirm_ticked(
    session: Session, ticked: Iterable[tuple[Evening, int]], act: Act
) -> tuple[list[Evening], list[tuple[Evening, DomainError]]]:
    """Confirm those (evening, version that was read) of one tour that can be, in one new published version.

    Return them, and the others with why not: one that somebody changed meanwhile does not stop the rest.
    """
    done: list[Evening] = []
    refused: list[tuple[Evening, DomainError]] = []
    for evening, version in ticked:
        try:
            change_state(session, evening, EveningState.CONFIRMED, replace(act, version=version))
        except DomainError as refusal:
            refused.append((evening, refusal))
        else:
            done.append(evening)
    publish_change(session, done, act)
    _agreed(session, done, act)
    return done, refused


def mark_held(session: Session, evening: Evening, act: Act, *, attendance: int | None) -> None:
    """Record that the evening took place, confirmed beforehand or not. Raises ``Conflict`` before its date."""
    if evening.date > today(act.clock):
        raise Conflict(N_("Cette soirée n’a pas encore eu lieu."))
    if attendance is not None and attendance < 0:
        raise InvalidInput(N_("Le nombre de personnes ne peut pas être négatif."), field="attendance")
    change_state(session, evening, EveningState.HELD, act)
    evening.attendance = attendance
    publish_change(session, [evening], act)


def cancel(session: Session, evening: Evening, act: Act, *, reason: str) -> int:
    """Cancel the evening and tell those concerned; return how many messages were queued."""
    return cancel_all(session, [evening], act, reason=reason)


def cancel_all(session: Session, evenings: Sequence[Evening], act: Act, *, reason: str) -> int:
    """Cancel evenings of one tour, in one new published version; return how many messages were queued."""
    for evening in evenings:
        change_state(session, evening, EveningState.CANCELLED, act, why=_reason(reason))
        evening.change_note = _reason(reason)
    return publish_change(session, evenings, act, "cancelled")


def postpone(
    session: Session,
    evening: Evening,
    act: Act,
    *,
    date: dt.date,
    reason: str,
    agreed: bool,
    vehicle_id: int | None = None,
) -> Evening:
    """Postpone the evening to another date and tell those concerned; return the evening that replaces it.

    That one is confirmed where the village has ``agreed`` to the date, else an option. Raises ``InvalidInput`` for a
    date that is past, the same, or already taken, by another evening or by an incident; ``Conflict`` where its hall is.
    """
    vehicle = vehicle_id or evening.vehicle_id
    other_dates.refuse(session, evening, date, vehicle, act.clock)
    if agreed and first_venue(evening.tour, evening.fallback_venue) is Venue.HALL:
        halls.refuse_taken(session, evening, date)
    change_state(session, evening, EveningState.POSTPONED, act, why=_reason(reason))
    later = Evening(
        id=new_id(),
        vehicle_id=vehicle,
        date=date,
        state=(EveningState.CONFIRMED if agreed else EveningState.OPTION).value,
        venue=first_venue(evening.tour, evening.fallback_venue).value,
        created_at=act.clock.now(),
        updated_at=act.clock.now(),
        **{name: getattr(evening, name) for name in _COPIED},
    )
    record(later, "created", "", date.isoformat(), act, why=_reason(reason))
    session.add(later)
    session.flush()
    evening.postponed_to = later
    evening.change_note = _reason(reason)
    publish_change(session, [evening], act, "postponed")
    if agreed:
        _agreed(session, [later], act)
    return later


_COPIED = (
    "tour_id", "commune_insee", "starts_at", "ends_at", "pitch_id", "fallback_venue_id", "permit_holder_id",
    "artists", "partner", "food", "prices", "payment", "description",
)  # fmt: skip


def move_to_hall(session: Session, evening: Evening, act: Act, *, reason: str) -> int:
    """Move the evening to its hall and tell those concerned. Raises ``InvalidInput`` where no hall is known."""
    if evening.fallback_venue is None:
        raise InvalidInput(N_("Aucune salle n’est connue pour cette soirée : choisissez-en une d’abord."))
    halls.refuse_taken(session, evening)
    return _move_venue(session, evening, act, Venue.HALL, _reason(reason), "moved_to_hall")


def move_to_pitch(session: Session, evening: Evening, act: Act, *, reason: str) -> int:
    """Bring the evening back outdoors and tell those concerned."""
    return _move_venue(session, evening, act, Venue.PITCH, _reason(reason), "changed")


def edit_programme(session: Session, evening: Evening, act: Act, programme: Programme) -> int:
    """Write the programme. A change of hours or of place is told to those concerned, the rest is only published."""
    _refuse_stale(evening, act)
    if programme.ends_at == programme.starts_at:
        raise InvalidInput(N_("La soirée finit à l’heure où elle commence : corrigez l’une des deux."), field="ends_at")
    if programme.permit_holder_id != evening.permit_holder_id:
        permits.check(session, evening, programme.permit_holder_id)
    seen = ("starts_at", "ends_at", "pitch_id" if evening.venue == Venue.PITCH else "fallback_venue_id")
    changed = [name for name in Programme.__dataclass_fields__ if getattr(evening, name) != getattr(programme, name)]
    for name in changed:
        old, new = getattr(evening, name), getattr(programme, name)
        record(evening, name, _named(session, name, old), _named(session, name, new), act)
        setattr(evening, name, new)
    if not changed:
        return 0
    evening.sequence += 1
    told = any(name in seen for name in changed) and EveningState(evening.state) in ALIVE
    session.flush()
    # the relationships must be those of the new ids before the evening is frozen
    session.refresh(evening)
    if {"starts_at", "ends_at"} & set(changed):
        host_messages.rewrite_agreed(
            session, evening, clock=act.clock, vault=act.vault, public_url=act.public_url, phone=act.phone
        )
    if told and not moved_to_hall(evening):
        evening.change_note = ""  # it was about the hours or the place of before
    return publish_change(session, [evening], act, "changed" if told and evening.date >= today(act.clock) else None)


def _move_venue(session: Session, evening: Evening, act: Act, venue: Venue, reason: str, kind: str) -> int:
    _refuse_past(evening, act)
    _refuse_stale(evening, act)
    if EveningState(evening.state) not in ALIVE or evening.state == EveningState.HELD:
        raise Conflict(N_("Cette soirée n’a plus lieu : son lieu ne change plus."))
    if evening.venue == venue:
        raise Conflict(N_("C’est déjà le lieu prévu."))
    record(evening, "venue", evening.venue, venue.value, act, why=reason)
    evening.venue = venue.value
    evening.change_note = reason
    evening.sequence += 1
    return publish_change(session, [evening], act, kind)


def change_state(session: Session, evening: Evening, new: EveningState, act: Act, why: str = "") -> None:
    """Pass the evening to another state, with a line of history. Raises ``Conflict``.

    A question that is open about its date is over then: confirming answers it.
    """
    _refuse_stale(evening, act)
    if new is not EveningState.HELD:
        _refuse_past(evening, act)
    check_move(EveningState(evening.state), new)
    if new is EveningState.CONFIRMED:
        if open_options.counter(evening) is not None:
            raise Conflict(N_("Le village a dit non à ce jour et en propose un autre : répondez-lui d’abord."))
        halls.refuse_clash(session, evening)
    record(evening, "state", evening.state, new.value, act, why=why)
    end, by, how = ("accepted", act.actor, "desk") if new is EveningState.CONFIRMED else ("withdrawn", "", "")
    open_options.close(evening, end, actor=act.actor, clock=act.clock, answered_by=by, how=how)
    evening.state = new.value
    evening.sequence += 1  # the feed says it in STATUS and title (RFC 5545, 3.8.7.4)
    if new is EveningState.CONFIRMED:
        messages.withdraw_reminders(session, evening.id)  # they say « À confirmer. »


def _agreed(session: Session, confirmed: Sequence[Evening], act: Act, answered: DateOption | None = None) -> None:
    """Freeze what has been agreed, and tell those of each village who have not said so themselves."""
    # a day that the village has offered is agreed as the desk takes it: with hours and prices it may not have read
    theirs = answered is not None and answered.state == "accepted"
    by = agreements.by_answer(answered, act.clock) if answered and theirs else agreements.at_the_desk(act)
    for evening in confirmed:
        agreements.conclude(session, evening, by, answered)
    host_messages.tell_agreed(
        session, confirmed, by, clock=act.clock, vault=act.vault, public_url=act.public_url, phone=act.phone
    )


def publish_change(session: Session, evenings: Sequence[Evening], act: Act, kind: str | None = None) -> int:
    """Flush, freeze the next version if these evenings' tour is published, queue the messages; return how many."""
    session.flush()
    if not evenings or evenings[0].tour.published_version == 0:
        return 0
    version = publication.refresh(session, evenings[0].tour, actor=act.actor, clock=act.clock)
    if kind is None:
        return 0
    told = [(evening.id, kind) for evening in evenings]
    return announcements.announce(session, version, told, clock=act.clock, vault=act.vault, public_url=act.public_url)


def record(evening: Evening, what: str, old: str, new: str, act: Act, why: str = "") -> None:
    """Write a line of the evening's history."""
    now = act.clock.now()
    evening.history.append(
        EveningChange(at=now, actor=act.actor, what=what, old=old[:REASON_LENGTH], new=new[:REASON_LENGTH], why=why)
    )
    evening.updated_at = now


def _reason(reason: str) -> str:
    text = " ".join(reason.split())
    if not text:
        raise InvalidInput(N_("Dites pourquoi en quelques mots : les villageois le liront."), field="reason")
    if len(text) > REASON_LENGTH:
        raise InvalidInput(
            N_("La raison dépasse {limit} caractères : raccourcissez-la."), field="reason", limit=REASON_LENGTH
        )
    return text


def _named(session: Session, field: str, value: object) -> str:
    """Return a value for the history: a committee by its name of then, whatever becomes of it."""
    holder = session.get(Committee, value) if field == "permit_holder_id" and value else None
    return holder.name if holder else "" if value is None else str(value)


def refuse_late(evening: Evening, act: Act) -> None:
    """Raise ``Conflict`` where the evening is past, or is not the version any more that was read."""
    _refuse_stale(evening, act)
    _refuse_past(evening, act)


def _refuse_stale(evening: Evening, act: Act) -> None:
    if act.version is not None and act.version != evening.version:
        who = evening.history[-1].actor if evening.history else ""
        if not who:
            raise Conflict(N_("Quelqu’un a modifié cette soirée entre-temps : relisez-la, puis recommencez."))
        raise Conflict(N_("{who} a modifié cette soirée entre-temps : relisez-la, puis recommencez."), who=who)


def _refuse_past(evening: Evening, act: Act) -> None:
    if evening.date < today(act.clock):
        raise Conflict(N_("Cette soirée est passée : elle ne change plus."))
