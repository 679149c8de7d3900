"""Maps of a tour: one HTML document by folium, with Leaflet and everything else from our own server, tiles aside.

folium's own header never reaches the page: it loads Bootstrap, jQuery and more from four other servers, styles by
``<style>`` and forbids zooming. ``templates/map/document.html`` takes its place; folium's script remains.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps

from guinguette.domain.errors import N_
from guinguette.paths import TEMPLATES
from guinguette.publishing import outlines

#: Plan IGN of the Géoplateforme (no key, no cookie). Whoever loads tiles is told about the page's visitors: hence one
#: server only, and the policy of the document names it.
TILES_SERVER = "https://data.geopf.fr"
TILES = (
    f"{TILES_SERVER}/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
TILES_ATTRIBUTION = "Plan © IGN"

_OUTLINES_PANE = "outlines"  # under Leaflet's tiles (200): once there, they cover it


@dataclass(frozen=True, slots=True, kw_only=True)
class MapStop:
    """An evening on the map, in words of the page's language. Degrees are WGS 84.

    Stops of the same ``number`` are one place and share a marker, drawn for the first of them. ``when`` is a date in
    words, ``state`` the word for its state, ``mark`` its shape (ok, att, dep, ann or rep, as in guinguette.css). Stops
    of the same ``line`` are joined in the order given; an empty ``line`` joins none.
    """

    lat: float
    lon: float
    label: str
    when: str
    state: str
    url: str
    number: int
    mark: str = "ok"
    line: str = ""


def render_map(
    stops: Sequence[MapStop],
    *,
    title: str,
    nonce: str,
    asset: Callable[[str], str],
    translate: Callable[[str], str],
    locale: str,
) -> str:
    """Return the HTML document that shows ``stops`` (at least one), its bounds around them.

    Every script and style carries ``nonce``; ``asset`` gives the address of a file of ``static/``; ``translate`` turns
    a French sentence into one of the language ``locale``. Raises ``ValueError`` without stops.
    """
    if not stops:
        raise ValueError("a map needs a stop")
    chart = folium.Map(
        location=(stops[0].lat, stops[0].lon),
        tiles=None,
        zoom_control=False,  # map.js adds it, with its words in the page's language
        scroll_wheel_zoom=False,
        zoom_snap=0.25,  # whole steps would leave a phone's small frame half empty
    )
    texts = {
        "zoom_in": translate(N_("Agrandir la carte")),
        "zoom_out": translate(N_("Réduire la carte")),
        "close": translate(N_("Fermer")),
    }
    document = _Document(title=title, nonce=nonce, asset=asset, locale=locale, chart=chart.get_name(), texts=texts)
    document.add_child(chart)
    folium.map.CustomPane(_OUTLINES_PANE, z_index=150).add_to(chart)
    _shape(outlines.departments((s.lat, s.lon) for s in stops), "contour", pane=_OUTLINES_PANE).add_to(chart)
    folium.TileLayer(TILES, attr=TILES_ATTRIBUTION, max_zoom=18, min_zoom=5).add_to(chart)
    for points in _lines(stops):
        _shape({"type": "LineString", "coordinates": points}, "fil").add_to(chart)
    places = _places(stops)
    for place in places:
        _Lantern(place, translate(N_("Étape"))).add_to(chart)
    first = [place[0] for place in places]
    south_west = [min(s.lat for s in first), min(s.lon for s in first)]
    north_east = [max(s.lat for s in first), max(s.lon for s in first)]
    chart.fit_bounds([south_west, north_east], padding=(36, 36), max_zoom=12)
    html: str = document.render()
    return html


def _places(stops: Sequence[MapStop]) -> list[list[MapStop]]:
    by_number = sorted(stops, key=lambda s: s.number)  # a stable sort: the order given stays within a place
    return [list(group) for _, group in groupby(by_number, key=lambda s: s.number)]


def _lines(stops: Sequence[MapStop]) -> list[list[list[float]]]:
    """Return the lines as lists of [longitude, latitude]; what is called off is not on the way."""
    lines: dict[str, list[list[float]]] = {}
    for stop in stops:
        if stop.line and stop.mark not in ("ann", "rep"):
            lines.setdefault(stop.line, []).append([stop.lon, stop.lat])
    return [points for points in lines.values() if len(points) > 1]


def _shape(data: dict[str, Any], css_class: str, **options: Any) -> folium.GeoJson:
    attribution = outlines.ATTRIBUTION if css_class == "contour" else None
    return folium.GeoJson(data, class_name=css_class, interactive=False, attribution=attribution, **options)


class _Script(MacroElement):
    """Something that folium does not have, as the script that makes it."""

    def literal(self, value: Any) -> str:
        """Return a JSON value in JavaScript that can be read as a template and comes out as it was.

        branca takes what a macro wrote for a template again: a village called "{{ … }}" would be run on our server.
        """
        return re.sub(r"{(?=[{%#])", r"\\u007b", htmlsafe_json_dumps(value))


class _Lantern(_Script):
    """A place's marker and its popup. folium's own popup needs jQuery, and its marker loads an icon it then drops."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        L.marker({{ this.location | tojson }}, {icon: L.divIcon({{ this.literal(this.icon) }}), riseOnHover: true})
            .bindPopup({{ this.literal(this.popup) }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, place: Sequence[MapStop], step_word: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's
        self._name = "Lantern"
        self.location = [place[0].lat, place[0].lon]
        html = _templates.get_template("lantern.html").render(stops=place, first=place[0], step_word=step_word)
        self.icon = {"html": html, "className": "lanterne", "iconSize": [44, 44], "popupAnchor": [0, -16]}
        self.popup = _templates.get_template("popup.html").render(stops=place, first=place[0])


class _Document(Figure):
    """The page around folium's script."""

    def __init__(self, **values: Any) -> None:
        super().__init__()
        self._values = values

    def render(self, **kwargs: Any) -> str:
        for child in list(self._children.values()):
            child.render(**kwargs)
        script = self.script.render(**kwargs)
        return _templates.get_template("document.html").render(script=script, **self._values)


_templates = Environment(
    loader=FileSystemLoader(TEMPLATES / "map"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
