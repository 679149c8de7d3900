"""Why a queued message must not leave any more: too late, no longer wanted, no longer true."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import N_
from guinguette.domain.states import ALIVE, EveningState, Venue
from guinguette.models import Contact, Evening, Message, Subscriber
from guinguette.services import dates_asked, dates_board, opting_out
from guinguette.services.messages import ASKED_FOR, reminder_number

#: What is written to a village's host about an option, and the state that it must have: ``Message.number`` is its id.
HOST_KINDS = {"option": "sent", "nudge": "sent", "option_lapsed": "expired", "turned_down": "countered"}
_ERASED = N_("l’adresse a été effacée")


def no_longer(session: Session, message: Message, now: dt.datetime, vault: Vault) -> str:
    """Return why the message must not leave any more (a French sentence's beginning), or nothing."""
    if message.expires_at <= now:
        return N_("trop tard : le moment est passé")
    person = message.subscriber or message.contact
    gone = _gone(person, message.channel) if person else _ERASED
    if person is None or gone:
        return gone
    # a subscriber's code, once typed, takes the opposition away; a host who has said STOP rings us instead
    in_answer = message.kind in ASKED_FOR and isinstance(person, Subscriber)
    if not in_answer and opting_out.is_opposed(session, person, vault, message.channel):
        return N_("la personne s’est désinscrite")
    if message.takes_over is not None and not _never_arrived(session, message.takes_over):
        return N_("le SMS est peut-être arrivé")
    return _overtaken(session, message, now)


def _overtaken(session: Session, message: Message, now: dt.datetime) -> str:
    """Return what has made the message untrue, or nothing."""
    if message.evening is not None and not _still_true(message, message.evening):
        return N_("ce n’est plus vrai : la soirée a changé")
    if message.kind == dates_board.KIND and not dates_board.still_awaited(session, message, now):
        return N_("le village a répondu")
    if message.kind == dates_asked.NO_DATE and not dates_asked.still_without_date(session, message):
        return N_("le village a une date")
    return ""


def _gone(person: Subscriber | Contact, channel: str) -> str:
    """Say why there is nobody to write to any more, or nothing.

    An address that was never confirmed is kept as long as its code is good, and no longer.
    """
    if isinstance(person, Contact) and person.archived_at is not None:
        return N_("ce référent n’en est plus un")
    email = person.email_encrypted if isinstance(person, Subscriber) else person.email
    return "" if (person.phone_encrypted if channel == "sms" else email) else _ERASED


def _never_arrived(session: Session, sms_id: str) -> bool:
    """Tell whether an SMS has failed still, or was withdrawn before it left (or is erased, with its person).

    Locked: nobody may send it again while the e-mail in its place leaves.
    """
    state = session.scalar(select(Message.state).where(Message.id == sms_id).with_for_update())
    return state in (None, "failed", "dropped")


def _still_true(message: Message, evening: Evening) -> bool:
    if message.kind in HOST_KINDS:
        return _option_state(message, evening) == HOST_KINDS[message.kind]
    state = EveningState(evening.state)
    alive = state in ALIVE
    on_its_date = alive and message.number == reminder_number(evening.date)
    return {
        "reminder": on_its_date,
        "week_ahead": on_its_date,
        "announced": alive,
        "agreed": on_its_date and state is EveningState.CONFIRMED,
        "moved_to_hall": alive and evening.venue == Venue.HALL,
        "changed": alive,
        "cancelled": state is EveningState.CANCELLED,
        "postponed": state is EveningState.POSTPONED and not _names_a_lost_date(message, evening),
    }[message.kind]


def _names_a_lost_date(message: Message, evening: Evening) -> bool:
    """Tell whether the new evening was called off since: the postponed one has another ``sequence`` from then on."""
    later = evening.postponed_to
    return later is not None and EveningState(later.state) not in ALIVE and message.number < evening.sequence


def _option_state(message: Message, evening: Evening) -> str | None:
    """Return how the question stands that the message to a host is about; its ``number`` is the option's id."""
    return next((option.state for option in evening.options if option.id == message.number), None)
