"""The territories of a season that is planned in parts, in the words of whoever made the tour."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import routing
from guinguette.models import Vehicle
from guinguette.services.season import depot_of


def to_json(session: Session, territories: Iterable[routing.Territory]) -> list[dict[str, Any]]:
    """Return the territories for ``SolverRun.territories``. The engine names each by the locations of its depots."""
    if not (found := list(territories)):
        return []
    names = {depot_of(van): van.depot_name for van in session.scalars(select(Vehicle))}
    return [
        {
            "name": ", ".join(dict.fromkeys(names.get(depot) or depot for depot in each.name.split(", "))),
            "turns": each.turns,
            "cost": each.cost,
        }
        for each in found
    ]
