"""What is left to do for each evening, until when, by whom and why: computed from the rules, never stored.

Only that somebody has ticked a task is a row (``models.DoneTask``). What data can tell (a place is missing, a host has
not answered) is not ticked: it goes when the data comes.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, paris_instant, today
from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.domain.states import TO_COME, UNSURE, Venue
from guinguette.models import DateOption, DoneTask, Evening, HallBooking, Tour
from guinguette.services import evening_queries, evenings, halls, open_options, rules, sites
from guinguette.services.evenings import Act
from guinguette.services.insert_once import insert_once

_DAY = dt.timedelta(days=1)
OFFICE, CREW, VILLAGE = N_("le bureau"), N_("le bureau et l’équipage"), N_("le village")

#: What each kind of task is called.
TITLES: dict[str, str] = {
    "ask": N_("Envoyer l’option"),
    "answer": N_("Recevoir la réponse du village"),
    "counter": N_("Prendre ou non le jour que propose le village"),
    "pitch": N_("Choisir l’emplacement"),
    "hall": N_("Choisir la salle en cas de pluie"),
    "hall_clash": N_("Régler la salle déjà prise"),
    "power": N_("Noter le raccordement électrique"),
    "programme": N_("Écrire qui joue"),
    "permit": N_("Demander le débit de boissons"),
    "sacem": N_("Demander l’autorisation à la Sacem"),
    "road": N_("Déclarer l’occupation de la voie publique"),
    "weather": N_("Décider selon la météo"),
    "weather_sure": N_("Confirmer la décision météo"),
    "held": N_("Noter que la soirée a eu lieu"),
    # the village's own (services.preparations)
    "order": N_("Faire signer l’arrêté du maire"),
    "hall_kept": N_("Retenir la salle"),
    "poster": N_("Imprimer et poser l’affiche"),
    "furniture": N_("Prévoir tables, bancs et barrières"),
    "keys": N_("Prévoir les clés"),
}
#: Those that somebody ticks.
TICKED = frozenset(
    {"permit", "sacem", "road", "weather", "weather_sure", "order", "hall_kept", "poster", "furniture", "keys"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do for an evening. ``due_on`` is a local date, ``due_time`` a local hour where a day is too long.

    ``who`` and ``why`` are French; ``why`` has places for ``values``. ``source`` is that of the rule, empty where it is
    no rule. ``since`` is the first day on which it can be done, where that matters.
    """

    evening: Evening
    kind: str
    due_on: dt.date
    due_time: dt.time | None = None
    since: dt.date | None = None
    who: str = OFFICE
    why: str
    values: Mapping[str, object] = field(default_factory=dict)
    source: str = ""
    done: DoneTask | None = None
    changed_at: dt.datetime

    @property
    def title(self) -> str:
        """Return what is to be done, in French."""
        return TITLES[self.kind]

    @property
    def tickable(self) -> bool:
        """Tell whether somebody says that it is done, rather than the data."""
        return self.kind in TICKED

    def overdue(self, now: dt.datetime) -> bool:
        """Tell whether it is late at an aware instant: past its hour, or its whole day."""
        if self.due_time is not None:
            return paris_instant(self.due_on, self.due_time) < now
        return paris_instant(self.due_on + _DAY, dt.time()) <= now

    @property
    def order(self) -> tuple[dt.date, dt.time, dt.date, str, str]:
        """Return by what a list is sorted: when it is due, then the evening's date."""
        last = dt.time(23, 59)
        return (self.due_on, self.due_time or last, self.evening.date, self.evening.id, self.kind)


def of_tour(session: Session, tour: Tour, clock: Clock) -> list[Task]:
    """Return the tasks of a tour's evenings, the ticked ones too, in order of due date. Five queries, however many."""
    return tasks_of(session, evening_queries.of_tour(session, tour), clock)


def of_everything(session: Session, clock: Clock) -> list[Task]:
    """Return the tasks of all tours in use."""
    return tasks_of(session, evening_queries.to_come(session), clock)


def tasks_of(session: Session, of: Sequence[Evening], clock: Clock) -> list[Task]:
    """Return the tasks of these evenings that are still awaited (or were, and nobody has said that they took place)."""
    awaited = [evening for evening in of if evening.state in TO_COME]
    ids = [evening.id for evening in awaited]
    ticked = session.scalars(select(DoneTask).where(DoneTask.evening_id.in_(ids)))
    done = {(tick.evening_id, tick.kind): tick for tick in ticked}
    open_or_countered = DateOption.state.in_(("sent", "countered"))
    asked = session.scalars(
        select(DateOption).where(DateOption.evening_id.in_(ids), open_or_countered).order_by(DateOption.id)
    )
    options = {option.evening_id: option for option in asked}
    desk = _Desk(today(clock), rules.reader(session), options, done, halls.clashes(session, awaited))
    return sorted((task for evening in awaited for task in desk.tasks(evening)), key=lambda task: task.order)


def tick(session: Session, evening: Evening, kind: str, act: Act) -> bool:
    """Note that a task is done; tell whether that is new.

    Raises ``InvalidInput`` for a kind that is not ticked, ``Conflict`` where the evening is not awaited any more.
    """
    _refuse(evening, kind)
    row = {"evening_id": evening.id, "kind": kind, "done_at": act.clock.now(), "done_by": act.actor}
    new = bool(insert_once(session, DoneTask, [row]))
    if new:
        evenings.record(evening, "task", "", kind, act)
    return new


def untick(session: Session, evening: Evening, kind: str, act: Act) -> bool:
    """Take a tick back; tell whether there was one. Raises as ``tick`` does."""
    _refuse(evening, kind)
    this = delete(DoneTask).where(DoneTask.evening_id == evening.id, DoneTask.kind == kind)
    gone = bool(session.execute(this.returning(DoneTask.kind)).all())
    if gone:
        evenings.record(evening, "task", kind, "", act)
    return gone


def _refuse(evening: Evening, kind: str) -> None:
    if kind not in TICKED:
        raise InvalidInput(N_("Cette tâche ne se coche pas : elle s’efface quand la donnée est là."))
    if evening.state not in TO_COME:
        raise Conflict(N_("Cette soirée n’est plus attendue : il n’y a plus rien à y faire."))


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the tasks are computed from: the day, the rules, the open options, the ticks, the halls that are taken."""

    day: dt.date
    rule: rules.Reader
    options: Mapping[str, DateOption]
    done: Mapping[tuple[str, str], DoneTask]
    clashes: Mapping[str, HallBooking]

    def tasks(self, evening: Evening) -> Iterator[Task]:
        if evening.date < self.day:
            yield Task(
                evening=evening,
                kind="held",
                due_on=evening.date + _DAY,
                why=N_("La soirée est passée : dites si elle a eu lieu, et combien sont venus."),
                changed_at=evening.updated_at,
            )
            return
        for task in (self._host(evening), *self._data(evening), *self._office(evening), *self._weather(evening)):
            if task is not None:
                yield task

    def _host(self, evening: Evening) -> Task | None:
        option = self.options.get(evening.id)
        if option is not None and open_options.is_counter(option, evening):
            return Task(
                evening=evening,
                kind="counter",
                due_on=option.expires_on,
                why=N_("Le jour demandé ne lui va pas : il attend de savoir si l’autre vous va."),
                changed_at=option.closed_at or evening.updated_at,
            )
        if option is not None and option.state == "sent":
            return Task(
                evening=evening,
                kind="answer",
                due_on=option.expires_on,
                who=VILLAGE,
                why=N_("Sans réponse ce jour-là au soir, la date redevient libre."),
                source=self.rule("option_days", evening.date).source,
                changed_at=max(evening.updated_at, option.sent_at),
            )
        if evening.state in UNSURE:
            why = N_("Le village a {days} jours pour répondre, et la réponse vient avant la soirée.")
            return self._before(evening, "ask", "option_days", why, more=1)
        return None

    def _data(self, evening: Evening) -> Iterable[Task | None]:
        outdoors = evening.venue == Venue.PITCH
        if outdoors and evening.pitch is None:
            yield self._before(evening, "pitch", "site_days_before", N_("Personne ne sait encore où s’installer."))
        if evening.fallback_venue is None:
            yield self._before(evening, "hall", "site_days_before", N_("S’il pleut, la soirée n’a pas de repli."))
        clash = self.clashes.get(evening.id)
        if clash is not None:
            yield Task(
                evening=evening,
                kind="hall_clash",
                due_on=max(self.day, evening.date - _DAY * self.rule("site_days_before", evening.date).value),
                who=VILLAGE,
                why=N_("{hall} est prise ce jour-là : changez de jour ou de lieu, ou libérez-la."),
                values={"hall": clash.hall.name},
                changed_at=max(evening.updated_at, clash.noted_at),
            )
        if outdoors and evening.pitch is not None and not sites.plug_known(evening.pitch):
            why = N_("L’électricité d’abord : la tireuse doit refroidir.")
            yield self._before(evening, "power", "site_days_before", why)
        if not evening.artists and not evening.description:
            why = N_("Les villageois ne voient que l’heure et le lieu, et la Sacem demande qui joue.")
            yield self._before(evening, "programme", "site_days_before", why)

    def _office(self, evening: Evening) -> Iterable[Task | None]:
        if evening.permit_holder is not None:
            why = N_("Au plus tard {days} jours avant : la mairie doit signer l’arrêté.")
            holder = evening.permit_holder.name
            yield self._before(evening, "permit", "permit_days_before", why, who=holder)
        if evening.artists:
            why = N_("Au plus tard {days} jours avant, dès qu’il y a de la musique.")
            yield self._before(evening, "sacem", "sacem_days_before", why)
        if evening.venue == Venue.PITCH:
            first = self.rule("road_days_first", evening.date).value
            why = N_("De {first} à {days} jours francs avant, si l’emplacement est sur la voie publique.")
            yield self._before(
                evening,
                "road",
                "road_days_last",
                why,
                who=VILLAGE,
                more=1,  # the day of the declaration and that of the evening do not count
                since=evening.date - (first + 1) * _DAY,
                first=first,
            )

    def _weather(self, evening: Evening) -> Iterable[Task]:
        if evening.venue != Venue.PITCH:
            return
        hour = self.rule("reminder_hour", evening.date)
        yield Task(
            evening=evening,
            kind="weather",
            due_on=evening.date - _DAY,
            due_time=dt.time(hour.value),
            who=CREW,
            why=N_("La veille, avant que parte le rappel : dehors, salle, report ou annulation."),
            source=hour.source,
            done=self.done.get((evening.id, "weather")),
            changed_at=evening.updated_at,
        )
        hours = self.rule("weather_hours_before", evening.date)
        due = dt.datetime.combine(evening.date, evening.starts_at) - dt.timedelta(hours=hours.value)
        yield Task(
            evening=evening,
            kind="weather_sure",
            due_on=due.date(),
            due_time=due.time(),
            who=CREW,
            why=N_("{hours} heures avant le début : ce qui a été décidé tient-il ?"),
            values={"hours": hours.value},
            source=hours.source,
            done=self.done.get((evening.id, "weather_sure")),
            changed_at=evening.updated_at,
        )

    def _before(
        self,
        evening: Evening,
        kind: str,
        key: str,
        why: str,
        *,
        more: int = 0,
        who: str = OFFICE,
        since: dt.date | None = None,
        **values: object,
    ) -> Task:
        """Return the task that is due as many days before the evening as a rule says, and ``more``."""
        rule = self.rule(key, evening.date)
        return Task(
            evening=evening,
            kind=kind,
            due_on=evening.date - (rule.value + more) * _DAY,
            since=since,
            who=who,
            why=why,
            values={"days": rule.value, **values},
            source=rule.source,
            done=self.done.get((evening.id, kind)),
            changed_at=evening.updated_at,
        )
