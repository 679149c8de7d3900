"""Prices: what wishes and tournées come to, against all choices there are."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.engines.instance import Instance, Slot
from routing.engines.market import Market
from routing.engines.prices import Hosts, Pool, Ties, balance
from routing.engines.pricing import MOST_DATES
from tests.unit.routing.lands import instance_of, land
from tests.unit.routing.seasons import FEW

_COMMUNES, _DATES = 3, 5


def _empty_pool() -> Pool:
    nothing = np.zeros((0, 1, MOST_DATES), np.int64)
    return Pool(nothing, nothing, np.zeros((0, 1)), np.zeros(0, np.int64), np.zeros((0, 1), np.int64))


@FEW
@given(st.integers(0, 10**6))
def test_wishes_are_the_cheapest_choice_of_dates(seed: int) -> None:
    """For any prices, answers, savings and spacings each commune wishes what the best of all its choices costs."""
    dice = np.random.default_rng(seed)
    shape = (_COMMUNES, _DATES)
    days = np.cumsum(dice.integers(1, 4, _DATES))
    offered, able = dice.random(shape) < 0.8, dice.random(shape) < 0.8
    hosts = Hosts(
        dates_of=np.cumsum([0, *offered.sum(axis=1)]),
        dates=np.nonzero(offered)[1].astype(np.int64),
        wanted=dice.integers(0, 9, _COMMUNES),
        spacing=dice.integers(1, 6, _COMMUNES),
        first=dice.integers(0, 100, _COMMUNES).astype(float),
        further=dice.integers(0, 100, _COMMUNES).astype(float),
        cost=dice.integers(-40, 40, shape).astype(float),
    )
    # two rows that overlap: what is in both pays both prices
    rows = [[(0, 1), (1, 2), (2, 0)], [(0, 1), (0, 4)]]
    pairs = np.array([pair for row in rows for pair in row])
    ties = Ties(np.array([0, 3, 5]), pairs[:, 0].copy(), pairs[:, 1].copy(), np.array([1.0, 2.0]))
    price, tie_price = dice.integers(-30, 90, shape).astype(float), dice.integers(0, 50, 2).astype(float)
    charge = np.zeros(shape)
    for row, extra in zip(rows, tie_price, strict=True):
        for pair in row:
            charge[pair] += extra

    expected = -float(tie_price @ ties.most)
    for c in range(_COMMUNES):
        dates = [i for i in range(_DATES) if offered[c, i] and able[c, i]]
        choices = (
            chosen
            for count in range(min(int(hosts.wanted[c]), len(dates)) + 1)
            for chosen in itertools.combinations(dates, count)
            if all(days[j] - days[i] >= hosts.spacing[c] for i, j in itertools.pairwise(chosen))
        )
        each = hosts.cost[c] + price[c] + charge[c]
        expected += min(
            float(sum(each[list(chosen)])) - (hosts.first[c] + (len(chosen) - 1) * hosts.further[c] if chosen else 0.0)
            for chosen in choices
        )
    found = balance(hosts, days, ties, _empty_pool(), able, price, tie_price, np.zeros(0), 0.5)
    assert found == pytest.approx(expected, abs=1e-6)


@FEW
@given(st.integers(0, 10**6))
def test_no_better_tournee_is_left_out(seed: int) -> None:
    """What earning finds in a block is the cheapest of all tournées there, however many places it does not look at."""
    instance = instance_of(land(seed, communes=4, vehicles=2, locks=False))
    market = Market(instance, [], workers=1)
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    usual = dice.choice([5_000, 40_000, 150_000])
    price = np.array([[dice.uniform(-usual, 3 * usual) for _ in instance.days] for _ in instance.near])
    price = price.reshape(market.able.shape)
    with ThreadPoolExecutor(1) as threads:
        for b, tournees in enumerate(_tournees(market)):
            cheapest = min((_earned(instance, slots, price) for slots in tournees), default=0.0)
            found = market.look(threads, price, market.able, np.array([b]))
            assert found == pytest.approx(min(0.0, cheapest), abs=1e-3)
            _pooled(market, b, price, found)


def _pooled(market: Market, b: int, price: np.ndarray, least: float) -> None:
    """The best is in the pool as what it is: its places, its metres."""
    pool = market.pool
    costs = []
    for k in range(pool.used[b]):
        evenings = [(int(c), int(i)) for c, i in zip(pool.commune[b, k], pool.date[b, k], strict=True) if c >= 0]
        slots = [(c, int(market.blocks.vehicle[b]), i) for c, i in evenings]
        assert pool.metres[b, k] == pytest.approx(market.instance.metres_of(slots), abs=1e-3)
        costs.append(_earned(market.instance, slots, price))
    assert min(costs, default=0.0) == pytest.approx(least, abs=1e-3)


def _earned(instance: Instance, slots: list[Slot], price: np.ndarray) -> float:
    metres = instance.metres_of(slots)
    return np.inf if metres is None else metres - sum(price[c, i] for c, _, i in slots)


def _tournees(market: Market) -> list[list[list[Slot]]]:
    """Every tournée of each block that keeps spacing, separation and the crew's rest within it."""
    instance, blocks = market.instance, market.blocks
    result = []
    for b, v in enumerate(blocks.vehicle.tolist()):
        dates = blocks.date[blocks.step[b] : blocks.step[b + 1]].tolist()
        hosts = [
            [None, *(c for c in range(len(instance.near)) if instance.answers[c, i] and instance.compatible[c, v])]
            for i in dates
        ]
        chosen = (
            [(c, v, i) for c, i in zip(choice, dates, strict=True) if c is not None]
            for choice in itertools.product(*hosts)
        )
        result.append([slots for slots in chosen if slots and _allowed(instance, slots)])
    return result


def _allowed(instance: Instance, slots: list[Slot]) -> bool:
    season, days = instance.season, instance.days
    vehicle, rule = season.vehicles[slots[0][1]], season.separation
    for (a, _, i), (c, _, j) in itertools.combinations(slots, 2):
        apart = days[j] - days[i]
        if a == c and apart < season.communes[c].min_days_between:
            return False
        if c in instance.near[a] and rule is not None and apart < rule.days:
            return False
    weeks = [instance.weeks[i] for _, _, i in slots]
    most = vehicle.max_evenings_per_week
    if most is not None and max(map(weeks.count, weeks)) > most:
        return False
    there = {days[i] for _, _, i in slots}
    row = vehicle.max_days_in_row
    return row is None or not any(all(day + k in there for k in range(row + 1)) for day in there)
