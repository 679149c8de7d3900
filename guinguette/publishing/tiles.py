"""Where the map's images come from: one server, chosen by ``GUINGUETTE_TILES``.

Whoever loads tiles is told about the page's visitors. Hence one server only: the policy of each page with a map names
it, the map says whose it is, and the page on privacy says who is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from guinguette.domain.errors import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """A server of tiles: its origin, Leaflet's template of an address, and whom to name (a French sentence, a link)."""

    server: str
    address: str
    owner: str
    owner_url: str = ""

    def attribution(self, translate: Callable[[str], str]) -> str:
        """Return whom the map must name, in HTML."""
        text = escape(translate(self.owner))
        return f'<a href="{self.owner_url}" target="_top">{text}</a>' if self.owner_url else text


TILES: dict[str, Tiles] = {
    # Plan IGN of the Géoplateforme: no key, no cookie
    "ign": Tiles(
        server="https://data.geopf.fr",
        address=(
            "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
            "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
            "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
        ),
        owner=N_("Plan © IGN"),
    ),
    # the OSM Foundation's own: asks for the Referer, and for little use (operations.osmfoundation.org/policies/tiles)
    "osm": Tiles(
        server="https://tile.openstreetmap.org",
        address="https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        owner=N_("© les contributeurs d’OpenStreetMap"),
        owner_url="https://www.openstreetmap.org/copyright",
    ),
}
