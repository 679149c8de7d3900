"""Distances between the locations of a season, whole metres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .season import Matrix, Season

EARTH_RADIUS_METRES = 6_371_009.0  # the sphere of geopy's great_circle
_ROWS_AT_A_TIME = 256  # keeps the working arrays small beside the answer


def metres_between(season: Season) -> NDArray[np.int64]:
    """The distances of the season: shape (locations, locations), metres from row to column (rule "Travel")."""
    if isinstance(season.travel, Matrix):
        size = len(season.locations)
        return np.array(season.travel.metres, dtype=np.int64).reshape(size, size)
    lat = np.array([place.lat for place in season.locations], dtype=np.float64)
    lon = np.array([place.lon for place in season.locations], dtype=np.float64)
    return great_circle_metres(lat, lon, detour=float(season.travel.detour))


def great_circle_metres(lat: NDArray[np.float64], lon: NDArray[np.float64], *, detour: float) -> NDArray[np.int64]:
    """Great circle times `detour`, rounded half up; degrees of shape (n,) in, metres of shape (n, n) out.

    The arctangent form is exact for near and for antipodal points alike, where the arccosine is not.
    """
    lat, lon = np.radians(lat), np.radians(lon)
    size = len(lat)
    metres = np.zeros((size, size), dtype=np.int64)
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    for start in range(0, size, _ROWS_AT_A_TIME):
        rows = slice(start, min(size, start + _ROWS_AT_A_TIME))
        turn = lon[None, :] - lon[rows, None]
        sin1, cos1 = sin_lat[rows, None], cos_lat[rows, None]
        across = np.hypot(
            cos_lat[None, :] * np.sin(turn), cos1 * sin_lat[None, :] - sin1 * cos_lat[None, :] * np.cos(turn)
        )
        along = sin1 * sin_lat[None, :] + cos1 * cos_lat[None, :] * np.cos(turn)
        exact = EARTH_RADIUS_METRES * np.arctan2(across, along) * detour
        metres[rows] = np.floor(exact + 0.5).astype(np.int64)
    np.fill_diagonal(metres, 0)
    return metres
