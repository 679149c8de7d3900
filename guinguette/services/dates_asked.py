"""Villages are asked which dates suit them, nudged before the last day to answer, and told where they got none.

One person a village is written to, with a personal link, within the permitted hours. Messages are of the kind
``dates``; ``number`` is the day that one is for (20270301), so that nobody gets two of a day.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select, true, update
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS, Clock, paris_instant, today
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import (
    Commune,
    CommuneRequest,
    Contact,
    Evening,
    JournalEntry,
    Message,
    Publication,
    Tour,
    UnservedWish,
)
from guinguette.publishing.messages import dates_values, fitted
from guinguette.services import (
    dates_board,
    editing,
    host_links,
    host_reach,
    hosts,
    journal,
    messages,
    opting_out,
    own_texts,
    rules,
)
from guinguette.services.dates_board import KIND, Village
from guinguette.services.evenings import Act
from guinguette.services.host_messages import written
from guinguette.services.host_reach import Addressee
from guinguette.services.journal import By
from guinguette.services.wording import FRENCH

NO_DATE = "no_date"
#: What a schedule starts from: so many days to answer, and nudges so many days before the last of them.
USUAL_DAYS, USUAL_NUDGES = 28, (21, 7, 2)
MOST_NUDGES, LONGEST_DAYS = 5, 60
#: However the schedule falls, nobody is written to again sooner than this.
_QUIET = dt.timedelta(days=2)
#: So long a village may still be told that it has no date.
_NEWS = dt.timedelta(days=14)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Silent:
    """A village that takes part and got no date: who is to be told (null: somebody must ring), or was.

    ``told`` is the message, ``rung`` the journal's line of a call.
    """

    commune: Commune
    addressee: Addressee | None
    told: Message | None
    rung: JournalEntry | None
    people: list[Contact]

    @property
    def knows(self) -> bool:
        """Tell whether the village has its result."""
        return self.told is not None or self.rung is not None


def usual_answer_by(tour: Tour, clock: Clock) -> dt.date | None:
    """Return the last day to answer that is proposed: in four weeks, but before the tour begins; null with no date."""
    coming = dates_board.days_to_come(tour, today(clock))
    return min(today(clock) + USUAL_DAYS * _DAY, coming[0] - _DAY) if coming else None


def schedule(
    session: Session, tour: Tour, *, answer_by: dt.date, nudge_days: Sequence[int], version: int, clock: Clock
) -> None:
    """Set the last day to answer and how many days before it the others are nudged.

    Raises ``InvalidInput`` (answer_by, nudge_days), ``Conflict``.
    """
    editing.begin(tour, version)
    if answer_by <= today(clock):
        raise InvalidInput(N_("Laissez aux villages au moins jusqu’à demain."), field="answer_by")
    if tour.dates and answer_by >= tour.dates[-1].date:
        raise InvalidInput(
            N_("La tournée finit le {day} : les réponses doivent venir avant."),
            field="answer_by",
            day=tour.dates[-1].date,
        )
    if len(nudge_days) > MOST_NUDGES or not all(0 <= days <= LONGEST_DAYS for days in nudge_days):
        raise InvalidInput(
            N_("{most} relances au plus, chacune {days} jours avant au plus."),
            field="nudge_days",
            most=MOST_NUDGES,
            days=LONGEST_DAYS,
        )
    tour.answer_by, tour.nudge_days = answer_by, sorted(set(nudge_days), reverse=True)
    editing.save(session, tour)


def questions(session: Session, tour: Tour, villages: Iterable[Village], act: Act) -> list[messages.Draft]:
    """Return what would be written to the villages that can be asked and have not been; none without a last day."""
    unasked = [(v.commune, v.addressee) for v in villages if v.standing == "unasked" and v.addressee]
    if tour.answer_by is None or tour.answer_by <= today(act.clock) or tour.archived_at is not None:
        return []
    return _drafts(session, "dates", tour, unasked, act, until=tour.answer_by, day=today(act.clock))


def ask(session: Session, tour: Tour, act: Act) -> int:
    """Ask the villages that have not been asked yet; return how many. A second click finds nobody left.

    Raises ``InvalidInput`` where nobody has said until when, or that day has come.
    """
    if tour.answer_by is None or tour.answer_by <= today(act.clock):
        raise InvalidInput(N_("Dites d’abord jusqu’à quand les villages peuvent répondre."), field="answer_by")
    # no new version of the tour: whoever is editing it has nothing to merge
    first = update(Tour).where(Tour.id == tour.id, Tour.asked_at.is_(None))
    session.execute(first.values(asked_at=act.clock.now(), asked_by=act.actor))
    villages = dates_board.of_tour(session, tour, act.clock, act.vault)
    return _queue(session, questions(session, tour, villages, act), act)


def nudge_text(session: Session, tour: Tour, villages: Iterable[Village], act: Act) -> str:
    """Return what a nudge would say to the first of the villages that can be written to; nothing without one."""
    some = [(v.commune, v.addressee) for v in villages if v.waited_for and v.addressee][:1]
    if tour.answer_by is None:
        return ""
    return "".join(d.body for d in _drafts(session, "dates_nudge", tour, some, act, until=tour.answer_by, day=None))


def nudge(session: Session, *, clock: Clock, vault: Vault, public_url: str, phone: str) -> int:
    """Queue a nudge to each village that was asked and has not finished, on each day of its tour's schedule; how many.

    Only when messages may leave: a nudge whose day is a Sunday waits for Monday, and whoever answers first is spared.
    """
    day = today(clock)
    if not rules.sending_hours(session, day).permits(clock.now()):
        return 0
    running = select(Tour).where(Tour.asked_at.is_not(None), Tour.archived_at.is_(None), Tour.answer_by >= day)
    act = Act(actor="", clock=clock, vault=vault, public_url=public_url, phone=phone)
    return sum(_nudge(session, tour, act) for tour in session.scalars(running.order_by(Tour.id)).all())


def nudge_day(tour: Tour, day: dt.date) -> dt.date | None:
    """Return the latest day of the tour's schedule that has come by ``day``, or null."""
    return max((at for at in nudge_dates(tour) if at <= day), default=None)


def nudge_dates(tour: Tour) -> list[dt.date]:
    """Return the days of a tour's nudges, the first first."""
    if tour.answer_by is None:
        return []
    return sorted(tour.answer_by - days * _DAY for days in tour.nudge_days)


def without_date(session: Session, tour: Tour, vault: Vault) -> list[Silent]:
    """Return the villages for which the plan that is online has no evening, by name; none where nothing is online.

    One whose evening was called off has had its result, and knows why. One that joined since is for the next plan.
    """
    if not tour.published_version:
        return []
    versions = select(Publication.plan_id).where(Publication.tour_id == tour.id)
    plan_id = session.scalar(versions.order_by(Publication.number.desc()).limit(1))
    passed_over = exists().where(UnservedWish.plan_id == plan_id, UnservedWish.commune_insee == Commune.insee)
    theirs = exists().where(Evening.tour_id == tour.id, Evening.commune_insee == CommuneRequest.commune_insee)
    communes = session.scalars(
        select(Commune)
        .join(CommuneRequest, CommuneRequest.commune_insee == Commune.insee)
        .where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None), ~theirs)
        .where(passed_over if plan_id is not None else true())
        .order_by(Commune.search_key, Commune.insee)
    ).all()
    written = dates_board.messages_of(session, tour, NO_DATE)
    people = hosts.to_ring(session, {commune.insee for commune in communes})
    reach = host_reach.first(session, people, vault, avoid=dates_board.failures(written))
    calls = select(JournalEntry).where(JournalEntry.tour_id == tour.id, JournalEntry.what == NO_DATE)
    rung = {call.commune_insee: call for call in session.scalars(calls)}
    return [
        Silent(
            commune,
            reach.get(commune.insee),
            next((m for m in reversed(written.get(commune.insee, [])) if m.state not in ("failed", "dropped")), None),
            rung.get(commune.insee),
            people.get(commune.insee, []),
        )
        for commune in communes
    ]


def still_without_date(session: Session, message: Message) -> bool:
    """Tell whether the village of a message that says so still has no evening in the tour."""
    insee = message.contact.committee.commune_insee if message.contact else ""
    theirs = select(Evening.id).where(Evening.tour_id == message.tour_id, Evening.commune_insee == insee)
    return session.scalar(theirs.limit(1)) is None


def results(session: Session, tour: Tour, silent: Iterable[Silent], act: Act) -> list[messages.Draft]:
    """Return what would be written to those of ``silent`` who have not been told."""
    untold = [(each.commune, each.addressee) for each in silent if not each.knows and each.addressee]
    day = today(act.clock)
    # one of a tour, whatever is published later: ``number`` stays 0
    return _drafts(session, NO_DATE, tour, untold, act, until=day + _NEWS, day=None)


def tell(session: Session, tour: Tour, act: Act) -> int:
    """Tell the villages without a date, once each; return how many. A second click finds nobody left."""
    silent = without_date(session, tour, act.vault)
    return _queue(session, results(session, tour, silent, act), act)


def note_rung(session: Session, tour: Tour, insee: str, act: Act) -> None:
    """Write down that somebody has rung a village without a date. Raises ``NotFound`` where it has one, or knows."""
    village = next((each for each in without_date(session, tour, act.vault) if each.commune.insee == insee), None)
    if village is None or village.knows:
        raise NotFound(N_("Ce village a une date, ou sait déjà qu’il n’en a pas."))
    journal.write(session, insee, NO_DATE, By(actor=act.actor, how="phone", clock=act.clock), tour=tour)


def _nudge(session: Session, tour: Tour, act: Act) -> int:
    day, due = today(act.clock), nudge_day(tour, today(act.clock))
    if due is None or tour.answer_by is None:
        return 0
    late = [
        (village.commune, village.addressee)
        for village in dates_board.of_tour(session, tour, act.clock, act.vault)
        if village.waited_for and village.addressee and _may_be_nudged(village.last, due, day)
    ]
    return _queue(session, _drafts(session, "dates_nudge", tour, late, act, until=tour.answer_by, day=due), act)


def _may_be_nudged(last: Message | None, due: dt.date, day: dt.date) -> bool:
    """Tell whether a village was asked, has had the message in hand for a while, and not this nudge already."""
    if last is None or last.state in ("queued", "sending") or last.number >= messages.reminder_number(due):
        return False
    return last.created_at.astimezone(PARIS).date() <= day - _QUIET


def _drafts(
    session: Session,
    key: str,
    tour: Tour,
    villages: Sequence[tuple[Commune, Addressee]],
    act: Act,
    *,
    until: dt.date,
    day: dt.date | None,
) -> list[messages.Draft]:
    """Return the messages of a template, one a village; ``day`` gives them their ``number``."""
    voice = own_texts.voice(session, FRENCH)
    due_at = rules.sending_hours(session, today(act.clock)).next_permitted(act.clock.now())
    drafts = []
    for commune, addressee in villages:
        contact = addressee.contact
        token = opting_out.token_for(act.vault, contact)
        values = dates_values(
            commune=commune.name,
            until=until,
            phone=act.phone,
            voice=voice,
            stop_url=opting_out.stop_url(act.public_url, FRENCH, token),
            link=host_links.placeholder_url(act.public_url),
            page=own_texts.home(act.public_url, FRENCH),
        )
        kind = NO_DATE if key == NO_DATE else KIND
        drafts.append(
            messages.Draft(
                contact_id=contact.id,
                evening_id=None,
                tour_id=tour.id,
                kind=kind,
                number=messages.reminder_number(day) if day else 0,
                **written(kind, addressee.channel, fitted(key, voice, values), voice),
                urgent=False,
                due_at=due_at,
                expires_at=paris_instant(until + _DAY, dt.time()),
            )
        )
    return drafts


def _queue(session: Session, drafts: Sequence[messages.Draft], act: Act) -> int:
    """Queue the messages and let the STOP link in each find its contact; return how many are new.

    The contacts get no new version: whoever edits them has nothing to merge.
    """
    wanted = Contact.id.in_([draft.contact_id for draft in drafts])
    for contact in session.scalars(select(Contact).where(wanted)).all() if drafts else ():
        stop_hash = opting_out.token_hash(act.vault, opting_out.token_for(act.vault, contact))
        if contact.stop_token_hash != stop_hash:
            session.execute(update(Contact).where(Contact.id == contact.id).values(stop_token_hash=stop_hash))
    return messages.enqueue(session, drafts, act.clock)
