"""Hold a plan against its season, from these two alone and without OR-Tools."""

from __future__ import annotations

from .costing import cost_of, missing
from .ground import Ground, Scene
from .legs import metres_of
from .plan import FEASIBLE, INFEASIBLE, NO_PLAN_FOUND, OPTIMAL, Plan
from .rules import Fault, Sentences, broken, fault
from .season import Season

UNKNOWN_COMMUNE = Sentences(fr="La saison n'a pas de commune {commune}.", en="The season has no commune {commune}.")
UNKNOWN_VEHICLE = Sentences(fr="La saison n'a pas de véhicule {vehicle}.", en="The season has no vehicle {vehicle}.")
STATED = Sentences(
    fr="Le plan annonce {what} = {stated}, le calcul donne {true}.",
    en="The plan states {what} = {stated}, the computation gives {true}.",
)
UNSERVED = Sentences(
    fr="La commune {commune} manque de {true} soirée(s), le plan en annonce {stated}.",
    en="Commune {commune} is {true} evening(s) short, the plan states {stated}.",
)
BOUND = Sentences(fr="La borne {bound} dépasse le coût {cost}.", en="The bound {bound} is above the cost {cost}.")
NOT_PROVED = Sentences(
    fr="Un plan optimal a une borne égale à son coût ({cost}), celui-ci annonce {bound}.",
    en="An optimal plan's bound is its cost ({cost}), this one states {bound}.",
)
NOT_EMPTY = Sentences(
    fr="Un plan {status} n'a ni soirées ni {what}.", en="A plan that is {status} has no evenings and no {what}."
)


def check(season: Season, plan: Plan) -> tuple[Fault, ...]:
    """Every broken rule by its name, then `reference`, `cost`, `metres`, `unserved`, `bound`, `status` faults.

    An empty tuple means that no rule is broken and that what the plan says of itself is right.
    """
    if plan.status in (INFEASIBLE, NO_PLAN_FOUND):
        return _without_plan(plan)
    ground = Ground(season)
    unknown = _unknown(ground, plan)
    if unknown:
        return tuple(unknown)
    scene = Scene(ground, plan.evenings)
    return (*broken(scene), *_claims(scene, plan))


def _unknown(ground: Ground, plan: Plan) -> list[Fault]:
    communes = {item.commune for item in plan.evenings} | {item.commune for item in plan.unserved}
    vehicles = {item.vehicle for item in plan.evenings}
    return [
        fault("reference", name, UNKNOWN_COMMUNE, commune=name) for name in sorted(communes - set(ground.communes))
    ] + [fault("reference", name, UNKNOWN_VEHICLE, vehicle=name) for name in sorted(vehicles - set(ground.vehicles))]


def _without_plan(plan: Plan) -> tuple[Fault, ...]:
    said = {"cost": plan.cost, "bound": plan.bound, "metres": plan.metres, "evenings": plan.evenings or None}
    return tuple(
        fault("status", what, NOT_EMPTY, status=plan.status, what=what)
        for what, value in said.items()
        if value is not None
    )


def _claims(scene: Scene, plan: Plan) -> list[Fault]:
    found = []
    cost, metres = cost_of(scene), metres_of(scene)
    if plan.cost != cost:
        found.append(fault("cost", "", STATED, what="cost", stated=plan.cost, true=cost))
    if plan.metres is not None and plan.metres != metres:  # other programs leave it out
        found.append(fault("metres", "", STATED, what="metres", stated=plan.metres, true=metres))
    stated: dict[str, int] = {}
    for item in plan.unserved:
        stated[item.commune] = stated.get(item.commune, 0) + item.missing
    true = missing(scene)
    for name in sorted(stated.keys() | true.keys()):
        if stated.get(name, 0) != true.get(name, 0):
            words = {"commune": name, "stated": stated.get(name, 0), "true": true.get(name, 0)}
            found.append(fault("unserved", name, UNSERVED, **words))
    if plan.status == OPTIMAL and plan.bound != plan.cost:
        found.append(fault("status", "", NOT_PROVED, cost=plan.cost, bound=plan.bound))
    if plan.status == FEASIBLE and plan.bound is not None and plan.bound > cost:
        found.append(fault("bound", "", BOUND, bound=plan.bound, cost=cost))
    return found
