"""From prices to a plan: the tournées that both sides agree on are fixed, prices balanced for the rest, and so on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .compiled import compiled
from .field import Bools, Field, Ints, Table, empty_table
from .instance import Slot
from .market import Market
from .moves import fill, fits, lift, open_to, settle
from .prices import Blocks, Pool
from .pricing import MOST_DATES
from .watch import Watch

_SHARE = 0.08  # of the open blocks, fixed at a time; and all that are as good as sure
_SURE = 0.9
_STRIDES, _LONG, _SHORT = 60, 0.03, 0.003  # see `market`
_GONE = 1e18  # the metres of a tournée that cannot be driven any more


def bind(market: Market, watch: Watch, *, until: float) -> list[Slot]:
    """A plan at the market's prices, with the locked evenings that it begins from. The market's pool is used up."""
    instance, field = market.instance, market.instance.field
    table = empty_table(instance)
    held = [slot for slot in watch.slots or [] if (slot[0], slot[2]) in instance.fixed]
    fill(field, table, np.array(held, dtype=np.int64).reshape(-1, 3))
    blocks, pool, hosts, ties = market.blocks, market.pool, market.hosts, market.ties
    begun = _with(blocks, held)
    # who may come to a locked evening only, may not come to others
    market.blocks = blocks._replace(fitting=field.fitting)
    free = np.array([b for b in range(len(blocks.vehicle)) if b not in begun], dtype=np.int64)
    pool.used[sorted(begun)] = 0
    price, tie_price = market.price.copy(), market.tie_price.copy()
    strides = market.usual * np.geomspace(_LONG, _SHORT, _STRIDES)
    quotas = len(table.room)
    with ThreadPoolExecutor(watch.limits.workers) as threads:
        while len(free) and not watch.over() and watch.seconds < until:
            left = np.maximum(0, hosts.wanted - table.counted)
            able = field.answers & (table.block == 0) & (left > 0)[:, None] & _room(field, table)
            saves = np.where(table.served > 0, hosts.further, hosts.first)
            market.hosts = hosts._replace(wanted=left, first=saves)
            most = ties.most.copy()
            most[len(most) - quotas :] = np.maximum(0, table.room[:quotas])
            market.ties = ties._replace(most=most)
            _forget(field, blocks, pool, able)
            market.look(threads, price, able, free)
            market.balance(able, price, tie_price, strides)
            share = max(1, int(_SHARE * len(free)))
            fixed = _fix(field, table, blocks, pool, free, share, _SURE * len(strides) / 2)
            if not len(fixed):
                break
            pool.used[fixed] = 0
            free = np.setdiff1d(free, fixed)
    market.hosts, market.ties, market.blocks = hosts, ties, blocks
    return [(int(table.slot[v, i]), int(v), int(i)) for v, i in np.argwhere(table.slot >= 0)]


def _with(blocks: Blocks, slots: list[Slot]) -> set[int]:
    """The blocks that these slots are in."""
    of = {
        (int(blocks.vehicle[b]), int(i)): b
        for b in range(len(blocks.vehicle))
        for i in blocks.date[blocks.step[b] : blocks.step[b + 1]]
    }
    return {of[v, i] for _, v, i in slots}


@compiled
def _room(field: Field, table: Table) -> Bools:
    """Shape (communes, dates): whether quotas leave room."""
    result = np.ones(field.answers.shape, np.bool_)
    for c in range(len(field.wanted)):
        for k in range(field.quotas_of[c], field.quotas_of[c + 1]):
            q = field.quotas[k]
            if table.room[q] <= 0:
                for i in range(field.covers.shape[1]):
                    if field.covers[q, i]:
                        result[c, i] = False
    return result


@compiled
def _forget(field: Field, blocks: Blocks, pool: Pool, able: Bools) -> None:
    """What the fixed tournées have left no room for, or only a lock may do, is never driven."""
    for b in range(pool.used.shape[0]):
        for k in range(pool.used[b]):
            for q in range(MOST_DATES):
                c, i = pool.commune[b, k, q], pool.date[b, k, q]
                if c >= 0 and not (able[c, i] and open_to(field, c, blocks.vehicle[b], i)):
                    pool.metres[b, k] = _GONE


@compiled
def _fix(field: Field, table: Table, blocks: Blocks, pool: Pool, free: Ints, share: int, sure: float) -> Ints:
    """Put the tournées that were picked most into the table, `share` and all picked `sure` times; their blocks."""
    best, times = np.zeros(len(free), np.int64), np.zeros(len(free), np.int64)
    for n in range(len(free)):
        for k in range(pool.used[free[n]]):
            if pool.picked[free[n], k] > times[n]:
                best[n], times[n] = k, pool.picked[free[n], k]
    fixed, count = np.empty(len(free), np.int64), 0
    for n in np.argsort(-times, kind="mergesort"):
        if times[n] == 0 or (count >= share and times[n] < sure):
            break
        b, k, put = free[n], best[n], 0
        v = blocks.vehicle[b]
        while put < MOST_DATES and pool.commune[b, k, put] >= 0:
            c, i = pool.commune[b, k, put], pool.date[b, k, put]
            if not open_to(field, c, v, i) or not fits(field, table, c, v, i):
                break
            settle(field, table, c, v, i)
            put += 1
        if put == MOST_DATES or pool.commune[b, k, put] < 0:
            fixed[count] = b
            count += 1
        else:
            for q in range(put):
                lift(field, table, v, pool.date[b, k, q])
    return fixed[:count]
