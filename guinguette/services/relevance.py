"""Why a queued message must not leave any more: too late, no longer wanted, no longer true."""

import datetime as dt

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import N_
from guinguette.domain.states import ALIVE, EveningState, Venue
from guinguette.models import Contact, Evening, Message, Subscriber
from guinguette.services import opting_out
from guinguette.services.messages import ASKED_FOR, reminder_number


def no_longer(session: Session, message: Message, now: dt.datetime, vault: Vault) -> str:
    """Return why the message must not leave any more (a French sentence's beginning), or nothing."""
    if message.expires_at <= now:
        return N_("trop tard : le moment est passé")
    person = message.subscriber or message.contact
    if person is None or not _has_address(person, message.channel):
        # an address that was never confirmed is kept as long as its code is good, and no longer
        return N_("l’adresse a été effacée")
    if message.kind not in ASKED_FOR and opting_out.is_opposed(session, person, vault, message.channel):
        return N_("la personne s’est désinscrite")
    if message.evening is not None and not _still_true(message, message.evening):
        return N_("ce n’est plus vrai : la soirée a changé")
    return ""


def _has_address(person: Subscriber | Contact, channel: str) -> bool:
    if channel == "sms":
        return bool(person.phone_encrypted)
    return bool(person.email_encrypted if isinstance(person, Subscriber) else person.email)


def _still_true(message: Message, evening: Evening) -> bool:
    state = EveningState(evening.state)
    return {
        "reminder": state in ALIVE and message.number == reminder_number(evening.date),
        "moved_to_hall": state in ALIVE and evening.venue == Venue.HALL,
        "changed": state in ALIVE,
        "cancelled": state is EveningState.CANCELLED,
        "postponed": state is EveningState.POSTPONED,
    }[message.kind]
