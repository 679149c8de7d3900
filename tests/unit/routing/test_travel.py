"""Distances: held to geopy's great circle, rounding included; a matrix as it is given."""

from __future__ import annotations

import math

import numpy as np
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

import routing
from routing.travel import great_circle_metres, metres_between

from .seasons import MANY, season

POINT = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@MANY
@given(POINT, POINT, st.floats(1, 2))
def test_great_circle_is_geopys(one: tuple[float, float], two: tuple[float, float], detour: float) -> None:
    """Times the detour, rounded half up, up to what floats leave undecided at the very half."""
    metres = great_circle_metres(np.array([one[0], two[0]]), np.array([one[1], two[1]]), detour=detour)
    exact = great_circle(one, two).km * 1000 * detour
    assert metres[0, 1] in {math.floor(exact + 0.5 - 1e-6), math.floor(exact + 0.5 + 1e-6)}
    assert metres[0, 0] == metres[1, 1] == 0


def test_matrix_may_be_asymmetric() -> None:
    """Rows are origins, columns destinations."""
    value = season(communes=1)
    value["travel"]["metres"] = [[0, 7], [11, 0]]
    assert metres_between(routing.parse_season(value)).tolist() == [[0, 7], [11, 0]]
