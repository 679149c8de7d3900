"""What a subscriber wants to hear of: one village, a tour, an intercommunality, or all within so many kilometres."""

import re
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from guinguette.domain.errors import N_, InvalidInput

MAX_KM = 100
_MAX_LENGTH = 120  # of the column
_EARTH_RADIUS_KM = 6371.009  # mean radius, as geopy's great circle

_FORMS = {
    "commune": re.compile(r"commune:(?P<target>\d[\dAB]\d{3})"),
    "tour": re.compile(r"tour:(?P<target>[a-z0-9]+(?:-[a-z0-9]+)*)"),
    "epci": re.compile(r"epci:(?P<target>\d{9})"),
    "near": re.compile(r"near:(?P<target>\d[\dAB]\d{3}):(?P<km>[1-9]\d{0,2})"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """``kind`` is commune, tour, epci or near; ``target`` its INSEE code, slug or SIREN; ``km`` is 0 but for near."""

    kind: str
    target: str
    km: int = 0

    def __str__(self) -> str:
        """Return the form kept in the database and sent by the page: ``near:52182:20``."""
        return f"{self.kind}:{self.target}:{self.km}" if self.kind == "near" else f"{self.kind}:{self.target}"


def parse(text: str) -> Scope:
    """Return the scope that ``text`` writes. Raises ``InvalidInput`` (field ``scope``) on anything else."""
    form = _FORMS.get(text.split(":", 1)[0])
    found = form.fullmatch(text) if form and len(text) <= _MAX_LENGTH else None
    values = found.groupdict() if found else {}
    km = int(values.get("km", 0))
    if not found or km > MAX_KM:
        raise InvalidInput(N_("Choisissez les soirées qui vous intéressent dans la liste."), field="scope")
    return Scope(text.split(":", 1)[0], values["target"], km)


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance between two points in degrees, in kilometres (haversine)."""
    phi, other_phi = radians(lat), radians(other_lat)
    chord = sin((other_phi - phi) / 2) ** 2 + cos(phi) * cos(other_phi) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))
