"""Random numbers for compiled code: xorshift64*, so that a run goes on where the last one ended, on any thread."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .compiled import inner

Dice: TypeAlias = NDArray[np.uint64]  # (1,) the state

_SPREAD = 0x9E3779B97F4A7C15  # makes close seeds start far apart


def dice_of(seed: int) -> Dice:
    """Dice that fall the same way for the same seed."""
    return np.array([(seed * _SPREAD + 0x2545F4914F6CDD1D) % 2**64 | 1], dtype=np.uint64)


@inner
def roll(dice: Dice) -> float:
    """From 0 to 1, both left out of what `whole` needs."""
    x = dice[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    dice[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@inner
def whole(dice: Dice, n: int) -> int:
    """From 0 to n - 1."""
    return int(roll(dice) * n)
