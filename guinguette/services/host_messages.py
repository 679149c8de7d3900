"""What a village's hosts are written about a date: the question, a nudge before it lapses, its end, which date it is.

About an option one person is written to, the first of those one would ring: by SMS where there is a mobile, else by
e-mail. ``number`` of such a message is the option's id, so that each is written once. That a date is sure is told to
everybody else of the village, once a date. Contacts have no language of their own: they are town halls and committees
of France.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS, Clock, paris_instant, today
from guinguette.domain.errors import N_
from guinguette.domain.sms_text import transliterate
from guinguette.domain.text import fold
from guinguette.models import Contact, DateOption, Evening, Message
from guinguette.publishing.messages import Voice, fitted, host_values, segments
from guinguette.services import host_links, host_reach, hosts, messages, opting_out, own_texts, rules
from guinguette.services.journal import By
from guinguette.services.wording import FRENCH

SUBJECTS = {
    "option": N_("Guinguette : pouvez-vous nous recevoir ?"),
    "nudge": N_("Guinguette : nous attendons votre réponse"),
    "option_lapsed": N_("Guinguette : la date n’est plus retenue"),
    "dates": N_("Guinguette : quels soirs vous conviennent ?"),
    "no_date": N_("Guinguette : pas de soirée chez vous cette fois"),
    "link": N_("Guinguette : votre lien personnel"),
    "turned_down": N_("Guinguette : ce jour n’est pas possible"),
    "agreed": N_("Guinguette : la date est confirmée"),
}
_DAY = dt.timedelta(days=1)


#: Whoever has just sent an SMS waits for the answer; later it would only puzzle them.
_REPLY_KEPT = dt.timedelta(hours=1)


def write(
    session: Session,
    kind: str,
    option: DateOption,
    *,
    clock: Clock,
    vault: Vault,
    public_url: str,
    phone: str,
    replies: bool = False,
) -> int:
    """Queue the message of ``kind`` (option, nudge, option_lapsed, turned_down) on an option; return how many (0, 1).

    ``phone`` is the association's, for whoever would rather talk; empty where nobody has said; ``replies``: an SMS can
    be answered. 0 too where the village has nobody who can be written to, or who has asked us to stop.
    """
    found = host_reach.of_commune(session, option.evening.commune_insee, vault)
    if found is None:
        return 0
    post = _Post(session, clock, vault, public_url, phone, replies)
    evening, last = option.evening, _last_day(kind, option)
    date = option.counter_date if kind == "turned_down" else option.date
    draft = post.draft(
        kind, evening, found.contact, found.channel, number=option.id, date=date, until=option.expires_on, last=last
    )
    return messages.enqueue(session, [draft], clock)


def tell_agreed(
    session: Session,
    confirmed: Sequence[Evening],
    by: By,
    *,
    clock: Clock,
    vault: Vault,
    public_url: str,
    phone: str,
) -> int:
    """Queue for each contact of the villages which date is sure now, once a telephone; return how many are new.

    Not for whoever ``by`` names, unless an organiser: they have answered themselves.
    """
    people = hosts.to_ring(session, {evening.commune_insee for evening in confirmed})
    post = _Post(session, clock, vault, public_url, phone, replies=False)
    drafts = [
        post.draft("agreed", evening, contact, channel, number=messages.reminder_number(evening.date))
        for evening in confirmed
        for contact, channel in _to_tell(session, people.get(evening.commune_insee, []), by, vault)
    ]
    return messages.enqueue(session, drafts, clock)


def rewrite_agreed(
    session: Session, evening: Evening, *, clock: Clock, vault: Vault, public_url: str, phone: str
) -> None:
    """Write anew what waits to say which date is sure: its hours have changed."""
    post = _Post(session, clock, vault, public_url, phone, replies=False)
    waiting = session.scalars(
        select(Message).where(
            Message.evening_id == evening.id, Message.kind == "agreed", Message.state == "queued",
            Message.number == messages.reminder_number(evening.date), Message.contact_id.is_not(None),
        )
    ).all()  # fmt: skip
    for message in waiting:
        if message.contact is None:
            continue
        draft = post.draft("agreed", evening, message.contact, message.channel, number=message.number)
        # unless a worker has claimed it meanwhile
        session.execute(
            update(Message)
            .where(Message.id == message.id, Message.state == "queued")
            .values(body=draft.body, segments=draft.segments)
        )


def _to_tell(session: Session, people: Sequence[Contact], by: By, vault: Vault) -> list[tuple[Contact, str]]:
    """Return who of a village is to be told, by which channel: nobody who has said it, no number twice."""
    said = _said_it(people, by)
    numbers = {_number(contact, vault) for contact in said}
    found: list[tuple[Contact, str]] = []
    for contact in people:
        channel = "" if contact in said else host_reach.channel_to(session, contact, vault)
        if not channel or (channel == "sms" and _number(contact, vault) in numbers):
            continue
        numbers.add(_number(contact, vault))
        found.append((contact, channel))
    return found


def _said_it(people: Sequence[Contact], by: By) -> list[Contact]:
    """Return whom ``by`` names in whole words, the longest name of those: Anne-Marie Petit is not Anne."""
    if by.how == "desk":
        return []
    said = f" {fold(by.actor)} "
    names = [fold(contact.name) for contact in people if f" {fold(contact.name)} " in said]
    named = max(names, key=len, default="")
    return [contact for contact in people if fold(contact.name) == named]


def _number(contact: Contact, vault: Vault) -> str:
    try:
        return vault.decrypt(contact.phone_encrypted) if contact.phone_encrypted else ""
    except ValueError:  # another key encrypted it
        return ""


def reply(session: Session, contact: Contact, text: str, clock: Clock, *, about: int = 0) -> None:
    """Queue the answer to a contact's own SMS: it leaves at once, at any hour.

    ``about`` is the option (its id) whose date it asks about, if any.
    """
    draft = messages.Draft(
        contact_id=contact.id,
        evening_id=None,
        kind="reply",
        number=about,
        body=text,
        segments=segments(text),
        urgent=True,
        due_at=clock.now(),
        expires_at=clock.now() + _REPLY_KEPT,
    )
    messages.enqueue(session, [draft], clock)


@dataclass(frozen=True, slots=True)
class _Post:
    """What messages to hosts are written with."""

    session: Session
    clock: Clock
    vault: Vault
    public_url: str
    phone: str
    replies: bool

    def draft(
        self,
        kind: str,
        evening: Evening,
        contact: Contact,
        channel: str,
        *,
        number: int,
        date: dt.date | None = None,
        until: dt.date | None = None,
        last: dt.date | None = None,
    ) -> messages.Draft:
        """Return a message of ``kind``, of use until the end of ``last``; days are the evening's unless given."""
        voice = own_texts.voice(self.session, FRENCH)
        fillings = host_values(
            commune=evening.commune.name,
            date=date or evening.date,
            until=until or evening.date,
            hours=(evening.starts_at, evening.ends_at),
            phone=self.phone,
            replies=self.replies and channel == "sms",
            link=host_links.placeholder_url(self.public_url),
            voice=voice,
            stop_url=stop_url(self.session, contact, vault=self.vault, public_url=self.public_url),
        )
        return messages.Draft(
            contact_id=contact.id,
            evening_id=evening.id,
            kind=kind,
            number=number,
            **written(kind, channel, fitted(kind, voice, fillings), voice),
            urgent=False,
            due_at=rules.sending_hours(self.session, today(self.clock)).next_permitted(self.clock.now()),
            expires_at=paris_instant((last or evening.date) + _DAY, dt.time()),
        )


def nudge(session: Session, *, clock: Clock, vault: Vault, public_url: str, phone: str, replies: bool = False) -> int:
    """Queue a nudge for every option that lapses soon (rule ``nudge_days_before``), once each; return how many.

    Not on the day the question was asked, and only when messages may leave: whoever answers meanwhile is not nudged.
    """
    day = today(clock)
    days = rules.value(session, "nudge_days_before", day)
    if not days or not rules.sending_hours(session, day).permits(clock.now()):
        return 0
    nudged = select(Message.number).where(Message.kind == "nudge", Message.evening_id == DateOption.evening_id)
    near = session.scalars(
        select(DateOption)
        .join(DateOption.evening)
        .where(
            DateOption.state == "sent",
            DateOption.expires_on.between(day, day + days * _DAY),
            DateOption.id.not_in(nudged),
        )
        .options(joinedload(DateOption.evening, innerjoin=True).joinedload(Evening.commune, innerjoin=True))
        .order_by(DateOption.id)
    ).all()
    return sum(
        write(session, "nudge", option, clock=clock, vault=vault, public_url=public_url, phone=phone, replies=replies)
        for option in near
        if option.sent_at.astimezone(PARIS).date() < day
    )


def stop_url(session: Session, contact: Contact, *, vault: Vault, public_url: str) -> str:
    """Return the STOP link of a contact, which works from now on."""
    token = opting_out.token_for(vault, contact)
    # no new version of the contact: whoever is editing it has nothing to merge
    stop_hash = opting_out.token_hash(vault, token)
    session.execute(update(Contact).where(Contact.id == contact.id).values(stop_token_hash=stop_hash))
    return opting_out.stop_url(public_url, FRENCH, token)


def written(kind: str, channel: str, text: str, voice: Voice) -> dict[str, Any]:
    """Return what a message of ``kind`` that says ``text`` is on ``channel``: the fields of a draft that say it."""
    if channel == "email":
        return {"channel": channel, "subject": voice.translate(SUBJECTS[kind]), "body": text, "segments": 0}
    body = transliterate(text)
    return {"channel": channel, "body": body, "segments": segments(body)}


def _last_day(kind: str, option: DateOption) -> dt.date:
    """Return the last day on which the message is of use: until the answer is due, or the evening would have been."""
    return option.expires_on if kind in ("option", "nudge") else option.date
