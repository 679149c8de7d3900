"""OUI and NON: a host answers the date that they have been asked for by SMS.

An evening is agreed by it, so that nothing is guessed: the number must be that of a contact, to whom exactly one of the
dates that wait for an answer in their villages has been written, and the SMS must say no more than yes or no, and be
polite. What is still on its way was not read: the date is named first, and OUI to that is an answer.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import DomainError
from guinguette.domain.states import EveningState
from guinguette.domain.text import fold
from guinguette.models import Contact, DateOption, Evening, Message
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
    return [
        contact
        for contact in hosts.everybody(session)
        if hosts.answers(contact) and hosts.mobile_of(contact, vault) == number
    ]


def answer(
    session: Session, people: Sequence[Contact], said: str, *, clock: Clock, vault: Vault, public_url: str, phone: str
) -> tuple[str, int]:
    """Do what ``people``, who share one number, have ``said`` (yes, no, unclear); return the SMS that tells them.

    And the id of the option whose date that SMS asks about once more, else 0 (``host_messages.reply``).
    """
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

    read = _written(session, people, waiting)
    meant = [option for option in waiting if option.id in read] or waiting
    if len(meant) > 1:
        return text("several"), 0
    if not meant:
        return text(*_too_late(asked, said)), 0
    [option] = meant
    if said == UNCLEAR or option.id not in read:
        return text("unclear", option), option.id
    who = next(each for each in people if each.committee.commune_insee == option.evening.commune_insee)
    act = Act(actor=f"{who.name} (SMS)", clock=clock, vault=vault, public_url=public_url, phone=phone)
    accepted = said == YES
    try:
        with session.begin_nested():
            options.answer(session, option.evening, act, accepted=accepted, answered_by=who.name, how="sms")
    except (DomainError, StaleDataError):  # why is said on their page: somebody was first, or the hall is taken
        return text("impossible", option), 0
    return text("accepted" if accepted else "refused", option), 0


def _written(session: Session, people: Sequence[Contact], waiting: Sequence[DateOption]) -> set[int]:
    """Return the ids of those options whose date has been written to these people, and has left for certain."""
    return set(
        session.scalars(
            select(Message.number).where(
                Message.contact_id.in_([each.id for each in people]),
                Message.kind.in_(("option", "nudge", "reply")),
                Message.number.in_([option.id for option in waiting]),
                Message.state.in_(("sent", "delivered")),
            )
        )
    )


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
