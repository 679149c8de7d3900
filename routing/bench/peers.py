"""Other solvers on our seasons, each told as much as it can be: OR-Tools' routing model, PyVRP and VROOM.

A block of a vehicle's dates is a vehicle, a wish is a job with the dates of its commune as times, one evening takes
one day. Spacing cannot be told, so each wish gets a stretch of dates of its own, far enough from the others'.
Separation, quotas and days in a row cannot be told either: what breaks a rule is taken out of the answer.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from routing.costing import cost_of, missing
from routing.engines.instance import Instance
from routing.engines.tournees import blocks_of
from routing.ground import Ground, Scene
from routing.legs import metres_of
from routing.plan import FEASIBLE, Evening, Plan, Unserved
from routing.rules import broken
from routing.season import Season

_FAR = 10**7  # metres: a leg that must not be driven


@dataclass(frozen=True, slots=True)
class Job:
    """A wish: its commune, its dates, and what it costs to leave it out."""

    commune: int
    dates: tuple[int, ...]
    worth: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A block: its vehicle, its dates, and the most evenings in it."""

    vehicle: int
    dates: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Task:
    """The season as jobs and shifts; dates are indices into the season's."""

    instance: Instance
    jobs: list[Job]
    shifts: list[Shift]


def task_of(season: Season) -> Task:
    """The season as the peers are told it."""
    instance = Instance(Ground(season))
    slots = [(c, v, i) for c, found in enumerate(instance.open) for v, i in found] + instance.fixed_slots()
    jobs = []
    for c, commune in enumerate(season.communes):
        dates = sorted({i for _, i in instance.open[c]} | {i for d, i in instance.fixed if d == c})
        for k in range(commune.evenings):
            mine = dates[len(dates) * k // commune.evenings : len(dates) * (k + 1) // commune.evenings]
            before = dates[len(dates) * k // commune.evenings - 1] if k and dates else None
            kept = [
                i
                for i in mine
                if before is None or instance.days[i] - instance.days[before] >= commune.min_days_between
            ]
            if kept:
                jobs.append(Job(c, tuple(kept), instance.worth(c, k)))
    blocks = blocks_of(instance, slots) or []
    shifts = [Shift(b.vehicle, tuple(found[0][2] for found in b.by_day), b.most) for b in blocks]
    return Task(instance, jobs, shifts)


def plan_of(task: Task, seconds: float, slots: Iterable[tuple[int, int, int]]) -> Plan:
    """What of these (commune, vehicle, date) keeps every rule, as a plan; locked evenings first."""
    instance = task.instance
    scene = Scene(instance.ground)
    locked = [(c, fixed.vehicles[0], i) for (c, i), fixed in instance.fixed.items()]
    seen: set[Evening] = set()
    for slot in [*locked, *slots]:
        evening = instance.evenings([slot])[0]
        if evening in seen:
            continue
        stop = scene.stop(evening)
        scene.add(stop)
        if slot not in locked and broken(scene, stop):
            scene.remove(stop)
        else:
            seen.add(evening)
    unserved = tuple(Unserved(name, count) for name, count in missing(scene).items())
    evenings = tuple(sorted(seen, key=lambda item: (item.date, item.vehicle)))
    return Plan(FEASIBLE, cost_of(scene), None, metres_of(scene), seconds, 1, evenings, unserved)


def _day(task: Task, index: int) -> int:
    return task.instance.days[index] - task.instance.days[0]


def routing_model(season: Season, seconds: float) -> Plan | None:
    """OR-Tools' routing model: a day dimension with gaps, penalties for what is left out, guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # noqa: PLC0415

    task = task_of(season)
    instance, jobs, shifts = task.instance, task.jobs, task.shifts
    depots = len(season.vehicles)
    ends = [len(jobs) + shift.vehicle for shift in shifts]
    manager = pywrapcp.RoutingIndexManager(len(jobs) + depots, len(shifts), ends, ends)
    model = pywrapcp.RoutingModel(manager)
    places = [job.commune for job in jobs]
    for v in range(depots):
        direct = [[instance.direct[a][b] for b in places] + [instance.back[v][a]] * depots for a in places]
        matrix = direct + [[instance.out[v][b] for b in places] + [0] * depots for _ in range(depots)]
        arc = model.RegisterTransitMatrix(matrix)
        for k, shift in enumerate(shifts):
            if shift.vehicle == v:
                model.SetArcCostEvaluatorOfVehicle(arc, k)
    one = model.RegisterUnaryTransitVector([1] * len(jobs) + [0] * depots)
    horizon = _day(task, len(instance.days) - 1) + 2
    model.AddDimension(one, horizon, horizon, False, "day")
    model.AddDimensionWithVehicleCapacity(one, 0, [shift.most for shift in shifts], True, "evenings")
    day = model.GetDimensionOrDie("day")
    for k, shift in enumerate(shifts):
        day.CumulVar(model.Start(k)).SetRange(_day(task, shift.dates[0]), _day(task, shift.dates[-1]))
        day.CumulVar(model.End(k)).SetMax(_day(task, shift.dates[-1]) + 1)
    for n, job in enumerate(jobs):
        index = manager.NodeToIndex(n)
        day.CumulVar(index).SetValues([_day(task, i) for i in job.dates])
        able = [
            k
            for k, shift in enumerate(shifts)
            if instance.compatible[job.commune][shift.vehicle] and set(shift.dates) & set(job.dates)
        ]
        model.VehicleVar(index).SetValues([-1, *able])
        model.AddDisjunction([index], job.worth)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))
    answer = model.SolveWithParameters(parameters)
    if answer is None:
        return plan_of(task, seconds, [])
    index_of = {_day(task, i): i for i in range(len(instance.days))}
    slots = []
    for k, shift in enumerate(shifts):
        index = answer.Value(model.NextVar(model.Start(k)))
        while not model.IsEnd(index):
            at = answer.Min(day.CumulVar(index))
            slots.append((jobs[manager.IndexToNode(index)].commune, shift.vehicle, index_of[at]))
            index = answer.Value(model.NextVar(index))
    return plan_of(task, seconds, slots)


def pyvrp(season: Season, seconds: float) -> Plan | None:
    """PyVRP: a client for each date of a wish, of which one at most is visited; a vehicle type for each block."""
    if importlib.util.find_spec("pyvrp") is None:
        return None
    from pyvrp import Model, stop  # noqa: PLC0415

    task = task_of(season)
    instance, model = task.instance, Model()
    homes = [model.add_location(0, 0) for _ in season.vehicles]
    depots = [model.add_depot(home) for home in homes]
    profiles = [model.add_profile() for _ in season.vehicles]
    for shift in task.shifts:
        first, last = _day(task, shift.dates[0]), _day(task, shift.dates[-1])
        depot, profile = depots[shift.vehicle], profiles[shift.vehicle]
        model.add_vehicle_type(1, [shift.most], depot, depot, tw_early=first, tw_late=last + 1, profile=profile)
    clients: list[tuple[Any, Job, int]] = []
    for job in task.jobs:
        group = model.add_client_group(required=False)
        for i in job.dates:
            at = _day(task, i)
            place = model.add_location(0, 0)
            model.add_client(
                place, [1], service_duration=1, tw_early=at, tw_late=at, prize=job.worth, required=False, group=group
            )
            clients.append((place, job, i))
    for v, (home, profile) in enumerate(zip(homes, profiles, strict=True)):
        for one, job, i in clients:
            fits = instance.compatible[job.commune][v] and instance.runs[v][i]
            model.add_edge(home, one, instance.out[v][job.commune] if fits else _FAR, 0, profile)
            model.add_edge(one, home, instance.back[v][job.commune] if fits else _FAR, 0, profile)
            for two, other, j in clients:
                if 0 < instance.days[j] - instance.days[i] <= season.vehicles[v].nights_out:
                    metres = instance.direct[job.commune][other.commune] if fits else _FAR
                    model.add_edge(one, two, metres, 0, profile)
    answer = model.solve(stop.MaxRuntime(seconds), display=False)
    slots = []
    for route in answer.best.routes():
        v = task.shifts[route.vehicle_type()].vehicle
        for visit in route.schedule():
            if not visit.is_client():
                continue
            _, job, i = clients[visit.idx]
            slots.append((job.commune, v, i))
    return plan_of(task, seconds, slots)


def vroom(season: Season, seconds: float) -> Plan | None:
    """VROOM: a job for each wish with its dates as time windows, skills for vehicles, priorities for worth."""
    if importlib.util.find_spec("vroom") is None:
        return None
    import vroom as engine  # noqa: PLC0415

    task = task_of(season)
    instance = task.instance
    size, cars = len(season.communes), len(season.vehicles)
    problem = engine.Input()
    metres = [[*instance.direct[a], *(instance.back[v][a] for v in range(cars))] for a in range(size)] + [
        [*instance.out[v], *[0] * cars] for v in range(cars)
    ]
    import numpy as np  # noqa: PLC0415

    problem.set_durations_matrix("car", np.zeros((size + cars, size + cars), np.uint32))
    problem.set_costs_matrix("car", np.array(metres, np.uint32))
    most = max((job.worth for job in task.jobs), default=1)
    for n, job in enumerate(task.jobs):
        able = {v + 1 for v in range(cars) if instance.compatible[job.commune][v]}
        problem.add_job(
            engine.Job(
                id=n,
                location=job.commune,
                default_service=1,
                delivery=[1],
                skills={100 + hash(tuple(sorted(able))) % 10_000} if len(able) < cars else set(),
                priority=max(1, 100 * job.worth // most),
                time_windows=[engine.TimeWindow(_day(task, i), _day(task, i)) for i in job.dates],
            )
        )
    skills = [
        {
            100 + hash(tuple(sorted(w + 1 for w in range(cars) if instance.compatible[job.commune][w]))) % 10_000
            for job in task.jobs
            if instance.compatible[job.commune][v]
        }
        for v in range(cars)
    ]
    for k, shift in enumerate(task.shifts):
        problem.add_vehicle(
            engine.Vehicle(
                id=k,
                start=size + shift.vehicle,
                end=size + shift.vehicle,
                capacity=[shift.most],
                skills=skills[shift.vehicle],
                time_window=engine.TimeWindow(_day(task, shift.dates[0]), _day(task, shift.dates[-1]) + 1),
            )
        )
    answer = problem.solve(exploration_level=5, nb_threads=2).to_dict()
    index_of = {_day(task, i): i for i in range(len(instance.days))}
    slots = []
    for route in answer["routes"]:
        v = task.shifts[route["vehicle"]].vehicle
        for step in route["steps"]:
            if step["type"] == "job":
                slots.append((task.jobs[step["id"]].commune, v, index_of[step["arrival"] + step["waiting_time"]]))
    return plan_of(task, seconds, slots)


PEERS: dict[str, Callable[[Season, float], Plan | None]] = {
    "OR-Tools routing": routing_model,
    "PyVRP": pyvrp,
    "VROOM": vroom,
}
