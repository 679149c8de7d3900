"""Why a wish is not served: the fewest rule instances in its way, in the plan as it stands."""

from __future__ import annotations

from collections.abc import Callable

from .costing import missing
from .ground import Ground, Scene
from .legs import metres_of
from .plan import FEASIBLE, OPTIMAL, Evening, Plan, Reason, Unserved
from .rules import FRENCH, Fault, Sentences, broken, fault
from .season import Season

COST = Sentences(
    fr="Une soirée à {commune} le {date} avec {vehicle} serait possible, mais ne vaut pas ses {metres} m de route.",
    en="An evening at {commune} on {date} with {vehicle} would fit, but is not worth its {metres} m of driving.",
)
NO_DATE = Sentences(
    fr="La saison n'offre aucune date ni véhicule à {commune}.",
    en="The season offers {commune} no date and no vehicle.",
)

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
    scene: Scene, *, language: str = FRENCH, hurry: Callable[[], bool] = lambda: False
) -> tuple[Unserved, ...]:
    """As `explain`, for a scene. When `hurry` turns true the rest gets the first reason that comes."""
    return tuple(
        Unserved(name, count, tuple(reason(item, language) for item in _reasons(scene, name, hurry)))
        for name, count in missing(scene).items()
    )


def reason(found: Fault, language: str = FRENCH) -> Reason:
    """A fault as a reason of a plan."""
    return Reason(found.rule, found.detail, found.said(language))


def _reasons(scene: Scene, commune: str, hurry: Callable[[], bool]) -> list[Fault]:
    """The smallest set over all slots; every other evening stays, so nobody loses one."""
    best: tuple[int, list[int], int] | None = None
    chosen: list[Fault] = []
    for day in scene.ground.season.dates:
        for vehicle in scene.ground.vehicles:
            evening = Evening(commune, day, vehicle)
            found, metres = _with(scene, evening)
            rank = (len(found), sorted(_TELLING.index(item.rule) for item in found), metres)
            if best is None or rank < best:
                best, chosen = rank, found or [_not_worth(evening, metres)]
        if chosen and hurry():
            break
    return chosen or [fault("open_date", commune, NO_DATE, commune=commune)]


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
