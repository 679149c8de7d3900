"""Publishing: a plan becomes evenings that keep their identity, and one frozen version that the public reads."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.domain.states import EveningState, Venue
from guinguette.models import CommuneRequest, Evening, EveningChange, Plan, PlannedEvening, Publication, Tour
from guinguette.models.holding import held_values
from guinguette.publishing.calendar import reads_the_same
from guinguette.publishing.tour import PublishedEvening, PublishedPlace, PublishedTour
from guinguette.services import announcements, lost_dates, new_evenings, open_options, shown_plans
from guinguette.services.evening_queries import (
    alive_evenings,
    first_venue,
    given_up,
    is_alive,
    is_settled,
    new_id,
    of_tour,
)
from guinguette.services.freezing import freeze, freeze_evening
from guinguette.services.scenario_settings import ScenarioSettings
from guinguette.services.scenario_takeover import still_different


@dataclass(frozen=True, slots=True)
class Changes:
    """What publishing a plan does to the evenings: pairs of (evening that exists, line of the plan)."""

    kept: list[tuple[Evening, PlannedEvening]] = field(default_factory=list)
    moved: list[tuple[Evening, PlannedEvening]] = field(default_factory=list)
    created: list[PlannedEvening] = field(default_factory=list)
    cancelled: list[Evening] = field(default_factory=list)


def preview(session: Session, plan: Plan, clock: Clock) -> Changes:
    """Return what ``publish`` would do (product.md, "Identity across plans"); past evenings are not touched.

    An unchanged (commune, date) keeps its evening; what remains of a commune is paired in date order and counts as
    moved; old ones left over are cancelled, new ones created.
    """
    day = today(clock)
    changes = Changes()
    old = {(e.commune_insee, e.date): e for e in alive_evenings(session, plan.tour)}
    new = {(p.commune_insee, p.date): p for p in plan.evenings}
    changes.kept.extend((old[key], new[key]) for key in new if key in old)
    left_old: defaultdict[str, list[Evening]] = defaultdict(list)
    left_new: defaultdict[str, list[PlannedEvening]] = defaultdict(list)
    for (insee, _), e in old.items():
        if (insee, e.date) not in new and not is_settled(e, day):
            left_old[insee].append(e)
    for (insee, date), p in new.items():
        if (insee, date) not in old and date > day:
            left_new[insee].append(p)
    for insee in sorted(left_old.keys() | left_new.keys()):
        before = sorted(left_old[insee], key=lambda e: e.date)
        after = sorted(left_new[insee], key=lambda p: p.date)
        changes.moved.extend(zip(before, after, strict=False))
        changes.cancelled.extend(before[len(after) :])
        changes.created.extend(after[len(before) :])
    return changes


def publish(session: Session, plan: Plan, *, actor: str, clock: Clock, vault: Vault, public_url: str) -> Publication:
    """Turn the plan into evenings, freeze a new version of the tour and queue the messages that follow from it.

    What an incident hits is told why, and so is all that a plan made for an incident changes; the incidents that the
    plan respects are settled by it. Raises ``InvalidInput`` where the plan is empty, ``Conflict`` where the tour is
    archived, or has changed since the plan was asked for (it would undo what was done by hand: an evening called off
    since would come back), or does not have the settings of the plan's variant (see ``scenario_takeover``), or another
    tour or an incident has taken a vehicle or a commune on one of its dates.
    """
    if plan.status not in ("optimal", "feasible"):
        raise InvalidInput(N_("Ce plan ne contient aucune soirée : il n’y a rien à publier."))
    if plan.tour.archived_at is not None:
        raise Conflict(N_("Cette tournée est dans les archives : restaurez-la, puis publiez."))
    _refuse_stale(session, plan)
    if still_different(plan.tour, ScenarioSettings.from_json(plan.settings)) != ScenarioSettings():
        raise Conflict(N_("Ce plan suppose des réglages que la tournée n’a pas : relisez-les, puis reprenez-les."))
    _refuse_clashes(session, plan)
    _refuse_given_up(session, plan, clock)
    lost_dates.refuse_lost(session, plan, clock)
    changes = preview(session, plan, clock)
    requests = {r.commune_insee: r for r in plan.tour.requests}
    why = lost_dates.reasons(session, plan, [*changes.cancelled, *(e for e, _ in changes.moved)], clock)
    for evening in changes.cancelled:
        reason = why.get(evening.id, "")
        _record(evening, "state", evening.state, EveningState.CANCELLED, actor=actor, clock=clock, why=reason)
        open_options.close(evening, "withdrawn", actor=actor, clock=clock)
        evening.state = EveningState.CANCELLED.value
        evening.change_note = reason
        evening.sequence += 1
    apply_moves(session, changes, why, actor=actor, clock=clock)
    for evening, line in changes.kept + changes.moved:
        if not is_settled(evening, today(clock)):  # what has happened keeps the exception that it was made by
            evening.hold_as(line)
    session.add_all(_created(line, requests[line.commune_insee], actor=actor, clock=clock) for line in changes.created)
    session.flush()
    publication = refresh(session, plan.tour, actor=actor, clock=clock, plan=plan)
    told = [(e.id, "cancelled") for e in changes.cancelled] + [(e.id, "changed") for e, _ in changes.moved]
    announcements.announce(session, publication, told, clock=clock, vault=vault, public_url=public_url, why=why)
    new_evenings.tell(session, publication, clock=clock, vault=vault, public_url=public_url)
    shown_plans.show(session, plan, clock)
    lost_dates.settle(session, plan, clock)
    return publication


def refresh(session: Session, tour: Tour, *, actor: str, clock: Clock, plan: Plan | None = None) -> Publication:
    """Freeze the tour as it stands into its next published version.

    An evening that calendars will read otherwise has its SEQUENCE raised, where what changed it (a place corrected,
    another date of the evening that replaces it) has not done so already.
    """
    last = latest(session, tour)
    evenings = of_tour(session, tour)
    online = PublishedTour.from_json(last.payload) if last else None
    known = {e.id: e for e in online.evenings} if online else {}
    for evening in evenings:
        before = known.get(evening.id)
        if before and before.sequence == evening.sequence:
            _note_corrections(evening, before, actor=actor, clock=clock)
    tour.published_version += 1
    publication = Publication(
        tour_id=tour.id,
        number=tour.published_version,
        plan_id=plan.id if plan else last.plan_id if last else None,
        published_at=clock.now(),
        published_by=actor,
        payload=freeze(tour, evenings, clock.now(), before=online).to_json(),
    )
    session.add(publication)
    session.flush()
    return publication


#: What of an evening is written elsewhere (a place, a host, a van, the evening that replaces it) and may be corrected.
_CORRECTED = ("commune", "pitch", "hall", "lat", "lon", "vehicle", "host", "postponed_to_date")


def _note_corrections(evening: Evening, before: PublishedEvening, *, actor: str, clock: Clock) -> None:
    """Write into the history what has been corrected since the last version, where no change of its own says so."""
    now, updated_at = freeze_evening(evening), evening.updated_at
    for name in _CORRECTED:
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            _record(evening, name, _in_text(old), _in_text(new), actor=actor, clock=clock)
    evening.updated_at = updated_at
    if not reads_the_same(before, now):
        evening.sequence += 1
        evening.updated_at = clock.now()


def _in_text(value: PublishedPlace | dt.date | float | str | None) -> str:
    if isinstance(value, PublishedPlace):
        return ", ".join(filter(None, (value.name, value.address, value.access)))[:300]
    return "" if value is None else str(value)


def latest(session: Session, tour: Tour) -> Publication | None:
    """Return the version of this tour that the public sees, or null."""
    return session.scalar(
        select(Publication).where(Publication.tour_id == tour.id).order_by(Publication.number.desc()).limit(1)
    )


def _refuse_stale(session: Session, plan: Plan) -> None:
    online, before = latest(session, plan.tour), _online_at(session, plan.tour, plan.season_at)
    gone = {r.commune_insee for r in plan.tour.requests if r.archived_at is not None}
    if _not_to_undo(online) != _not_to_undo(before) or gone & {p.commune_insee for p in plan.evenings}:
        raise Conflict(N_("La tournée a changé depuis ce calcul : planifiez de nouveau, puis publiez."))


def _online_at(session: Session, tour: Tour, at: dt.datetime) -> Publication | None:
    earlier = select(Publication).where(Publication.tour_id == tour.id, Publication.published_at <= at)
    return session.scalar(earlier.order_by(Publication.number.desc()).limit(1))


def _not_to_undo(version: Publication | None) -> tuple[int | None, set[tuple[str, ...]]] | None:
    """Return what of a version an older plan could undo: not the words corrected since (a place, an artist)."""
    facts = ("id", "date", "starts_at", "ends_at", "state", "venue")
    if version is None:
        return None
    return version.plan_id, {tuple(each[fact] for fact in facts) for each in version.payload["evenings"]}


def _refuse_clashes(session: Session, plan: Plan) -> None:
    dates = {p.date for p in plan.evenings}
    others = session.scalars(
        select(Evening).where(
            Evening.tour_id != plan.tour_id,
            Evening.date.in_(dates),
            Evening.state.not_in([EveningState.CANCELLED.value, EveningState.POSTPONED.value]),
        )
    ).all()
    taken = {(e.vehicle_id, e.date): e for e in others} | {(e.commune_insee, e.date): e for e in others}
    for line in plan.evenings:
        clash = taken.get((line.vehicle_id, line.date)) or taken.get((line.commune_insee, line.date))
        if clash is not None:
            raise Conflict(
                N_("Le {date}, « {tour} » a déjà une soirée à {commune} : relancez le calcul, puis publiez."),
                date=line.date,
                tour=clash.tour.name,
                commune=clash.commune.name,
            )


def _refuse_given_up(session: Session, plan: Plan, clock: Clock) -> None:
    """Raise ``Conflict`` where the plan has an evening again that was called off since, unless somebody signed for it.

    A change by hand is made on the tour as it stands, but the lines that it leaves alone may be older.
    """
    day, evenings = today(clock), of_tour(session, plan.tour)
    gone = given_up(evenings) - {(e.commune_insee, e.date) for e in evenings if is_alive(e)}
    for line in plan.evenings:
        if line.date > day and (line.commune_insee, line.date) in gone and "open_date" not in line.exception:
            raise Conflict(
                N_(
                    "La soirée du {date} à {commune} a été annulée ou reportée : donnez-lui une autre date dans le "
                    "plan, ou relancez le calcul, puis publiez."
                ),
                date=line.date.strftime("%d/%m/%Y"),
                commune=line.commune.name,
            )


def apply_moves(session: Session, changes: Changes, why: dict[str, str], *, actor: str, clock: Clock) -> None:
    """Give moved evenings their date and vehicle. Two may swap places, so all leave theirs before any arrives.

    What was confirmed was another date: the village is asked again. In winter the hall is the place from the start, and
    a note would say that people were sent there: only the SMS and the history tell ``why``.
    """
    shifting = [pair for pair in changes.kept if pair[0].vehicle_id != pair[1].vehicle_id] + changes.moved
    dates = [evening.date for evening, _ in shifting]
    for days, (evening, _) in enumerate(shifting):
        evening.date = dt.date.max - dt.timedelta(days=days)  # where nothing else is, for this transaction only
    session.flush()
    with session.no_autoflush:  # each arrives with all that changes, or not yet
        for (evening, line), before in zip(shifting, dates, strict=True):
            evening.date = line.date
            if before != line.date:
                reason = why.get(evening.id, "")
                if evening.state == EveningState.CONFIRMED:
                    _record(evening, "state", evening.state, EveningState.OPTION, actor=actor, clock=clock, why=reason)
                    evening.state = EveningState.OPTION.value
                open_options.start_over(session, evening, actor=actor, clock=clock)
                old, new = before.isoformat(), line.date.isoformat()
                _record(evening, "date", old, new, actor=actor, clock=clock, why=reason)
                evening.venue = first_venue(evening.tour, evening.fallback_venue).value  # the storm was on the old date
                evening.change_note = reason if evening.venue == Venue.PITCH else ""
                evening.sequence += 1
            evening.vehicle_id = line.vehicle_id
            evening.updated_at = clock.now()
    session.flush()


def _created(line: PlannedEvening, request: CommuneRequest, *, actor: str, clock: Clock) -> Evening:
    tour = request.tour
    evening = Evening(
        id=new_id(),
        tour_id=tour.id,
        commune_insee=line.commune_insee,
        vehicle_id=line.vehicle_id,
        date=line.date,
        starts_at=tour.starts_at,
        ends_at=tour.ends_at,
        pitch_id=request.pitch_id,
        fallback_venue_id=request.fallback_venue_id,
        permit_holder_id=request.permit_holder_id,
        state=EveningState.PROPOSED.value,
        venue=first_venue(tour, request.fallback_venue_id).value,
        created_at=clock.now(),
        updated_at=clock.now(),
        **held_values(line),
    )
    _record(evening, "created", "", line.date.isoformat(), actor=actor, clock=clock)
    return evening


def _record(evening: Evening, what: str, old: object, new: object, *, actor: str, clock: Clock, why: str = "") -> None:
    evening.history.append(EveningChange(at=clock.now(), actor=actor, what=what, old=str(old), new=str(new), why=why))
    evening.updated_at = clock.now()
