"""The evenings around a village: the next ones of its neighbours, and all within so many kilometres."""

import datetime as dt
from collections.abc import Iterable

from guinguette.domain.scopes import distance_km
from guinguette.publishing.tour import PublishedEvening


def nearest(
    evenings: Iterable[PublishedEvening], *, lat: float, lon: float, today: dt.date, count: int
) -> list[tuple[PublishedEvening, float]]:
    """Return the next evening of each of the ``count`` nearest communes, with its distance as the crow flies in km.

    Nearest first. Only evenings of ``today`` and later that people can come to are counted; ``lat`` and ``lon`` are
    degrees WGS 84.
    """
    following: dict[str, PublishedEvening] = {}
    for evening in sorted(evenings, key=lambda item: item.date):
        if evening.alive and evening.date >= today:
            following.setdefault(evening.insee, evening)
    away = [(evening, distance_km(lat, lon, evening.lat, evening.lon)) for evening in following.values()]
    return sorted(away, key=lambda pair: (pair[1], pair[0].commune))[:count]


def is_near(evening: PublishedEvening, *, insee: str, centre: tuple[float, float] | None, km: int) -> bool:
    """Tell whether the evening is the commune's own, or within ``km`` of its ``centre`` as the crow flies.

    ``centre`` is (latitude, longitude) in degrees WGS 84, null where nobody knows it.
    """
    return evening.insee == insee or (centre is not None and distance_km(*centre, evening.lat, evening.lon) <= km)
