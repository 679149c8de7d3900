"""What a village prepares for its evening: the legal steps and the plain ones, until when, why, and who has done them.

The village's tasks are computed like the desk's (``services.deadlines``), from the same rules; a tick is one row, seen
on both sides. What data can tell (no pitch yet) is not ticked: it goes when the data comes.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.states import TO_COME, EveningState, Venue
from guinguette.models import Commune, DoneTask, Evening, FallbackVenue, Pitch, Tour
from guinguette.services import deadlines, journal, rules
from guinguette.services.deadlines import VILLAGE, Task
from guinguette.services.evenings import Act
from guinguette.services.host_todo import Todo
from guinguette.services.journal import By

#: What is due within so many days is on the hosts' first page.
SOON = dt.timedelta(days=30)
_DAY = dt.timedelta(days=1)
_ORDER_SOURCE = N_("Code général des collectivités territoriales, articles L2212-2 et L2213-2")
#: Tasks of the desk's list that are the village's as well, and those it only wants to know about.
_SHARED = frozenset({"pitch", "hall", "power", "road"})
_OFFICE = frozenset({"permit", "sacem", "weather"})

#: What a list reads of each evening.
_READ = (
    joinedload(Evening.tour, innerjoin=True),
    joinedload(Evening.permit_holder),
    joinedload(Evening.pitch).joinedload(Pitch.keys_contact),
    joinedload(Evening.fallback_venue).joinedload(FallbackVenue.keys_contact),
)


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is to be done for an evening: by its village, and by the association."""

    village: Sequence[Task]
    association: Sequence[Task]

    @property
    def left(self) -> list[Task]:
        """Return what the village has not done yet."""
        return [task for task in self.village if task.done is None]


_NOTHING = Checklist((), ())


def of(session: Session, evening: Evening, clock: Clock) -> Checklist:
    """Return an evening's list, empty once it is past or called off."""
    return of_all(session, [evening], clock).get(evening.id, _NOTHING)


def of_all(session: Session, evenings: Sequence[Evening], clock: Clock) -> dict[str, Checklist]:
    """Return the lists of these evenings by id, in order of due date. As many queries for one as for a hundred."""
    day = today(clock)
    office: dict[str, list[Task]] = {evening.id: [] for evening in evenings}
    for task in deadlines.tasks_of(session, evenings, clock):
        office[task.evening.id].append(task)
    ticked = session.scalars(select(DoneTask).where(DoneTask.evening_id.in_(office)))
    village = _Village(rules.reader(session), {(tick.evening_id, tick.kind): tick for tick in ticked})
    return {
        evening.id: _split(evening, office[evening.id], village.tasks(evening))
        for evening in evenings
        if evening.date >= day and evening.state in TO_COME
    }


def late_in(session: Session, tour: Tour, clock: Clock) -> list[Task]:
    """Return what the villages of a tour are late with and the desk's own list leaves out. Always the same queries."""
    awaited = session.scalars(
        select(Evening)
        .where(Evening.tour_id == tour.id, Evening.state.in_(TO_COME), Evening.date >= today(clock))
        .options(joinedload(Evening.commune, innerjoin=True), *_READ)
    ).all()
    shared = _SHARED | _OFFICE
    lists = of_all(session, awaited, clock).values()
    late = [task for each in lists for task in each.left if task.kind not in shared and task.overdue(clock.now())]
    return sorted(late, key=lambda task: task.order)


def tick(session: Session, evening: Evening, kind: str, act: Act, by: By, *, done: bool) -> None:
    """Note that the village has done a task of its list, or take that back, with a line in its journal.

    Raises ``InvalidInput`` for a task that is not its to tick, ``Conflict`` where the evening is not awaited any more.
    """
    if kind not in {task.kind for task in of(session, evening, act.clock).village if task.tickable}:
        raise InvalidInput(N_("Cette tâche n’est pas à cocher ici : appelez l’association."))
    if (deadlines.tick if done else deadlines.untick)(session, evening, kind, act):
        detail = f"{'fait' if done else 'pas encore fait'} : {deadlines.TITLES[kind]}"
        journal.write(session, evening.commune_insee, "task", by, detail=detail, tour=evening.tour, evening=evening)


def todos(session: Session, commune: Commune, clock: Clock) -> list[Todo]:
    """Return one line for each confirmed evening of a village for which something is due soon, or late."""
    day = today(clock)
    coming = session.scalars(
        select(Evening)
        .join(Evening.tour)
        .where(
            Evening.commune_insee == commune.insee,
            Evening.state == EveningState.CONFIRMED.value,
            Evening.date >= day,
            Tour.archived_at.is_(None),
        )
        .order_by(Evening.date)
        .options(*_READ)
    ).all()
    lists = of_all(session, coming, clock)
    left = ((evening, lists[evening.id].left) for evening in coming)
    return [_todo(evening, tasks) for evening, tasks in left if tasks and tasks[0].due_on <= day + SOON]


def _todo(evening: Evening, left: Sequence[Task]) -> Todo:
    one = N_("Il reste une chose à faire.")
    return Todo(
        title=N_("Préparez la soirée du {day}"),
        text=one if len(left) == 1 else N_("Il reste {count} choses à faire."),
        values={"day": evening.date, "count": len(left)},
        endpoint="host.preparations",
        arguments={"evening_id": evening.id},
        due_on=left[0].due_on,
    )


def _split(evening: Evening, office: Iterable[Task], village: Iterable[Task]) -> Checklist:
    """Return the two lists of an evening: a permit is the village's where one of its own committees holds it."""
    holder = evening.permit_holder
    own = _SHARED | ({"permit"} if holder is not None and holder.commune_insee == evening.commune_insee else set())
    tasks = list(office)
    theirs = [*(task for task in tasks if task.kind in own), *village]
    return Checklist(
        sorted(theirs, key=lambda task: task.order),
        [task for task in tasks if task.kind in _OFFICE - own],
    )


@dataclass(frozen=True, slots=True)
class _Village:
    """What the village's own tasks are computed from: the rules and the ticks."""

    rule: rules.Reader
    done: Mapping[tuple[str, str], DoneTask]

    def tasks(self, evening: Evening) -> Iterator[Task]:
        outdoors = evening.venue == Venue.PITCH
        if outdoors:
            why = N_(
                "Si la place est publique. La loi n’a pas de délai : {days} jours laissent le temps de l’afficher."
            )
            yield self._task(evening, "order", "permit_days_before", why, source=_ORDER_SOURCE)
        hall = evening.fallback_venue
        if hall is not None:
            rain = N_("S’il pleut, la soirée se tient ici : {hall}. Personne d’autre ne doit l’avoir ce soir-là.")
            inside = N_("La soirée se tient ici : {hall}. Personne d’autre ne doit l’avoir ce soir-là.")
            yield self._task(evening, "hall_kept", "site_days_before", rain if outdoors else inside, hall=hall.name)
        if evening.tour.published_version:
            why = N_("À la mairie, chez les commerçants, à l’arrêt de car : c’est elle que l’on croit.")
            yield self._task(evening, "poster", "poster_days_before", why)
        why = N_("Le village apporte de quoi s’asseoir et de quoi barrer la place, {days} jours avant au plus tard.")
        yield self._task(evening, "furniture", "furniture_days_before", why)
        yield self._keys(evening, evening.pitch if outdoors else hall)

    def _keys(self, evening: Evening, place: Pitch | FallbackVenue | None) -> Task:
        keeper = place.keys_contact if place else None
        if keeper is None:
            why = N_("Coffret électrique, barrière, salle, toilettes : qui les ouvre, et à quelle heure ?")
            return self._task(evening, "keys", "furniture_days_before", why)
        why = N_("{keeper} a les clés : rappelez-lui le jour et l’heure.")
        return self._task(evening, "keys", "furniture_days_before", why, keeper=keeper.name)

    def _task(self, evening: Evening, kind: str, key: str, why: str, *, source: str = "", **values: object) -> Task:
        rule = self.rule(key, evening.date)
        return Task(
            evening=evening,
            kind=kind,
            due_on=evening.date - rule.value * _DAY,
            who=VILLAGE,
            why=why,
            values={"days": rule.value, **values},
            source=source,
            done=self.done.get((evening.id, kind)),
            changed_at=evening.updated_at,
        )
