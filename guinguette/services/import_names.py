"""The names that a row of an import may give: vans, pitches, halls, committees; which record each means."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.text import fold
from guinguette.models import Committee, FallbackVenue, Pitch, Tour

#: The fields of a request that a name fills, with their models.
NAMED: dict[str, type[Any]] = {"permit_holder_id": Committee, "pitch_id": Pitch, "fallback_venue_id": FallbackVenue}


@dataclass(frozen=True, slots=True)
class Names:
    """Records in use by (field, commune's code, folded name), and the tour's vans by folded name."""

    places: Mapping[tuple[str, str, str], int]
    #: Committees by folded name alone: somebody from elsewhere may hold a permit, where the name means only one.
    holders: Mapping[str, list[int]]
    vans: Mapping[str, int]

    @classmethod
    def of(cls, session: Session, tour: Tour) -> "Names":
        """Read everything that a row may name, in as many queries as there are kinds."""
        places: dict[tuple[str, str, str], int] = {}
        holders: dict[str, list[int]] = defaultdict(list)
        for field, model in NAMED.items():
            columns = select(model.id, model.commune_insee, model.name).where(model.archived_at.is_(None))
            for id_, insee, name in session.execute(columns.order_by(model.id.desc())):
                places[field, insee, fold(name)] = id_
                if model is Committee:
                    holders[fold(name)].append(id_)
        return cls(places, holders, {fold(each.vehicle.name): each.vehicle_id for each in tour.vehicles})

    def find(self, field: str, insee: str, name: str) -> int | None:
        """Return the record of that name in the commune, or a committee elsewhere whose name is the only one."""
        here = self.places.get((field, insee, fold(name)))
        if here is None and field == "permit_holder_id" and len(self.holders.get(fold(name), [])) == 1:
            return self.holders[fold(name)][0]
        return here
