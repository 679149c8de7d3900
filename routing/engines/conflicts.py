"""Why locked evenings leave no plan: an irreducible set of locks, and of the rule instances between them.

Irreducible means: without any one of the locks there would be a plan, and without any one of the rule instances some
way to give the locks their vehicles would break none of the others. Where only legs are in the way the instances are
those of the locked evenings by themselves, since no other evening on the way shortens them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ortools.sat.python import cp_model

from routing.ground import Ground, Scene
from routing.plan import Evening
from routing.rules import Fault, broken
from routing.rules.leg import NAME as LEG
from routing.rules.locked import NAME as LOCKED
from routing.rules.locked import instance as lock_instance
from routing.rules.one_per_vehicle import NAME as ONE_PER_VEHICLE
from routing.season import Lock, Season

from .cpsat import run
from .instance import Instance
from .model import MOST_ARCS, Model
from .start import in_turn
from .watch import Watch

_MOST_WAYS = 500  # looked at for the rule instances
_SECONDS = 1.0  # for one of these questions, at most
_AT_LEAST = 0.3  # for all of them, however little time is left
_ANY_VEHICLE = {"one_per_commune", "wanted", "spacing", "separation", "quota"}  # which one it is does not matter there

_Key = tuple[str, str]  # a rule and which instance of it
_Way = tuple[str, ...]  # a vehicle for each lock
_Choice = tuple[int, str]  # a lock, by its index, on a vehicle
_Nogood = tuple[frozenset[_Choice], frozenset[_Choice]]  # all of the first and none of the second break the instance


def conflicts(instance: Instance, watch: Watch, *, with_legs: bool) -> list[Fault]:
    """The set, for a season whose locks are known to leave no plan; `with_legs` False where `leg` plays no part.

    Once the time is over what is left is returned: then a contradiction still, but perhaps not irreducible.
    """
    over = _patience(watch)
    season = instance.season
    locks = list(season.locked)
    size = max(1, len(locks) // 2)
    while True:
        first = 0
        while first < len(locks) and not over():
            fewer = locks[:first] + locks[first + size :]
            if fewer and _contradict(season, fewer, watch, with_legs=with_legs):
                locks = fewer
            else:
                first += size
        if size == 1 or over():
            break
        size //= 2
    return _named(instance, locks, over, with_legs=with_legs)


def out_of_reach(instance: Instance, lock: Lock, watch: Watch) -> list[Fault]:
    """The set for one lock that no chain of legs reaches."""
    return _named(instance, [lock], _patience(watch), with_legs=True)


def _patience(watch: Watch) -> Callable[[], bool]:
    end = max(watch.limits.seconds - 0.1, watch.seconds + _AT_LEAST)

    return lambda: watch.interrupted() or watch.seconds > end


def _named(instance: Instance, locks: list[Lock], over: Callable[[], bool], *, with_legs: bool) -> list[Fault]:
    between = _Between(instance, locks, over, with_legs=with_legs)
    return [lock_instance(lock) for lock in locks] + between.smallest()


def _contradict(season: Season, locks: list[Lock], watch: Watch, *, with_legs: bool) -> bool:
    """Whether these locks alone leave no plan; each keeps what is waived for its evening in the whole season."""
    kept = tuple(replace(lock, waived=_waived(season, lock)) for lock in locks)
    if with_legs:
        instance = Instance(Ground(replace(season, locked=kept)))
        slots = instance.slots()
        if Model.count_arcs(instance, slots, most=MOST_ARCS) > MOST_ARCS:
            return False
    else:  # every other rule only forbids: what is not locked can be left out
        names = frozenset(lock.commune for lock in locks)
        days = {lock.date for lock in locks}
        fewer = replace(
            season,
            dates=tuple(day for day in season.dates if day in days),
            communes=tuple(item for item in season.communes if item.id in names),
            quotas=tuple(replace(item, communes=item.communes & names) for item in season.quotas),
            locked=kept,
        )
        instance = Instance(Ground(fewer))
        if in_turn(instance) is not None:
            return False
        slots = instance.fixed_slots()
    model = Model(instance, slots, with_legs=with_legs, cheapest=False)
    return run(model, watch, seconds=min(_SECONDS, watch.left), effort=watch.effort()).infeasible


def _waived(season: Season, lock: Lock) -> frozenset[str]:
    return frozenset(
        rule
        for other in season.locked
        if (other.commune, other.date) == (lock.commune, lock.date)
        and (other.vehicle is None or lock.vehicle in (None, other.vehicle))
        for rule in other.waived
    )


class _Between:
    """The rule instances of which every way to give the locks their vehicles breaks one; learned way by way."""

    def __init__(self, instance: Instance, locks: list[Lock], over: Callable[[], bool], *, with_legs: bool) -> None:
        everything = [vehicle.id for vehicle in instance.season.vehicles]
        self._ground, self._locks, self._over = instance.ground, locks, over
        self._choices = [[lock.vehicle] if lock.vehicle is not None else everything for lock in locks]
        self._left_out = {LOCKED} if with_legs else {LOCKED, LEG}
        self._learned: dict[_Key, set[_Nogood]] = {}
        self._faults: dict[_Key, Fault] = {}
        self._ways = 0

    def smallest(self) -> list[Fault]:
        """The instances, none of which can be spared."""
        while (way := self._avoiding(self._learned)) is not None:
            if not self._learn(way):
                break
        kept = set(self._learned)
        for key in sorted(self._learned, key=lambda key: (key[0] != LEG, key)):  # a leg says less than a full date
            rest = kept - {key}
            while (way := self._avoiding(rest)) is not None:
                if not self._learn(way) & rest:
                    break
            if way is None and not self._ended():
                kept = rest
        return [self._faults[key] for key in sorted(kept)]

    def _ended(self) -> bool:
        return self._ways >= _MOST_WAYS or self._over()

    def _broken(self, choices: Iterable[_Choice]) -> dict[_Key, Fault]:
        evenings = {Evening(self._locks[k].commune, self._locks[k].date, vehicle) for k, vehicle in choices}
        found = broken(Scene(self._ground, sorted(evenings)))
        return {(item.rule, item.detail): item for item in found if item.rule not in self._left_out}

    def _learn(self, way: _Way) -> set[_Key]:
        """What this way breaks; of each instance, which choices break it."""
        self._ways += 1
        every = list(enumerate(way))
        found = self._broken(every)
        for key, item in found.items():
            self._faults.setdefault(key, item)
            if key[0] == LEG:  # it depends on all that the vehicle does
                vehicle = dict(item.words)["vehicle"]
                on = frozenset(choice for choice in every if choice[1] == vehicle)
                off = frozenset((k, vehicle) for k, name in every if name != vehicle and vehicle in self._choices[k])
                self._learned.setdefault(key, set()).add((on, off))
                continue
            if key[0] in _ANY_VEHICLE:
                self._learned[key] = {(frozenset(), frozenset())}
                continue
            needed = list(every)
            for choice in every:
                fewer = [other for other in needed if other != choice]
                if key in self._broken(fewer):
                    needed = fewer
            self._learned.setdefault(key, set()).update(self._alike(needed, key[0]))
        return set(found)

    def _alike(self, needed: list[_Choice], rule: str) -> Iterator[_Nogood]:
        """These choices, and, for two locks on one vehicle's date, all other pairs there."""
        yield frozenset(needed), frozenset()
        if rule == ONE_PER_VEHICLE:
            (first, vehicle), _ = needed
            there = [
                (k, vehicle)
                for k, lock in enumerate(self._locks)
                if lock.date == self._locks[first].date and vehicle in self._choices[k]
            ]
            for one, two in itertools.combinations(there, 2):
                if self._locks[one[0]].commune != self._locks[two[0]].commune:
                    yield frozenset((one, two)), frozenset()

    def _avoiding(self, keys: Iterable[_Key]) -> _Way | None:
        """A way that breaks none of these as far as is known; None where there is none, or the time is over."""
        if self._ended():
            return None
        model = cp_model.CpModel()
        on = {(k, name): model.new_bool_var("") for k, names in enumerate(self._choices) for name in names}
        for k, names in enumerate(self._choices):
            model.add_exactly_one([on[k, name] for name in names])
        for key in sorted(keys):
            for all_of, none_of in sorted(self._learned[key], key=lambda item: (sorted(item[0]), sorted(item[1]))):
                model.add_bool_or([*(~on[item] for item in sorted(all_of)), *(on[item] for item in sorted(none_of))])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False
        solver.parameters.max_deterministic_time = _SECONDS
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        return tuple(
            next(name for name in names if solver.boolean_value(on[k, name])) for k, names in enumerate(self._choices)
        )
