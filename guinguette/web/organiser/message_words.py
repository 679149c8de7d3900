"""A message in words: its kind, its state, to whom (masked), its life step by step, what went wrong, what to do."""

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext

from guinguette.adapters.faults import explained
from guinguette.adapters.phone_numbers import masked
from guinguette.domain.errors import N_
from guinguette.domain.text import upper_first
from guinguette.models import Message, Subscriber
from guinguette.services.messages import NEVER_LEFT
from guinguette.services.rehearsal import without_link
from guinguette.web.edge import edge

KINDS = {
    "code": N_("Code"),
    "welcome": N_("Bienvenue"),
    "reminder": N_("Rappel de la veille"),
    "week_ahead": N_("Rappel une semaine avant"),
    "announced": N_("Nouvelle date"),
    "moved_to_hall": N_("Passage à la salle"),
    "postponed": N_("Report"),
    "cancelled": N_("Annulation"),
    "changed": N_("Changement"),
    "option": N_("Option, au comité"),
    "option_lapsed": N_("Option échue, au comité"),
    "nudge": N_("Relance, au comité"),
    "dates": N_("Dates demandées, au village"),
    "no_date": N_("Pas de date, au village"),
    "link": N_("Lien personnel, au référent"),
    "turned_down": N_("Jour proposé non retenu, au comité"),
    "agreed": N_("Date confirmée, au comité"),
    "reply": N_("Réponse à un SMS du comité"),
}
#: In the order of a message's life; each with the class and the sign that say it without colour.
STATES = {
    "queued": (N_("En attente"), "att", "att"),
    "sending": (N_("En train de partir"), "att", "att"),
    "sent": (N_("Parti"), "ok", "apres"),
    "delivered": (N_("Arrivé"), "ok", "ok"),
    "uncertain": (N_("Peut-être parti"), "rep", "att"),
    "failed": (N_("Échec"), "ann", "ann"),
    "dropped": (N_("Retiré"), "att", "defaire"),
}
CHANNELS = {"sms": N_("SMS"), "email": N_("E-mail")}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a message's life: what, and when (null: not yet, or nobody knows)."""

    what: str
    at: dt.datetime | None


def kind_name(kind: str) -> str:
    """Return « Rappel de la veille »; the kind itself where nobody has named it."""
    return str(gettext(KINDS[kind])) if kind in KINDS else kind


def state_name(state: str) -> str:
    """Return « En attente »."""
    return str(gettext(STATES[state][0]))


def addressee(message: Message) -> str:
    """Return whom the message is for, masked: « +33 •••••••34 », « j•••@example.org », of hosts the name too."""
    person = message.subscriber or message.contact
    if person is None:
        return ""
    try:
        address = _masked(message, person.phone_encrypted)
    except ValueError:  # the data key has changed: it cannot be read any more
        address = gettext("adresse illisible")
    return address if isinstance(person, Subscriber) else f"{person.name}, {address}"


def _masked(message: Message, phone_encrypted: str) -> str:
    vault = edge().vault
    if message.channel == "sms":
        number = vault.decrypt(phone_encrypted)
        return masked(number) if number else str(gettext("numéro effacé"))
    person = message.subscriber
    email = vault.decrypt(person.email_encrypted) if person else (message.contact.email if message.contact else "")
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if email else str(gettext("adresse effacée"))


def text_of(message: Message) -> str:
    """Return what the message says, without what only its reader may know: the code, the link that stops everything."""
    return "" if message.kind == "code" else without_link(message.body)


def what_happened(error: str) -> str:
    """Return a row's ``error`` as a sentence, empty where there is none. Codes nobody knows are shown as they are."""
    fault = explained(error)
    text = str(gettext(fault.what if fault else error)) if error else ""
    return upper_first(text)


def what_to_do(message_state: str, error: str) -> str:
    """Return what an organiser can do about it, empty where nothing is to be done."""
    fault = explained(error)
    if message_state == "uncertain":
        return str(
            gettext("Ne le renvoyez pas : il est peut-être arrivé. Le fournisseur est interrogé, la réponse vient ici.")
        )
    if error == NEVER_LEFT:
        return str(gettext("Vous pouvez le renvoyer, ou appeler la personne."))
    if message_state in ("failed", "queued") and fault:
        return str(gettext(fault.todo))
    if message_state == "failed" and error:
        return str(gettext("Appelez la personne. Quand une soirée change, elle est sur sa liste d’appel."))
    return ""


def life(message: Message) -> list[Step]:
    """Return the steps that the message has taken, the first first, and the one that is due."""
    steps = [
        (gettext("Écrit"), message.created_at),
        (gettext("À envoyer"), message.due_at),
        (
            gettext("Remis au fournisseur") if message.channel == "sms" else gettext("Envoi commencé"),
            message.claimed_at,
        ),
        (gettext("Accepté"), message.sent_at),
    ]
    if message.looks:
        steps.append((gettext("Fournisseur interrogé"), message.looked_at))
    if message.state in ("delivered", "failed", "dropped", "uncertain"):
        steps.append((state_name(message.state), message.ended_at or message.updated_at))
    elif message.state == "queued":
        steps.append((gettext("Inutile après"), message.expires_at))
    return [Step(str(what), at) for what, at in steps if at is not None]
