"""The season solver: a season in, a plan out. It knows dates, places and vehicles, and no web, database or café.

>>> season = parse_season(json.load(file))
>>> plan = solve(season, Limits(seconds=20.0))
>>> assert not check(season, plan)
"""

from __future__ import annotations

from .check import check
from .errors import FormatError, PlanError, SeasonError
from .explain import Alternative, alternatives, explain
from .io import parse_plan, parse_season
from .moves import Place, places
from .plan import Evening, Limits, Plan, Progress, Reason, Territory, Unserved
from .replan import Replanned, replan
from .rules import Fault
from .season import Season
from .solve import solve
from .write import plan_to_dict, season_to_dict

__all__ = [
    "Alternative",
    "Evening",
    "Fault",
    "FormatError",
    "Limits",
    "Place",
    "Plan",
    "PlanError",
    "Progress",
    "Reason",
    "Replanned",
    "Season",
    "SeasonError",
    "Territory",
    "Unserved",
    "alternatives",
    "check",
    "explain",
    "parse_plan",
    "parse_season",
    "places",
    "plan_to_dict",
    "replan",
    "season_to_dict",
    "solve",
]
