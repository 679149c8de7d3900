"""New dates: whoever asked for them is told once a publication, in one message, of all those near them.

``Message.number`` is the publication's, ``Message.evening_id`` the first evening that the message names.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, paris_instant, today
from guinguette.domain.errors import N_
from guinguette.models import Evening, Message, Publication, Subscription
from guinguette.publishing.mails import INSTEAD, RULE
from guinguette.publishing.message_texts import fill
from guinguette.publishing.messages import Voice, announced_text, announced_values, segments
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import audience, messages, opting_out, own_texts, published, rules, scopes
from guinguette.services.audience import Recipient

SUBJECT = N_("Guinguette : de nouvelles dates près de chez vous")


def tell(session: Session, publication: Publication, *, clock: Clock, vault: Vault, public_url: str) -> int:
    """Queue the news of the evenings that this version is the first to have; return how many messages that makes."""
    return _write(session, publication, publication.number, clock=clock, vault=vault, public_url=public_url)


def rewrite(session: Session, publication: Publication, *, clock: Clock, vault: Vault, public_url: str) -> None:
    """Write anew, as the tour stands in this version, what is still queued about earlier ones' new evenings."""
    queued = (
        Message.kind == "announced",
        Message.state == "queued",
        Message.evening_id.in_(select(Evening.id).where(Evening.tour_id == publication.tour_id)),
    )
    for number in session.scalars(select(Message.number).where(*queued).distinct()).all():
        session.execute(delete(Message).where(*queued, Message.number == number))
        _write(session, publication, number, clock=clock, vault=vault, public_url=public_url)


def in_place_of(
    session: Session, sms: Message, recipient: Recipient, *, clock: Clock, vault: Vault, public_url: str
) -> list[messages.Draft]:
    """Return the e-mail that stands in for an SMS about new evenings: it names all near ``recipient`` that are left.

    None where none is left. Raises ``NotFound``.
    """
    tour, _ = published.evening(session, sms.evening_id or "")
    evenings = _new(session, tour, sms.evening.tour_id if sms.evening else 0, sms.number, clock)
    scopes = session.scalars(select(Subscription.scope).filter_by(subscriber_id=recipient.id)).all()
    near = [
        evening
        for evening in evenings
        if any(
            one.id == recipient.id for one in audience.of(session, tour.slug, evening, scopes, wanting="new_evenings")
        )
    ]
    if not near:
        return []
    voice = own_texts.voice(session, recipient.locale)
    text, _ = _text("email", near, voice, public_url)
    text += f"\n\n{RULE}\n{voice.translate(INSTEAD)}\n"
    return [_draft(recipient, near, sms.number, voice, text, 0, due_at=clock.now(), vault=vault, takes_over=sms.id)]


def _write(session: Session, latest: Publication, number: int, *, clock: Clock, vault: Vault, public_url: str) -> int:
    tour = PublishedTour.from_json(latest.payload)
    evenings = _new(session, tour, latest.tour_id, number, clock)
    voices: dict[str, Voice] = {}
    texts: dict[tuple[str, str, tuple[str, ...]], tuple[str, int]] = {}
    due_at = rules.sending_hours(session, today(clock)).next_permitted(clock.now())
    drafts = []
    for recipient, near in _readers(session, tour.slug, evenings, latest.tour_id, number):
        locale = recipient.locale
        voice = voices.get(locale) or voices.setdefault(locale, own_texts.voice(session, locale))
        key = (recipient.reach, locale, tuple(evening.id for evening in near))
        if key not in texts:
            texts[key] = _text(recipient.reach, near, voice, public_url)
        drafts.append(_draft(recipient, near, number, voice, *texts[key], due_at=due_at, vault=vault))
    return messages.enqueue(session, drafts, clock)


def _draft(
    recipient: Recipient,
    near: Sequence[PublishedEvening],
    number: int,
    voice: Voice,
    text: str,
    count: int,
    *,
    due_at: dt.datetime,
    vault: Vault,
    takes_over: str | None = None,
) -> messages.Draft:
    token = opting_out.stop_token(vault, recipient.address_hash)
    return messages.Draft(
        subscriber_id=recipient.id,
        evening_id=near[0].id,
        kind="announced",
        number=number,
        channel=recipient.reach,
        takes_over=takes_over,
        subject="" if recipient.reach == "sms" else voice.translate(SUBJECT),
        body=text.replace(opting_out.TOKEN_PLACEHOLDER, token),
        segments=count,
        urgent=False,
        due_at=due_at,
        expires_at=paris_instant(near[0].date, near[0].starts_at),
    )


def _new(session: Session, tour: PublishedTour, tour_id: int, number: int, clock: Clock) -> list[PublishedEvening]:
    """Return the evenings that version ``number`` was the first to have and that are still to come in ``tour``."""
    new = _ids(session, tour_id, number) - _ids(session, tour_id, number - 1)
    return [e for e in tour.evenings if e.id in new and e.alive and e.date > today(clock)]


def _readers(
    session: Session, slug: str, evenings: Sequence[PublishedEvening], tour_id: int, number: int
) -> list[tuple[Recipient, list[PublishedEvening]]]:
    """Return who is to be told of which of ``evenings``: by SMS or e-mail, and not told yet of that version."""
    told = set(
        session.scalars(
            select(Message.subscriber_id)
            .join(Message.evening)
            .where(Message.kind == "announced", Message.number == number, Evening.tour_id == tour_id)
        )
    )
    containing = scopes.matcher(session, audience.confirmed_scopes(session) if evenings else [])
    known: dict[tuple[str, ...], tuple[Recipient, ...]] = {(): ()}  # a village's evenings concern the same people
    found: dict[int, tuple[Recipient, list[PublishedEvening]]] = {}
    for evening in evenings:
        wanted = tuple(containing(slug, evening))
        if wanted not in known:
            known[wanted] = audience.of(session, slug, evening, wanted, wanting="new_evenings")
        for recipient in known[wanted]:
            if recipient.reach != "call" and recipient.id not in told:
                found.setdefault(recipient.id, (recipient, []))[1].append(evening)
    return list(found.values())


def _text(reach: str, evenings: Sequence[PublishedEvening], voice: Voice, public_url: str) -> tuple[str, int]:
    """Return the text and how many SMS it makes; an e-mail names every date."""
    stop_url = opting_out.stop_url(public_url, voice.locale, opting_out.TOKEN_PLACEHOLDER)
    page = own_texts.home(public_url, voice.locale)
    if reach == "email":
        return fill(voice.template("announced"), announced_values(evenings, voice, stop_url, page)[0]), 0
    text = announced_text(evenings, voice, stop_url=stop_url, page=page)
    return text, segments(text)


def _ids(session: Session, tour_id: int, number: int) -> set[str]:
    payload = session.scalar(
        select(Publication.payload).where(Publication.tour_id == tour_id, Publication.number == number)
    )
    return {evening["id"] for evening in (payload or {}).get("evenings", ())}
