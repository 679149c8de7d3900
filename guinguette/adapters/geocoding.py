"""Where an address is: the Base Adresse Nationale, as the Géoplateforme serves it (geopy's ``BANFrance``).

Only the address leaves this machine, never who lives there or who asks.
"""

import logging
from typing import Any
from urllib.parse import urlsplit

from geopy.exc import GeopyError
from geopy.geocoders import BANFrance

from guinguette.adapters.ports import Candidate, GeocodingError

_log = logging.getLogger(__name__)
_MOST = 6


class BanGeocoder:
    """Asks the service at ``url`` (``https://data.geopf.fr/geocodage``); an empty one asks nobody."""

    def __init__(self, url: str, *, timeout_seconds: float = 5) -> None:
        self._url, self._timeout_seconds = url, timeout_seconds

    def search(self, address: str) -> list[Candidate]:
        """Return the likeliest places of an address, the likeliest first. Raises ``GeocodingError``."""
        if not self._url:
            raise GeocodingError("no geocoding service is set")
        parts = urlsplit(self._url)
        service = BANFrance(
            domain=f"{parts.netloc}{parts.path}",
            scheme=parts.scheme,
            timeout=self._timeout_seconds,
            user_agent="guinguette-mobile",
        )
        try:
            found = service.geocode(address, exactly_one=False, limit=_MOST) or []
            return [_candidate(place.raw) for place in found]
        except (GeopyError, KeyError, TypeError, ValueError, IndexError) as error:
            _log.warning("the geocoding service gave no answer: %s", error)
            raise GeocodingError(str(error)) from error


def _candidate(feature: dict[str, Any]) -> Candidate:
    longitude, latitude = feature["geometry"]["coordinates"]
    said = feature["properties"]
    return Candidate(
        label=str(said["label"]),
        kind=str(said.get("type", "")),
        insee=str(said.get("citycode", "")),
        lat=float(latitude),
        lon=float(longitude),
        score=float(said.get("score", 0)),
    )
