"""OUI and NON: a host answers the date that they have been asked for by SMS.

An evening is agreed by it, so that nothing is guessed: the number must be that of a contact, exactly one date must wait
for an answer in their villages, and the SMS must say no more than yes or no, and be polite.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from guinguette.adapters.phone_numbers import mobile
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import DomainError, InvalidInput
from guinguette.domain.states import EveningState
from guinguette.domain.text import fold
from guinguette.models import Committee, Contact, DateOption, Evening
from guinguette.publishing.answers import host_text
from guinguette.services import host_links, hosts, options
from guinguette.services.evenings import Act
from guinguette.services.wording import FRENCH, translator

YES, NO, UNCLEAR = "yes", "no", "unclear"
_WORDS = {"oui": YES, "non": NO}
#: Says nothing either way (folded).
_POLITE = frozenset({
    "merci", "bonjour", "bonsoir", "salut", "monsieur", "madame", "messieurs", "mesdames", "beaucoup", "cordialement",
    "d", "accord", "ok", "volontiers", "avec", "plaisir", "parfait", "desole", "desolee", "bien", "sur", "s", "il",
    "vous", "plait", "svp", "bonne", "journee", "soiree",
})  # fmt: skip
#: Who answers later than this is not told of it any more: another season has begun.
_REMEMBERED = dt.timedelta(days=60)


def read(text: str) -> str | None:
    """Return what an SMS says: yes, no, unclear where it says more than that, or null where it is no answer."""
    words = [word for word in fold(text).split() if word not in _POLITE]
    if not words or words[0] not in _WORDS:
        return None
    return _WORDS[words[0]] if len(set(words)) == 1 else UNCLEAR


def contacts(session: Session, number: str, vault: Vault) -> list[Contact]:
    """Return the contacts in use who have this number (E.164) and answer for a village, whichever it is.

    Numbers are encrypted, each time otherwise: all are read, which takes a hundredth of a second for a few hundred.
    """
    everybody = session.scalars(
        select(Contact)
        .join(Contact.committee)
        .where(Contact.archived_at.is_(None), Contact.phone_encrypted != "", Committee.archived_at.is_(None))
        .options(joinedload(Contact.committee, innerjoin=True))
        .order_by(Contact.id)
    )
    return [contact for contact in everybody if hosts.answers(contact) and _has(contact, number, vault)]


def answer(
    session: Session, people: Sequence[Contact], said: str, *, clock: Clock, vault: Vault, public_url: str, phone: str
) -> str:
    """Do what ``people``, who share one number, have ``said`` (yes, no, unclear); return the SMS that tells them."""
    asked = _options(session, people, clock)
    waiting = [option for option in asked if option.state == "sent" and option.evening.date >= today(clock)]
    link = host_links.placeholder_url(public_url)

    def text(kind: str, option: DateOption | None = None) -> str:
        return host_text(
            kind,
            translate=translator(FRENCH),
            link=link,
            phone=phone,
            commune=option.evening.commune.name if option else "",
            day=option.date if option else None,
            until=option.expires_on if option else None,
        )

    if len(waiting) > 1:
        return text("several")
    if not waiting:
        return text(*_too_late(asked, said))
    [option] = waiting
    if said == UNCLEAR:
        return text("unclear", option)
    who = next(each for each in people if each.committee.commune_insee == option.evening.commune_insee)
    act = Act(actor=f"{who.name} (SMS)", clock=clock, vault=vault, public_url=public_url, phone=phone)
    accepted = said == YES
    try:
        with session.begin_nested():
            options.answer(session, option.evening, act, accepted=accepted, answered_by=who.name, how="sms")
    except (DomainError, StaleDataError):  # why is said on their page: somebody was first, or the hall is taken
        return text("impossible", option)
    return text("accepted" if accepted else "refused", option)


def _options(session: Session, people: Sequence[Contact], clock: Clock) -> list[DateOption]:
    """Return what their villages have been asked: what waits still, and what is over since not long ago."""
    lately = DateOption.closed_at.is_(None) | (DateOption.closed_at >= clock.now() - _REMEMBERED)
    return list(
        session.scalars(
            select(DateOption)
            .join(DateOption.evening)
            .where(Evening.commune_insee.in_({each.committee.commune_insee for each in people}), lately)
            .options(joinedload(DateOption.evening, innerjoin=True).joinedload(Evening.commune, innerjoin=True))
            .order_by(DateOption.id)
        )
    )


def _too_late(asked: Sequence[DateOption], said: str) -> tuple[str, DateOption | None]:
    """Return which text says that nothing waits any more, and about which option: the latest that is over."""
    last = max(asked, key=lambda option: option.closed_at or option.sent_at, default=None)
    if last is not None and last.state in ("expired", "sent"):
        return "lapsed", last
    if last is not None and last.state == "accepted" and last.evening.state == EveningState.CONFIRMED:
        return ("too_late_to_refuse" if said == NO else "already"), last
    return "nothing", None


def _has(contact: Contact, number: str, vault: Vault) -> bool:
    try:
        return mobile(vault.decrypt(contact.phone_encrypted)) == number
    except (InvalidInput, ValueError):  # a landline; or another key encrypted it
        return False
