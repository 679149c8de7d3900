"""Small seasons for the tests: a builder of plain objects, hypothesis strategies, and a brute-force oracle.

The oracle reads the season's file object and shares no code with `routing`: it restates the format.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# ROUTING_EXAMPLES=2000 makes a hunt of the property tests: so many new seasons each.
_HUNT = int(os.environ.get("ROUTING_EXAMPLES", "0"))


def _examples(usual: int) -> settings:
    """Wall-clock deadlines would only measure how busy the machine is."""
    return settings(
        max_examples=_HUNT or usual,
        deadline=None,
        derandomize=not _HUNT,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


FEW, MANY = _examples(40), _examples(120)

THURSDAY = date(2026, 5, 7)
Found = tuple[str, date, str]  # commune, date, vehicle


def day(offset: int) -> str:
    """The date so many days after Thursday 7 May 2026."""
    return (THURSDAY + timedelta(days=offset)).isoformat()


def season(communes: int = 2, dates: int = 3, vehicles: int = 1, **changes: Any) -> dict[str, Any]:
    """A season object: communes c0, c1, … 10 km apart on a line from depot d, vehicles v0, …, 1 km to the depot."""
    places = ["d", *(f"c{k}" for k in range(communes))]
    metres = [[abs(a - b) * 10_000 for b in range(len(places))] for a in range(len(places))]
    result: dict[str, Any] = {
        "format": "guinguette-season/1",
        "name": "Essai",
        "dates": [day(k) for k in range(dates)],
        "locations": [{"id": name, "lat": 48.5, "lon": 5.0} for name in places],
        "travel": {"kind": "matrix", "metres": metres},
        "vehicles": [{"id": f"v{k}", "depot": "d"} for k in range(vehicles)],
        "communes": [{"id": f"c{k}", "location": f"c{k}", "evenings": 1} for k in range(communes)],
    }
    result.update(changes)
    return result


def _subset(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True) if values else st.just([])


@st.composite
def seasons(draw: st.DrawFn) -> dict[str, Any]:
    """Tiny seasons with every rule of the format in play, few enough slots to try them all."""
    communes, vehicles = draw(st.integers(0, 3)), draw(st.integers(1, 2))
    gaps = draw(
        st.lists(st.sampled_from([1, 1, 1, 2, 5]), min_size=0, max_size=3 if vehicles == 1 else 1 + (communes < 3))
    )
    offsets = [0, *itertools.accumulate(gaps)]
    dates = [day(offset) for offset in offsets]
    places = [f"p{k}" for k in range(communes + 1)]
    leg = st.integers(0, 60_000)
    metres = [[0 if a == b else draw(leg) for b in places] for a in places]
    names, cars = [f"c{k}" for k in range(communes)], [f"v{k}" for k in range(vehicles)]
    return {
        "format": "guinguette-season/1",
        "name": "",
        "dates": dates,
        "locations": [{"id": name, "lat": 0, "lon": 0} for name in places],
        "travel": {"kind": "matrix", "metres": metres},
        "vehicles": [_vehicle(draw, name, places, dates) for name in cars],
        "communes": [_commune(draw, name, places, dates, cars) for name in names],
        **_rules(draw, names, cars, dates),
    }


def _maybe(draw: st.DrawFn, strategy: st.SearchStrategy[Any], key: str) -> dict[str, Any]:
    return {key: draw(strategy)} if draw(st.booleans()) else {}


def _vehicle(draw: st.DrawFn, name: str, places: list[str], dates: list[str]) -> dict[str, Any]:
    return {
        "id": name,
        "depot": draw(st.sampled_from(places)),
        "nights_out": draw(st.integers(0, 3)),
        "equipment": draw(_subset(["covered", "stage"])),
        **({"dates": sorted(draw(_subset(dates)))} if draw(st.integers(0, 3)) == 0 else {}),
        **_maybe(draw, st.sampled_from([20_000, 40_000, 60_000]), "max_leg_metres"),
        **_maybe(draw, st.integers(1, 3), "max_evenings_per_week"),
        **_maybe(draw, st.integers(1, 3), "max_days_in_row"),
    }


def _commune(draw: st.DrawFn, name: str, places: list[str], dates: list[str], cars: list[str]) -> dict[str, Any]:
    answers = st.sampled_from(["yes", "yes", "if_need_be", "no"])
    return {
        "id": name,
        "location": draw(st.sampled_from(places)),
        "evenings": draw(st.integers(1, 3)),
        "min_days_between": draw(st.integers(1, 4)),
        "priority": draw(st.integers(1, 3)),
        **({"needs": ["covered"]} if draw(st.integers(0, 4)) == 0 else {}),
        **({"vehicles": draw(_subset(cars))} if draw(st.integers(0, 4)) == 0 else {}),
        **_maybe(draw, st.fixed_dictionaries(dict.fromkeys(dates, answers)), "availability"),
    }


def _rules(draw: st.DrawFn, names: list[str], cars: list[str], dates: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "costs": {
            "no_evening": draw(st.sampled_from([0, 1, 50_000, 1_000_000, 999_999_999])),
            "missing": draw(st.sampled_from([0, 7, 30_000, 300_000, 10**9])),
            "if_need_be": draw(st.sampled_from([0, 1, 20_000])),
            "moved": draw(st.sampled_from([0, 1, 100_000])),
        },
        **_maybe(
            draw,
            st.fixed_dictionaries({"metres": st.sampled_from([0, 15_000, 40_000]), "days": st.integers(0, 3)}),
            "separation",
        ),
    }
    if not names:
        return result
    when = st.sampled_from([*dates, day(100)])
    pair = {"commune": st.sampled_from(names), "date": st.sampled_from(dates)}
    waivable = [
        "open_date",
        "equipment",
        "allowed_vehicle",
        "wanted",
        "spacing",
        "separation",
        "weekly_rest",
        "days_in_row",
        "quota",
    ]
    lock = st.fixed_dictionaries(pair, optional={"vehicle": st.sampled_from(cars), "waived": _subset(waivable)})
    if draw(st.integers(0, 2)) == 0:
        result["locked"] = draw(st.lists(lock, max_size=3))
    if draw(st.booleans()):
        result["baseline"] = draw(
            st.lists(st.fixed_dictionaries({"commune": st.sampled_from([*names, "gone"]), "date": when}), max_size=3)
        )
    if draw(st.booleans()):
        result["quotas"] = [
            {
                "id": f"q{k}",
                "communes": sorted(draw(_subset(names))),
                "max": draw(st.integers(0, 3)),
                **_maybe(draw, st.sampled_from(dates[: 1 + k]), "from"),
                **_maybe(draw, st.sampled_from(dates[-1 - k :] if k == 0 or len(dates) > 2 else dates[-1:]), "to"),
            }
            for k in range(draw(st.integers(1, 2)))
        ]
    return result


class Oracle:
    """The format, restated as plainly as it can be, over sets of (commune, date, vehicle)."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self.dates = [date.fromisoformat(text) for text in value["dates"]]
        self.places = [item["id"] for item in value["locations"]]
        self.communes = {item["id"]: item for item in value["communes"]}
        self.vehicles = {item["id"]: item for item in value["vehicles"]}
        self.costs = {"no_evening": 1_000_000, "missing": 300_000, "if_need_be": 20_000, "moved": 100_000}
        self.costs.update(value.get("costs", {}))

    def metres(self, a: str, b: str) -> int:
        """From one location to another."""
        return int(self.value["travel"]["metres"][self.places.index(a)][self.places.index(b)])

    def plans(self) -> Iterator[list[Found]]:
        """Every way to give each vehicle's date to a commune or to nobody."""
        slots = [(when, vehicle) for when in self.dates for vehicle in self.vehicles]
        for choice in itertools.product([None, *self.communes], repeat=len(slots)):
            yield [(who, *slot) for who, slot in zip(choice, slots, strict=True) if who is not None]

    def best(self) -> int | None:
        """The cost of the best valid plan, None when there is none."""
        return min((self.cost(plan) for plan in self.plans() if not self.broken(plan)), default=None)

    def waived(self, found: Found) -> set[str]:
        """Rules that a locked evening may break."""
        return {
            rule
            for lock in self.value.get("locked", [])
            if lock["commune"] == found[0]
            and lock["date"] == found[1].isoformat()
            and lock.get("vehicle", found[2]) == found[2]
            for rule in lock.get("waived", [])
        }

    def legs(self, plan: list[Found]) -> Iterator[tuple[str, int]]:
        """Vehicle and metres of every leg."""
        for name, vehicle in self.vehicles.items():
            stops = sorted((when, self.communes[who]["location"]) for who, when, by in plan if by == name)
            limit = vehicle.get("max_leg_metres", float("inf"))
            depot = vehicle["depot"]
            for k, (when, place) in enumerate(stops):
                direct = False
                if k:
                    before, last = stops[k - 1]
                    length = self.metres(last, place)
                    if (when - before).days <= vehicle.get("nights_out", 1) and length <= limit:
                        direct = True
                        yield name, length
                    else:
                        yield name, self.metres(last, depot)
                if not direct:
                    yield name, self.metres(depot, place)
            if stops:
                yield name, self.metres(stops[-1][1], depot)

    def broken(self, plan: list[Found]) -> set[str]:  # noqa: PLR0912 - the rules in one view, as in the format
        """Names of the rules that the plan breaks."""
        bad: set[str] = set()
        rule = self.value.get("separation", {"metres": 0, "days": 0})

        def held(name: str) -> list[Found]:
            return [found for found in plan if name not in self.waived(found)]

        for a, b in itertools.combinations(plan, 2):
            if a[1] == b[1]:
                bad |= ({"one_per_vehicle"} if a[2] == b[2] else set()) | (
                    {"one_per_commune"} if a[0] == b[0] else set()
                )
        for who, when, by in held("open_date"):
            commune, vehicle = self.communes[who], self.vehicles[by]
            answers = commune.get("availability")
            answer = "yes" if answers is None else answers.get(when.isoformat(), "no")
            offered = vehicle.get("dates", self.value["dates"])
            if answer == "no" or when.isoformat() not in offered or when not in self.dates:
                bad.add("open_date")
        for who, _, by in held("equipment"):
            if not set(self.communes[who].get("needs", [])) <= set(self.vehicles[by].get("equipment", [])):
                bad.add("equipment")
        for who, _, by in held("allowed_vehicle"):
            if by not in self.communes[who].get("vehicles", [by]):
                bad.add("allowed_vehicle")
        for name, commune in self.communes.items():
            if sum(who == name for who, _, _ in held("wanted")) > commune["evenings"]:
                bad.add("wanted")
        for a, b in itertools.combinations(held("spacing"), 2):
            if a[0] == b[0] and abs((a[1] - b[1]).days) < self.communes[a[0]].get("min_days_between", 1):
                bad.add("spacing")
        for a, b in itertools.combinations(held("separation"), 2):
            one, two = self.communes[a[0]]["location"], self.communes[b[0]]["location"]
            near = min(self.metres(one, two), self.metres(two, one)) <= rule["metres"]
            if a[0] != b[0] and near and abs((a[1] - b[1]).days) < rule["days"]:
                bad.add("separation")
        for name, vehicle in self.vehicles.items():
            weeks = [when.isocalendar()[:2] for _, when, by in held("weekly_rest") if by == name]
            most = vehicle.get("max_evenings_per_week", 99)
            if any(weeks.count(week) > most for week in weeks):
                bad.add("weekly_rest")
            days = {when for _, when, by in held("days_in_row") if by == name}
            row = vehicle.get("max_days_in_row", 99)
            if any(all(when + timedelta(days=k) in days for k in range(row + 1)) for when in days):
                bad.add("days_in_row")
        for name, metres in self.legs(plan):
            if metres > self.vehicles[name].get("max_leg_metres", metres):
                bad.add("leg")
        for quota in self.value.get("quotas", []):
            count = sum(
                who in quota["communes"] and quota.get("from", "0000") <= when.isoformat() <= quota.get("to", "9999")
                for who, when, _ in held("quota")
            )
            if count > quota["max"]:
                bad.add("quota")
        for lock in self.value.get("locked", []):
            if not any(
                who == lock["commune"] and when.isoformat() == lock["date"] and lock.get("vehicle", by) == by
                for who, when, by in plan
            ):
                bad.add("locked")
        return bad

    def cost(self, plan: list[Found]) -> int:
        """The cost of a plan, valid or not."""
        total = sum(metres for _, metres in self.legs(plan))
        for name, commune in self.communes.items():
            got, priority = sum(who == name for who, _, _ in plan), commune.get("priority", 1)
            further = commune["evenings"] - max(1, got)
            total += self.costs["no_evening"] * priority * (got == 0)
            total += self.costs["missing"] * priority * max(0, further)
        for who, when, _ in plan:
            answer = (self.communes[who].get("availability") or {}).get(when.isoformat())
            total += self.costs["if_need_be"] * (answer == "if_need_be")
        had = {(who, when.isoformat()) for who, when, _ in plan}
        promises = self.value.get("baseline", [])
        return total + self.costs["moved"] * sum((item["commune"], item["date"]) not in had for item in promises)
