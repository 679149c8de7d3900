"""Planning a tour with the solver. The only room that imports ``routing``."""

from guinguette.services.planning.drafting import Desk, Key, Place, settings_by_hand
from guinguette.services.planning.driving import Drive, day_drives, slowness
from guinguette.services.planning.parts import PartWorker
from guinguette.services.planning.replanning import APPROACHES
from guinguette.services.planning.roads import known_roads, survey_of
from guinguette.services.planning.runs import (
    SILENCE,
    active_or_last_run,
    base_of,
    get_plan,
    get_run,
    mark_interrupted,
    plan_to_start_from,
    request_stop,
    restart,
    start_run,
)
from guinguette.services.planning.seasons import broken_by_moving, season_of
from guinguette.services.planning.solving import ROADS, execute_run
from guinguette.services.shown_plans import latest_plan

__all__ = [
    "APPROACHES",
    "ROADS",
    "SILENCE",
    "Desk",
    "Drive",
    "Key",
    "PartWorker",
    "Place",
    "active_or_last_run",
    "base_of",
    "broken_by_moving",
    "day_drives",
    "execute_run",
    "get_plan",
    "get_run",
    "known_roads",
    "latest_plan",
    "mark_interrupted",
    "plan_to_start_from",
    "request_stop",
    "restart",
    "season_of",
    "settings_by_hand",
    "slowness",
    "start_run",
    "survey_of",
]
