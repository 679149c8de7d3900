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
from folium.plugins import MarkerCluster
from folium.template import Template
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps

from guinguette.domain.errors import N_
from guinguette.paths import TEMPLATES
from guinguette.publishing import outlines
from guinguette.publishing.tiles import Tiles
from guinguette.publishing.towns import Town, landmarks

_OUTLINES_PANE = "outlines"  # under Leaflet's tiles (200): once there, they cover it, and the names of towns
_TOWNS = 10
#: Nearer than that (pixels), two lanterns would cover each other: they hang in one bunch until the zoom parts them.
_BUNCH_PIXELS = 64
#: How many dash patterns map.css has for the lines; then they begin anew.
LINE_STYLES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MapStop:
    """An evening on the map, in words of the page's language. Degrees are WGS 84.

    Stops of the same ``number`` are one place and share a marker, drawn for the first of them. ``when`` is a date in
    words, ``state`` the word for its state, ``mark`` its shape (ok, att, dep, ann or rep, as in guinguette.css). The
    lantern shows ``day`` over ``month`` (« 12 », « juil. ») or, without them, the number. Stops of the same ``line``
    are joined in the order given; an empty ``line`` joins none.
    """

    lat: float
    lon: float
    label: str
    when: str
    state: str
    url: str
    number: int
    mark: str = "ok"
    day: str = ""
    month: str = ""
    line: str = ""


def render_map(
    stops: Sequence[MapStop],
    *,
    title: str,
    nonce: str,
    tiles: Tiles,
    asset: Callable[[str], str],
    translate: Callable[[str], str],
    locale: str,
) -> str:
    """Return the HTML document that shows ``stops`` (at least one) over ``tiles``, its bounds around them.

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
    texts = {name: translate(sentence) for name, sentence in _TEXTS.items()}
    document = _Document(title=title, nonce=nonce, asset=asset, locale=locale, chart=chart.get_name(), texts=texts)
    document.add_child(chart)
    places = _places(stops)
    seats = [(place[0].lat, place[0].lon) for place in places]
    lats, lons = zip(*seats, strict=True)
    chart.fit_bounds([(min(lats), min(lons)), (max(lats), max(lons))], padding=(36, 36), max_zoom=12)
    folium.map.CustomPane(_OUTLINES_PANE, z_index=150).add_to(chart)
    _shape(outlines.departments(seats), "contour", pane=_OUTLINES_PANE, attribution=outlines.ATTRIBUTION).add_to(chart)
    for town in landmarks(seats, _TOWNS):
        _TownName(town).add_to(chart)
    ground = folium.TileLayer(tiles.address, attr=tiles.attribution(translate), max_zoom=18, min_zoom=5)
    ground.add_to(chart)
    lines = [
        _shape({"type": "LineString", "coordinates": points}, f"fil fil-{style}") for style, points in _lines(stops)
    ]
    for line in lines:
        line.add_to(chart)
    bunches = MarkerCluster(  # type: ignore[no-untyped-call] # folium's
        icon_create_function="guinguetteBunch",
        max_cluster_radius=_BUNCH_PIXELS,
        show_coverage_on_hover=False,
        remove_outside_visible_bounds=False,  # a line may lead out of sight
    )
    bunches.add_to(chart)
    for place in places:
        _Lantern(place, texts["step"]).add_to(bunches)
    document.layers(ground=ground.get_name(), bunches=bunches.get_name(), lines=[line.get_name() for line in lines])
    html: str = document.render()
    return html


def _places(stops: Sequence[MapStop]) -> list[list[MapStop]]:
    by_number = sorted(stops, key=lambda s: s.number)  # a stable sort: the order given stays within a place
    return [list(group) for _, group in groupby(by_number, key=lambda s: s.number)]


def _lines(stops: Sequence[MapStop]) -> list[tuple[int, list[list[float]]]]:
    """Return the lines, each with the number of its style, as lists of [longitude, latitude] of the places' markers.

    What is called off is not on the way.
    """
    seats = {place[0].number: [place[0].lon, place[0].lat] for place in _places(stops)}
    lines: dict[str, list[list[float]]] = {}
    for stop in stops:
        if stop.line and stop.mark not in ("ann", "rep"):
            lines.setdefault(stop.line, []).append(seats[stop.number])
    return [(n % LINE_STYLES, points) for n, points in enumerate(lines.values()) if len(points) > 1]


def _shape(data: dict[str, Any], css_class: str, **options: Any) -> folium.GeoJson:
    return folium.GeoJson(data, class_name=css_class, interactive=False, **options)


class _Script(MacroElement):
    """Something that folium does not have, as the script that makes it."""

    def literal(self, value: Any) -> str:
        """Return a JSON value in JavaScript that can be read as a template and comes out as it was.

        branca takes what a macro wrote for a template again: a village called "{{ … }}" would be run on our server.
        """
        return re.sub(r"{(?=[{%#])", r"\\u007b", htmlsafe_json_dumps(value))


class _TownName(_Script):
    """A town's name, for the eyes alone: the villages are named in their markers."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        guinguetteTown({{ this._parent.get_name() }}, {{ this.pane | tojson }}, {{ this.location | tojson }},
            {{ this.literal(this.town) }});
        {% endmacro %}
        """
    )

    def __init__(self, town: Town) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's
        self._name = "TownName"
        self.pane, self.location, self.town = _OUTLINES_PANE, [town.lat, town.lon], town.name


class _Lantern(_Script):
    """A place's marker and its popup. folium's own popup needs jQuery, and its marker loads an icon it then drops."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        L.marker({{ this.location | tojson }}, {
            icon: L.divIcon({{ this.literal(this.icon) }}), riseOnHover: true, number: {{ this.number | tojson }},
            name: {{ this.literal(this.label) }},
        }).bindPopup({{ this.literal(this.popup) }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, place: Sequence[MapStop], step_word: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's
        self._name = "Lantern"
        self.location = [place[0].lat, place[0].lon]
        self.number, self.label = place[0].number, place[0].label
        html = _templates.get_template("lantern.html").render(stops=place, first=place[0], step_word=step_word)
        self.icon = {"html": html, "className": "lanterne", "iconSize": [50, 50], "popupAnchor": [0, -20]}
        self.popup = _templates.get_template("popup.html").render(stops=place, first=place[0])


class _Document(Figure):
    """The page around folium's script."""

    def __init__(self, **values: Any) -> None:
        super().__init__()
        self._values = values

    def layers(self, **names: Any) -> None:
        """Tell map.js the names of the layers it has to do with."""
        self._values["layers"] = names

    def render(self, **kwargs: Any) -> str:
        for child in list(self._children.values()):
            child.render(**kwargs)
        script = self.script.render(**kwargs)
        return _templates.get_template("document.html").render(script=script, **self._values)


_TEXTS = {
    "zoom_in": N_("Agrandir la carte"),
    "zoom_out": N_("Réduire la carte"),
    "close": N_("Fermer"),
    "step": N_("Étape"),
    "no_script": N_("La carte a besoin de JavaScript. La liste dit les mêmes dates sans lui."),
    "bunch": N_("{count} villages : {names}"),
}
_templates = Environment(
    loader=FileSystemLoader(TEMPLATES / "map"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
