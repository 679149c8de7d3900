"""Distances by road: a road server is asked for what is not known yet, and a season's travel becomes its answer.

The server is asked while a run is carried out, with no transaction open. Everything else that needs the distances of
a tour (a change by hand, an export, a day's driving) takes those of its latest run: what is told of a plan agrees with
how it was made, and no page waits for anybody's server.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.domain import road_server
from guinguette.domain.clock import Clock
from guinguette.models import Plan, RoadSurvey, SolverRun, Tour
from guinguette.services.planning.road_cache import RoadCache
from routing import road_servers
from routing import roads as service

_log = logging.getLogger(__name__)

_SERVERS: Mapping[str, type[road_servers.Osrm] | type[road_servers.Valhalla]] = {
    "osrm": road_servers.Osrm,
    "valhalla": road_servers.Valhalla,
}


@dataclass(frozen=True, slots=True)
class Roads:
    """What is known of the roads between some places."""

    answer: service.Answer

    @property
    def nothing(self) -> bool:
        """Tell whether there is no distance at all."""
        return not (self.answer.drives.metres >= 0).any()

    def travel(self, season: Mapping[str, Any]) -> dict[str, Any]:
        """Return the "travel" (season-format.md) of a season that has its great circle there: by road where known.

        A drive that is not known is its great circle times detour, and so is every one where nothing is known.
        """
        circle: dict[str, Any] = season["travel"]
        if self.nothing:
            return circle
        metres, _ = service.filled(self.answer, degrees_of(season), detour=circle["detour"])
        return {"kind": "matrix", "metres": metres.tolist()}

    def estimated(self, season: Mapping[str, Any]) -> int:
        """Return how many of the season's drives are not known."""
        _, estimated = service.filled(self.answer, degrees_of(season), detour=1)
        return int(estimated.sum())


def degrees_of(season: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return latitude and longitude of the season's places, shape (n, 2)."""
    return np.array([(place["lat"], place["lon"]) for place in season["locations"]], dtype=np.float64).reshape(-1, 2)


def drives_of(season: Mapping[str, Any]) -> int:
    """Return how many drives there are: from each place to each other."""
    return len(season["locations"]) * (len(season["locations"]) - 1)


def survey(
    factory: sessionmaker[Session], url: str, season: Mapping[str, Any], clock: Clock, should_stop: Callable[[], bool]
) -> tuple[Roads, RoadSurvey]:
    """Ask the server at ``url`` (``domain.road_server``) for the season's roads; return them, and what became of it.

    No transaction is open while it is waited for. The survey belongs to no run yet.
    """
    where = road_server.parse(url)
    server = _SERVERS[where.kind](where.url, where.profile, user=where.user, password=where.password)
    answer = service.ask(server, degrees_of(season), RoadCache(factory, where.name, clock), should_stop=should_stop)
    if answer.failure:
        _log.warning("the road server %s left roads open: %s", where.name, answer.failure)
    roads = Roads(answer)
    return roads, RoadSurvey(
        server=where.name,
        drives=drives_of(season),
        estimated=roads.estimated(season),
        failure=answer.failure,
        asked_at=clock.now(),
    )


def known_roads(session: Session, tour: Tour) -> Roads | None:
    """Return the roads that the tour's latest run was solved with, or null where it had none."""
    solved = SolverRun.tour_id == tour.id, SolverRun.state.in_(("done", "stopped")), SolverRun.started_at.is_not(None)
    season = session.scalar(select(SolverRun.season).where(*solved).order_by(SolverRun.id.desc()).limit(1))
    if not season or season["travel"]["kind"] != "matrix":
        return None
    points, first = np.unique(service.on_grid(degrees_of(season)), axis=0, return_index=True)
    metres = np.array(season["travel"]["metres"], dtype=np.int64)[np.ix_(first, first)]
    return Roads(service.Answer(points, service.Drives(metres, np.full_like(metres, service.UNKNOWN))))


def survey_of(session: Session, plan: Plan) -> RoadSurvey | None:
    """Return what became of the roads of a plan, or of the one it was changed from by hand; null: nobody was asked."""
    while plan.run_id is None and plan.parent is not None:
        plan = plan.parent
    return session.get(RoadSurvey, plan.run_id) if plan.run_id else None
