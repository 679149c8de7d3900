"""What is compiled at set-up: all that a plan calls."""

from __future__ import annotations

import importlib
import math
import multiprocessing
import pkgutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from numba.core.registry import CPUDispatcher

import routing
from routing import engines
from routing.engines import decide, territories
from routing.engines.warm import warm
from tests.unit.routing.lands import land

_LAND = 37  # the number of a season without locks, in blocks


def _signatures() -> set[str]:
    """Every compiled function of the engines, with the types it is compiled for."""
    found = set()
    for item in pkgutil.iter_modules(engines.__path__, "routing.engines."):
        for function in vars(importlib.import_module(item.name)).values():
            if isinstance(function, CPUDispatcher):
                found |= {f"{function.__module__}.{function.__name__}{types}" for types in function.signatures}
    return found


def _compiled_late() -> set[str]:
    """In a process of its own, since other tests compile as well."""
    warm()
    before = _signatures()
    patched = pytest.MonkeyPatch()
    patched.setattr(territories, "_LEAST", 1)
    limits = routing.Limits(math.inf, iterations=4, workers=2)
    with ThreadPoolExecutor(2) as executor:
        for most in (decide.COUNTRY_SLOTS, 0):
            patched.setattr(decide, "COUNTRY_SLOTS", most)
            routing.solve(routing.parse_season(land(_LAND, locks=False)), limits, executor=executor)
    patched.undo()
    return _signatures() - before


def test_no_plan_waits_for_the_compiler() -> None:
    """After set-up nothing is compiled anew, neither for a season in one piece nor for one in territories."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        assert fresh.submit(_compiled_late).result() == set()
