"""A season too big for one linear program: prices for the whole, a plan from them, then part after part planned anew.

Prices, the bound and the first plan are found here, on threads. The parts go to an executor, whose workers may be
processes of this machine or of others: each part is a season of its own, everything else as it stands.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager

from routing.plan import Evening

from .bind import bind
from .errand import Errand, listen, run_errand
from .improve import COLD, Search
from .instance import Instance, Slot
from .market import Market
from .merge import fitting
from .neighbourhoods import Neighbourhood, Neighbourhoods
from .parts import part_of
from .watch import Watch

_FIRST, _FIRST_END = 0.1, 0.2  # shares of the time for a first plan, territory by territory, and its very end
_PRICES, _BIND, _COLD = 0.45, 0.6, 0.65  # shares at which the next stages are over at the latest
_PRICE_ROUNDS = 100
_SLICE, _LEAST, _QUICK = 12.0, 4.0, 1.0  # seconds for a part, the least that are worth the while, and at first
_LOOK = 0.1
_ENOUGH = 3600.0  # seconds that the stages before the parts share at most: the rest of a night is for the parts

_log = logging.getLogger(__name__)


class Country:
    """One big season on its way; the best plan and the bound are in `watch`."""

    def __init__(self, instance: Instance, fixed: list[Slot], watch: Watch, executor: Executor | None) -> None:
        self.instance, self.watch, self._executor = instance, watch, executor
        self._fixed = fixed
        self._dice = random.Random(watch.limits.seed)  # noqa: S311 - repeatable, not secret
        self._search = Search(instance, fixed, seed=watch.limits.seed)
        self._search.listener = watch.found
        self._parts = Neighbourhoods(instance, self._dice)
        self._alone = False  # whether the workers were lost
        # who passes an executor has workers of their own: as many parts as do not touch
        self._most = watch.limits.workers if executor is None else len(self._parts.lands)

    def run(self) -> None:
        """Improve plan and bound until the time is over. The vehicles' dates form blocks (see `tournees`)."""
        watch = self.watch
        watch.enter("construct")
        self._search.construct(watch.over)
        begun, span = watch.seconds, min(_ENOUGH, watch.left)
        with self._workers() as executor:
            if not watch.over():
                watch.enter("territories")
                self._settle(executor, seconds=_FIRST * span, until=begun + _FIRST_END * span)
            if watch.over() or watch.slots is None:
                return
            market = self._priced(begun, span)
            if not watch.over():
                watch.enter("territories")
                self._improve(executor, market)
        if self._alone:  # no plan is lost with the workers: what is left of the time is spent without
            watch.enter("improve")
            self._search.offer(watch.slots)
            self._anneal(until=watch.search_seconds, warmth=COLD)

    def _priced(self, begun: float, span: float) -> Market:
        """Prices, and a plan from them, within their shares of a span of seconds."""
        watch, search = self.watch, self._search
        watch.enter("prices")
        market = Market(self.instance, watch.slots or [], workers=watch.limits.workers)
        market.run(watch, until=self._end(begun + _PRICES * span), rounds=self._counted(_PRICE_ROUNDS))
        if not watch.over():
            watch.enter("bind")
            search.offer(bind(market, watch, until=self._end(begun + _BIND * span)))
            search.construct(watch.over)
            self._anneal(until=begun + _COLD * span, warmth=COLD)
        return market

    def _end(self, seconds: float) -> float:
        """When a stage is over at the latest; where iterations rule nothing may depend on the clock."""
        return math.inf if self.watch.counted else seconds

    def _counted(self, rounds: int) -> int:
        limit = self.watch.limits.iterations
        return rounds if limit is None else min(rounds, limit)

    def _anneal(self, *, until: float, warmth: float) -> None:
        search, watch = self._search, self.watch
        search.run(watch.share(lambda: search.iterations, until=until), watch.over, warmth=warmth)

    def _settle(self, executor: Executor, *, seconds: float, until: float) -> None:
        """A plan in which every territory looks to itself, one after the other where they touch."""
        watch, parts = self.watch, self._parts
        each = min(_SLICE, max(_QUICK, seconds * watch.limits.workers / max(1, len(parts.lands))))
        plan = self._fixed

        def errand(part: Neighbourhood) -> Errand:
            return self._errand(part, plan, None, each)

        def take(part: Neighbourhood, evenings: Sequence[Evening]) -> None:
            nonlocal plan
            plan = self._with(plan, part, evenings)
            watch.territories = parts.standing(plan)
            watch.report(now=True)

        self._send(executor, lambda busy: parts.first(plan, busy), errand, take, until=until)
        self._offer(plan)

    def _improve(self, executor: Executor, market: Market) -> None:
        """Part after part anew, until the time is over."""
        watch, parts = self.watch, self._parts

        def more(busy: Sequence[Neighbourhood]) -> Neighbourhood | None:
            enough = parts.taken >= (watch.limits.iterations or 0) if watch.counted else watch.left < _LEAST
            return None if enough or watch.optimal else parts.next(watch.slots or [], busy)

        def errand(part: Neighbourhood) -> Errand:
            return self._errand(part, watch.slots or [], market, min(_SLICE, watch.left - 1.0))

        def take(part: Neighbourhood, evenings: Sequence[Evening]) -> None:
            self._offer(self._with(watch.slots or [], part, evenings))
            watch.territories = parts.standing(watch.slots or [])

        self._send(executor, more, errand, take, until=math.inf)

    def _send(
        self,
        executor: Executor,
        more: Callable[[Sequence[Neighbourhood]], Neighbourhood | None],
        errand: Callable[[Neighbourhood], Errand],
        take: Callable[[Neighbourhood, Sequence[Evening]], None],
        *,
        until: float,
    ) -> None:
        """Send workers out, each to a part that no other is close to, and take in what they bring until then."""
        watch = self.watch
        busy: dict[Future[tuple[Evening, ...]], Neighbourhood] = {}

        def over() -> bool:
            return self._alone or watch.over() or not (watch.counted or watch.seconds < until)

        try:
            while not over():
                while len(busy) < self._most and (part := more(list(busy.values()))) is not None:
                    busy[_sent(executor, errand(part))] = part
                if not busy:
                    return
                # counted parts come in as they went out, so that nothing depends on who is first; nor are new ones
                # looked for at every look at the clock, since that rolls dice
                some, back = [next(iter(busy))] if watch.counted else list(busy), set[Future[tuple[Evening, ...]]]()
                while not back and not over():
                    back = wait(some, timeout=_LOOK, return_when=FIRST_COMPLETED).done
                for future in back:
                    take(busy[future], _brought(future))
                    del busy[future]
        except BrokenExecutor as error:
            _log.warning("the search goes on without workers: %s", error)
            self._alone = True
        finally:
            for future in busy:
                future.cancel()

    def _errand(self, part: Neighbourhood, plan: list[Slot], market: Market | None, seconds: float) -> Errand:
        season = part_of(self.instance, plan, part.vehicles, part.communes)
        named, cars = {item.id for item in season.communes}, {item.id for item in season.vehicles}
        evenings = [item for item in self.instance.evenings(plan) if item.commune in named and item.vehicle in cars]
        rows = [self.instance.commune_index[item.id] for item in season.communes]
        return Errand(
            season=season,
            evenings=tuple(evenings),
            prices=None if market is None else market.price[rows],
            seconds=math.inf if self.watch.counted else seconds,
            turns=1 if self.watch.counted else None,
            seed=self._dice.randrange(2**31),
        )

    def _with(self, plan: list[Slot], part: Neighbourhood, evenings: Sequence[Evening]) -> list[Slot]:
        """The plan with these evenings of the part's vehicles, but for those whose room has meanwhile been taken."""
        instance = self.instance
        own = [slot for slot in instance.slots_of(evenings) if slot[1] in part.vehicles]
        others = [slot for slot in plan if slot[1] not in part.vehicles]
        return [*others, *fitting(instance, others, own)]

    def _offer(self, plan: list[Slot]) -> None:
        cost = self.instance.cost_of(plan)
        if cost is not None:
            self.watch.found(cost, plan)

    @contextmanager
    def _workers(self) -> Iterator[Executor]:
        """The caller's executor, or processes of our own, which come back at once when the search ends."""
        if self._executor is not None:
            yield self._executor
            return
        context = multiprocessing.get_context("spawn")  # a fork would share what threads hold
        stop = context.Event()
        with ProcessPoolExecutor(
            self.watch.limits.workers, mp_context=context, initializer=listen, initargs=(stop.is_set,)
        ) as executor:
            try:
                yield executor
            finally:
                stop.set()


def _sent(executor: Executor, errand: Errand) -> Future[tuple[Evening, ...]]:
    """Send a worker. Raises BrokenExecutor where there is none to send: no memory for a process, say."""
    try:
        return executor.submit(run_errand, errand)
    except (OSError, RuntimeError) as error:  # BrokenExecutor is a RuntimeError
        raise BrokenExecutor(f"no worker to send: {type(error).__name__}: {error}") from error


def _brought(future: Future[tuple[Evening, ...]]) -> tuple[Evening, ...]:
    """What a worker brings. Raises BrokenExecutor where it failed or was lost."""
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except Exception as error:
        raise BrokenExecutor(f"a worker failed: {type(error).__name__}: {error}") from error
