"""Other solvers on public instances, each told the instance as it is made for it: no dates, a load of one each.

Each gets as many threads as we do: VROOM its own, the others one search a process, with seeds of their own, of which
the best counts.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from .public import Public

_START = 20.0  # seconds for a process to begin and to end, beside the limit: then it has no answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solver came to; None where it found nothing that serves everybody. Processor seconds of all it ran on."""

    cost: int | None
    cpu_seconds: float


def _length(public: Public, routes: list[list[int]]) -> int | None:
    """The routes (nodes without the depot) held to the instance and measured by us."""
    if sorted(c for route in routes for c in route) != list(range(1, len(public.metres))):
        return None
    if len(routes) > public.vehicles or any(len(route) > public.room for route in routes):
        return None
    return sum(int(public.metres[[0, *route], [*route, 0]].sum()) for route in routes if route)


def routing_library(public: Public, seconds: float, seed: int, threads: int) -> int | None:
    """OR-Tools' routing library, guided local search; it takes no seed, so that it gets another first plan instead."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # noqa: PLC0415

    manager = pywrapcp.RoutingIndexManager(len(public.metres), public.vehicles, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(public.metres.tolist()))
    load = model.RegisterUnaryTransitVector([0] + [1] * (len(public.metres) - 1))
    model.AddDimension(load, 0, public.room, True, "load")
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    first = routing_enums_pb2.FirstSolutionStrategy
    firsts = [first.AUTOMATIC, first.PATH_CHEAPEST_ARC, first.SAVINGS, first.PARALLEL_CHEAPEST_INSERTION]
    parameters.first_solution_strategy = firsts[seed % len(firsts)]
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))
    answer = model.SolveWithParameters(parameters)
    if answer is None:
        return None
    routes = []
    for k in range(public.vehicles):
        index, route = answer.Value(model.NextVar(model.Start(k))), []
        while not model.IsEnd(index):
            route.append(manager.IndexToNode(index))
            index = answer.Value(model.NextVar(index))
        routes.append(route)
    return _length(public, routes)


def pyvrp(public: Public, seconds: float, seed: int, threads: int) -> int | None:
    """PyVRP, as it comes."""
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve, stop  # noqa: PLC0415

    size = len(public.metres)
    data = ProblemData(
        locations=[Location(0, 0) for _ in range(size)],
        clients=[Client(k, delivery=[1]) for k in range(1, size)],
        depots=[Depot(0)],
        vehicle_types=[VehicleType(public.vehicles, [public.room])],
        distance_matrices=[public.metres],
        duration_matrices=[np.zeros_like(public.metres)],
    )
    answer = solve(data, stop.MaxRuntime(seconds), seed=seed, display=False)
    routes = []
    for route in answer.best.routes():
        routes.append([visit.idx + 1 for visit in route.schedule() if visit.is_client()])
    return _length(public, routes)


def vroom(public: Public, seconds: float, seed: int, threads: int) -> int | None:
    """VROOM at its highest level, which may end by itself earlier and takes no seed."""
    import vroom as engine  # noqa: PLC0415

    problem = engine.Input()
    matrix = public.metres.astype(np.uint32)
    problem.set_durations_matrix("car", matrix)
    problem.set_costs_matrix("car", matrix)
    for k in range(1, len(matrix)):
        problem.add_job(engine.Job(id=k, location=k, delivery=[1]))
    for k in range(public.vehicles):
        problem.add_vehicle(engine.Vehicle(id=k, start=0, end=0, capacity=[public.room]))
    limit = timedelta(seconds=seconds)
    answer = problem.solve(exploration_level=5, nb_threads=threads, timeout=limit).to_dict()
    return _length(public, [[s["id"] for s in r["steps"] if s["type"] == "job"] for r in answer["routes"]])


Rival = Callable[[Public, float, int, int], int | None]
RIVALS: dict[str, tuple[str, Rival]] = {
    "PyVRP": ("pyvrp", pyvrp),
    "VROOM": ("vroom", vroom),
    "OR-Tools routing": ("ortools", routing_library),
}


def installed() -> dict[str, Rival]:
    """Those that are there."""
    return {name: rival for name, (package, rival) in RIVALS.items() if importlib.util.find_spec(package) is not None}


def _measured(rival: Rival, public: Public, seconds: float, seed: int, threads: int) -> Answer:
    before = time.process_time()
    cost = rival(public, seconds, seed, threads)
    return Answer(cost, time.process_time() - before)


def ask(rival: Rival, public: Public, *, seconds: float, seed: int, threads: int) -> Answer:
    """The rival's best of all its threads, in processes of their own that are ended when they do not come back."""
    calls = [(seed, threads)] if rival is vroom else [(seed + 1000 * k, 1) for k in range(threads)]
    with multiprocessing.get_context("spawn").Pool(len(calls)) as pool:
        waiting = [pool.apply_async(_measured, (rival, public, seconds, *call)) for call in calls]
        end = time.monotonic() + _START + seconds
        answers = []
        for one in waiting:
            try:
                answers.append(one.get(max(0.1, end - time.monotonic())))
            except multiprocessing.TimeoutError:
                continue
    costs = [answer.cost for answer in answers if answer.cost is not None]
    return Answer(min(costs, default=None), sum(answer.cpu_seconds for answer in answers))


def processor_seconds() -> float:
    """What this process has used so far."""
    used = os.times()
    return used.user + used.system
