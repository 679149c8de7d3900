"""Why a wish is not served: the fewest rule instances in its way, even when others move; and next best dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .costing import missing
from .ground import Ground, Scene, Stop
from .legs import metres_of
from .plan import FEASIBLE, OPTIMAL, Evening, Plan, Reason, Unserved
from .rules import FRENCH, Fault, Sentences, broken, fault, leg
from .season import IF_NEED_BE, NO, Season

COST = Sentences(
    fr="Une soirée à {commune} le {date} avec {vehicle} serait possible, mais ne vaut pas ses {metres} m de route.",
    en="An evening at {commune} on {date} with {vehicle} would fit, but is not worth its {metres} m of driving.",
)
MOVES = Sentences(
    fr="Une soirée à {commune} le {date} avec {vehicle} irait si d'autres bougeaient, mais ne vaut pas son coût.",
    en="An evening at {commune} on {date} with {vehicle} would fit if others moved, but is not worth its cost.",
)
NO_DATE = Sentences(
    fr="La saison n'offre aucune date ni véhicule à {commune}.",
    en="The season offers {commune} no date and no vehicle.",
)

_SECONDS = 2.0  # for all the wishes of a plan together

# Where several sets are equally small, the one that an organiser can act upon comes first.
_TELLING = (
    "quota",
    "one_per_vehicle",
    "weekly_rest",
    "days_in_row",
    "separation",
    "spacing",
    "leg",
    "allowed_vehicle",
    "equipment",
    "one_per_commune",
    "open_date",
    "wanted",
)


def explain(season: Season, plan: Plan, *, language: str = FRENCH) -> tuple[Unserved, ...]:
    """The communes that are short in the plan, each with its reasons in "fr" or "en".

    Raises ValueError for a plan without evenings to explain (infeasible) or for one that breaks a rule.
    """
    if plan.status not in (OPTIMAL, FEASIBLE):
        raise ValueError(f"a plan that is {plan.status} serves nobody: see its conflicts")
    scene = Scene(Ground(season), plan.evenings)
    if broken(scene):
        raise ValueError("the plan breaks rules of the season: see check")
    return unserved(scene, language=language)


def unserved(
    scene: Scene,
    *,
    language: str = FRENCH,
    hurry: Callable[[], bool] = lambda: False,
    effort: float | None = None,
    others_move: bool = True,
) -> tuple[Unserved, ...]:
    """As `explain`, for a scene. When `hurry` turns true the rest gets the first reason that comes.

    Without `others_move` every other evening stays where it is: quicker, and what somebody who moves one asks.

    With `effort`, CP-SAT's deterministic seconds for each wish, no answer depends on the clock.
    """
    short = missing(scene)
    moved = _Moved(scene) if short and others_move and not hurry() else None
    result = []
    for left, (name, count) in zip(range(len(short), 0, -1), short.items(), strict=True):
        found, evening = _reasons(scene, name, hurry)
        if moved is not None and found[0].rule != "cost" and not hurry():
            better = moved.reasons(name, fewer_than=len(found), seconds=_SECONDS / left, effort=effort)
            found, evening = (found, evening) if better is None else better
        result.append(Unserved(name, count, tuple(reason(item, language) for item in found), evening))
    return tuple(result)


class _Moved:
    """Reasons that hold even when other evenings may move, where the season is small enough to ask."""

    def __init__(self, scene: Scene) -> None:
        # here, so that a plan can be checked without OR-Tools
        from .engines.instance import Instance  # noqa: PLC0415
        from .engines.reasons import MOST_SLOTS, Room  # noqa: PLC0415

        self._scene = scene
        self._instance = instance = Instance(scene.ground)
        self._room = None
        if instance.count <= MOST_SLOTS:
            day_of = {day: index for index, day in enumerate(scene.ground.season.dates)}
            plan = [
                (instance.commune_index[stop.commune.id], instance.vehicle_index[stop.vehicle.id], day_of[stop.date])
                for stop in scene.stops
            ]
            self._room = Room(instance, plan)

    def reasons(
        self, commune: str, *, fewer_than: int, seconds: float, effort: float | None
    ) -> tuple[list[Fault], Evening] | None:
        """What the new evening breaks where it breaks least; None where no such set is found, in time, that is smaller.

        What the model finds is tried: it does not count what comes between two other evenings only.
        """
        if self._room is None:
            return None
        instance = self._instance
        number = instance.commune_index[commune]
        found = self._room.best(number, fewer_than=fewer_than, seconds=seconds, effort=effort)
        if found is None:
            return None
        new, others = found
        scene = Scene(self._scene.ground, instance.evenings(others))
        if broken(scene):
            return None
        evening = instance.evenings([new])[0]
        stop = scene.stop(evening)
        scene.add(stop)
        words = {"commune": evening.commune, "date": evening.date, "vehicle": evening.vehicle}
        detail = f"{evening.commune} {evening.date} {evening.vehicle}"
        result = broken(scene, stop) or [fault("cost", detail, MOVES, **words)]
        return (result, evening) if len(result) < fewer_than or result[0].rule == "cost" else None


def reason(found: Fault, language: str = FRENCH) -> Reason:
    """A fault as a reason of a plan."""
    return Reason(found.rule, found.detail, found.said(language))


def _reasons(scene: Scene, commune: str, hurry: Callable[[], bool]) -> tuple[list[Fault], Evening | None]:
    """The smallest set over all slots, and its evening; every other evening stays, so nobody loses one."""
    best: tuple[int, list[int], int] | None = None
    chosen: list[Fault] = []
    where: Evening | None = None
    held = {(stop.date, stop.vehicle.id) for stop in scene.by_commune[commune]}
    for day in scene.ground.season.dates:
        for vehicle in scene.ground.vehicles:
            if (day, vehicle) in held:
                continue  # it would be the same evening
            evening = Evening(commune, day, vehicle)
            found, metres = _with(scene, evening)
            rank = (len(found), sorted(_TELLING.index(item.rule) for item in found), metres)
            if best is None or rank < best:
                best, chosen, where = rank, found or [_not_worth(evening, metres)], evening
        if chosen and hurry():
            break
    return chosen or [fault("open_date", commune, NO_DATE, commune=commune)], where


def _with(scene: Scene, evening: Evening) -> tuple[list[Fault], int]:
    """What the plan would break with this evening too, and the metres it would add if nothing."""
    stop = scene.stop(evening)
    scene.add(stop)
    found = broken(scene, stop)
    with_it = metres_of(scene) if not found else 0
    scene.remove(stop)
    return found, with_it - metres_of(scene) if not found else 0


def _not_worth(evening: Evening, metres: int) -> Fault:
    detail = f"{evening.commune} {evening.date} {evening.vehicle}"
    return fault(
        "cost",
        detail,
        COST,
        commune=evening.commune,
        date=evening.date,
        vehicle=evening.vehicle,
        metres=metres,
    )


@dataclass(frozen=True, slots=True)
class Alternative:
    """The next best date of an evening while all others stay: None where it has no other; what it would cost more."""

    evening: Evening
    instead: Evening | None
    dearer: int | None


def alternatives(season: Season, plan: Plan) -> tuple[Alternative, ...]:
    """For each evening of a plan that keeps the rules, in its order, the date it would go to next and at what cost."""
    scene = Scene(Ground(season), plan.evenings)
    locked = {(lock.commune, lock.date) for lock in season.locked}
    promised = Counter((item.commune, item.date) for item in season.baseline)
    result = []
    for stop in list(scene.stops):
        here = Evening(stop.commune.id, stop.date, stop.vehicle.id)
        before = {vehicle.id: metres_of(scene, vehicle.id) for vehicle in season.vehicles}
        scene.remove(stop)
        without = dict(before)
        without[here.vehicle] = metres_of(scene, here.vehicle)
        saved = before[here.vehicle] - without[here.vehicle] + _answer_cost(season, stop, promised)
        # without it the vehicle's legs may be too long, where it was a step on the way
        stranded = any(dict(item.words)["vehicle"] == here.vehicle for item in leg.faults(scene))
        best: tuple[int, Evening] | None = None
        for day in () if (here.commune, here.date) in locked else season.dates:
            if day == stop.date or stop.commune.answer(day) == NO:
                continue
            for vehicle in season.vehicles:
                if stranded and vehicle.id != here.vehicle:
                    continue
                there = scene.stop(Evening(here.commune, day, vehicle.id))
                scene.add(there)
                if not broken(scene, there):
                    dearer = metres_of(scene, vehicle.id) - without[vehicle.id] - saved
                    dearer += _answer_cost(season, there, promised)
                    if best is None or dearer < best[0]:
                        best = dearer, Evening(here.commune, day, vehicle.id)
                scene.remove(there)
        scene.add(stop)
        result.append(Alternative(here, None if best is None else best[1], None if best is None else best[0]))
    return tuple(result)


def _answer_cost(season: Season, stop: Stop, promised: Counter[tuple[str, date]]) -> int:
    """What an evening costs beside its metres and its commune's wishes: its date's answer, and what was published."""
    kept = promised[stop.commune.id, stop.date]
    return season.costs.if_need_be * (stop.commune.answer(stop.date) == IF_NEED_BE) - season.costs.moved * kept
