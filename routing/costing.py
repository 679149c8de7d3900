"""The cost of a plan, recomputed from the season (section "Cost" of the format)."""

from __future__ import annotations

from .ground import Scene
from .legs import metres_of
from .season import IF_NEED_BE, Commune, Costs


def shortfall_cost(costs: Costs, commune: Commune, served: int) -> int:
    """What it costs that a commune gets `served` evenings (metre-equivalents; 0 from `evenings` on)."""
    if served >= commune.evenings:
        return 0
    if served == 0:
        return (costs.no_evening + (commune.evenings - 1) * costs.missing) * commune.priority
    return (commune.evenings - served) * costs.missing * commune.priority


def cost_of(scene: Scene) -> int:
    """Metres, missing evenings, evenings on dates given as if_need_be, and published evenings moved."""
    season = scene.ground.season
    costs = season.costs
    held = {(stop.commune.id, stop.date) for stop in scene.stops}
    return (
        metres_of(scene)
        + sum(shortfall_cost(costs, item, len(scene.by_commune[item.id])) for item in season.communes)
        + costs.if_need_be * sum(stop.commune.answer(stop.date) == IF_NEED_BE for stop in scene.stops)
        + costs.moved * sum((item.commune, item.date) not in held for item in season.baseline)
    )


def missing(scene: Scene) -> dict[str, int]:
    """The communes that are short, in the season's order, and by how many evenings."""
    short = {item.id: item.evenings - len(scene.by_commune[item.id]) for item in scene.ground.season.communes}
    return {name: count for name, count in short.items() if count > 0}
