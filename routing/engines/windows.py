"""Which evenings are in each other's way: windows of time, and groups of neighbours. For rows and for prices alike."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence


def windows(days: Sequence[int], indices: Iterable[int], *, days_apart: int) -> Iterator[list[int]]:
    """These dates in windows of so many days; only windows that no other one contains."""
    chosen, reached = sorted(indices), -1
    for k, i in enumerate(chosen):
        end = bisect_right(chosen, days[i] + days_apart - 1, key=lambda j: days[j])
        if end > reached:
            yield chosen[k:end]
        reached = max(reached, end)


def neighbours(near: Sequence[Iterable[int]], among: Collection[int], alone: Collection[int]) -> Iterator[list[int]]:
    """Each pair of neighbours `among` these once: with all who are neighbours of all, or by itself.

    Groups are of those who are `alone` in a window, with one evening at most; who is not is in pairs.
    """
    close = {c: set(near[c]) for c in among}
    left = {(a, b) for a in among for b in close[a] if a < b and b in close}
    for a, b in sorted(left):
        if (a, b) not in left:
            continue
        group = [a, b]
        if a in alone and b in alone:
            for c in sorted(close[a] & close[b]):
                if c in alone and all(c in close[other] for other in group):
                    group.append(c)
            left -= {(c, d) for c in group for d in group}
        yield group
