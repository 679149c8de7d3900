"""What a village's host is written about an option on a date: the question, a nudge before it lapses, and its end.

One person is written to, the first of those one would ring: by SMS where there is a mobile, else by e-mail. ``number``
of such a message is the option's id, so that each is written once.
"""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS, Clock, paris_instant, today
from guinguette.domain.errors import N_
from guinguette.domain.sms_text import transliterate
from guinguette.models import Contact, DateOption, Evening, Message
from guinguette.publishing.messages import fitted, host_values, segments
from guinguette.services import host_reach, messages, opting_out, own_texts, rules

SUBJECTS = {
    "option": N_("Guinguette : pouvez-vous nous recevoir ?"),
    "nudge": N_("Guinguette : nous attendons votre réponse"),
    "option_lapsed": N_("Guinguette : la date n’est plus retenue"),
    "dates": N_("Guinguette : quels soirs vous conviennent ?"),
    "no_date": N_("Guinguette : pas de soirée chez vous cette fois"),
    "link": N_("Guinguette : votre lien personnel"),
}
#: Contacts have no language of their own: they are town halls and committees of France.
_LOCALE = "fr"
_DAY = dt.timedelta(days=1)


def write(
    session: Session, kind: str, option: DateOption, *, clock: Clock, vault: Vault, public_url: str, phone: str
) -> int:
    """Queue the message of ``kind`` (option, nudge, option_lapsed) about an option; return how many are new (0 or 1).

    ``phone`` is the association's, for whoever would rather talk; empty where nobody has said. 0 too where the village
    has nobody who can be written to, or who has asked us to stop.
    """
    found = host_reach.of_commune(session, option.evening.commune_insee, vault)
    if found is None:
        return 0
    contact, channel = found.contact, found.channel
    voice = own_texts.voice(session, _LOCALE)
    values = host_values(
        commune=option.evening.commune.name,
        date=option.date,
        until=option.expires_on,
        phone=phone,
        voice=voice,
        stop_url=stop_url(session, contact, vault=vault, public_url=public_url),
    )
    body = fitted(kind, voice, [values, values | {"ring": ""}])
    by_sms = channel == "sms"
    draft = messages.Draft(
        contact_id=contact.id,
        evening_id=option.evening_id,
        kind=kind,
        number=option.id,
        channel=channel,
        subject="" if by_sms else voice.translate(SUBJECTS[kind]),
        body=transliterate(body) if by_sms else body,
        segments=segments(transliterate(body)) if by_sms else 0,
        urgent=False,
        due_at=rules.sending_hours(session, today(clock)).next_permitted(clock.now()),
        expires_at=paris_instant(_last_day(kind, option) + _DAY, dt.time()),
    )
    return messages.enqueue(session, [draft], clock)


def nudge(session: Session, *, clock: Clock, vault: Vault, public_url: str, phone: str) -> int:
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
        write(session, "nudge", option, clock=clock, vault=vault, public_url=public_url, phone=phone)
        for option in near
        if option.sent_at.astimezone(PARIS).date() < day
    )


def stop_url(session: Session, contact: Contact, *, vault: Vault, public_url: str) -> str:
    """Return the STOP link of a contact, which works from now on."""
    token = opting_out.token_for(vault, contact)
    # no new version of the contact: whoever is editing it has nothing to merge
    stop_hash = opting_out.token_hash(vault, token)
    session.execute(update(Contact).where(Contact.id == contact.id).values(stop_token_hash=stop_hash))
    return opting_out.stop_url(public_url, _LOCALE, token)


def _last_day(kind: str, option: DateOption) -> dt.date:
    """Return the last day on which the message is of use: until the answer is due, or the evening would have been."""
    return option.date if kind == "option_lapsed" else option.expires_on
