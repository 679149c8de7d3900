"""Seasons and plans back into the objects of their files; defaults are left out of a season."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .io import PLAN_FORMAT, SEASON_FORMAT
from .plan import Plan, Reason
from .season import Commune, Costs, GreatCircle, Lock, Quota, Season, Vehicle


def season_to_dict(season: Season) -> dict[str, Any]:
    """The season as the object of a guinguette-season/1 file; parse_season gives the same season back."""
    travel: dict[str, Any] = (
        {"kind": "great_circle", "detour": season.travel.detour}
        if isinstance(season.travel, GreatCircle)
        else {"kind": "matrix", "metres": [list(row) for row in season.travel.metres]}
    )
    result: dict[str, Any] = {
        "format": SEASON_FORMAT,
        "name": season.name,
        "dates": [day.isoformat() for day in season.dates],
        "locations": [{"id": place.id, "lat": place.lat, "lon": place.lon} for place in season.locations],
        "travel": travel,
        "vehicles": [_vehicle(vehicle) for vehicle in season.vehicles],
        "communes": [_commune(commune) for commune in season.communes],
    }
    if season.separation is not None:
        result["separation"] = {"metres": season.separation.metres, "days": season.separation.days}
    if season.quotas:
        result["quotas"] = [_quota(quota) for quota in season.quotas]
    if season.locked:
        result["locked"] = [_lock(lock) for lock in season.locked]
    if season.baseline:
        result["baseline"] = [{"commune": item.commune, "date": item.date.isoformat()} for item in season.baseline]
    if season.costs != Costs():
        result["costs"] = {
            name: getattr(season.costs, name) for name in ("no_evening", "missing", "if_need_be", "moved")
        }
    return result


def _vehicle(vehicle: Vehicle) -> dict[str, Any]:
    result: dict[str, Any] = {"id": vehicle.id, "depot": vehicle.depot}
    if vehicle.dates is not None:
        result["dates"] = [day.isoformat() for day in vehicle.dates]
    if vehicle.equipment:
        result["equipment"] = sorted(vehicle.equipment)
    if vehicle.nights_out != 1:
        result["nights_out"] = vehicle.nights_out
    for name in ("max_leg_metres", "max_evenings_per_week", "max_days_in_row"):
        if getattr(vehicle, name) is not None:
            result[name] = getattr(vehicle, name)
    return result


def _commune(commune: Commune) -> dict[str, Any]:
    result: dict[str, Any] = {"id": commune.id, "location": commune.location, "evenings": commune.evenings}
    if commune.availability is not None:
        result["availability"] = {day.isoformat(): answer for day, answer in commune.availability.items()}
    if commune.min_days_between != 1:
        result["min_days_between"] = commune.min_days_between
    if commune.needs:
        result["needs"] = sorted(commune.needs)
    if commune.vehicles is not None:
        result["vehicles"] = sorted(commune.vehicles)
    if commune.priority != 1:
        result["priority"] = commune.priority
    return result


def _quota(quota: Quota) -> dict[str, Any]:
    result: dict[str, Any] = {"id": quota.id, "communes": sorted(quota.communes), "max": quota.maximum}
    if quota.first is not None:
        result["from"] = quota.first.isoformat()
    if quota.last is not None:
        result["to"] = quota.last.isoformat()
    return result


def _lock(lock: Lock) -> dict[str, Any]:
    result: dict[str, Any] = {"commune": lock.commune, "date": lock.date.isoformat()}
    if lock.vehicle is not None:
        result["vehicle"] = lock.vehicle
    if lock.waived:
        result["waived"] = sorted(lock.waived)
    return result


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """The plan as the object of a guinguette-plan/1 file, evenings by date, then vehicle."""
    return {
        "format": PLAN_FORMAT,
        "status": plan.status,
        "cost": plan.cost,
        "bound": plan.bound,
        "metres": plan.metres,
        "seconds_to_plan": plan.seconds_to_plan,
        "seed": plan.seed,
        "evenings": [
            {"commune": item.commune, "date": item.date.isoformat(), "vehicle": item.vehicle}
            for item in sorted(plan.evenings, key=lambda item: (item.date, item.vehicle, item.commune))
        ],
        "unserved": [
            {"commune": item.commune, "missing": item.missing, "reasons": [_reason(why) for why in item.reasons]}
            for item in plan.unserved
        ],
        "conflicts": [_reason(why) for why in plan.conflicts],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule, "detail": reason.detail, "sentence": reason.sentence}


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan file whole or not at all: a reader never sees half of it. Raises OSError."""
    content = json.dumps(plan_to_dict(plan), ensure_ascii=False, indent=1) + "\n"
    if path.exists() and not path.is_file():  # /dev/stdout and the like cannot be replaced
        path.write_text(content, encoding="utf-8")
        return
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(content, encoding="utf-8")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
