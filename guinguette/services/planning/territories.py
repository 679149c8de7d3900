"""The territories of a season that is planned in parts, in the words of whoever made the tour."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import routing
from guinguette.models import Vehicle
from guinguette.services.season import depot_of


def to_json(session: Session, territories: Iterable[routing.Territory]) -> list[dict[str, Any]]:
    """Return the territories for ``SolverRun.territories``, each named by where its vans are based."""
    if not (found := list(territories)):
        return []
    names = {depot_of(van): van.depot_name for van in session.scalars(select(Vehicle))}
    return [
        {
            "name": _name([names.get(depot) or depot for depot in each.depots], each.sector),
            "turns": each.turns,
            "cost": each.cost,
        }
        for each in found
    ]


def _name(depots: Iterable[str], sector: int) -> str:
    return ", ".join(dict.fromkeys(depots)) + (f" ({sector})" if sector else "")
