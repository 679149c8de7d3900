"""The map's document, as text: what it loads, what it says, what it must not contain."""

import json
import re

import html5lib
import pytest

from guinguette.publishing.map import MapStop, render_map
from guinguette.publishing.tiles import TILES


def stop(**values: object) -> MapStop:
    """A stop at Éclaron."""
    defaults: dict[str, object] = {
        "lat": 48.57,
        "lon": 4.84,
        "label": "Éclaron",
        "when": "samedi 19 juin",
        "state": "Confirmée",
        "url": "/soirees/eclaron1",
        "number": 1,
    }
    return MapStop(**(defaults | values))  # type: ignore[arg-type]


def render(*stops: MapStop, tiles: str = "ign") -> str:
    """The document of these stops."""
    return render_map(
        stops,
        title="Carte",
        nonce="n0nce",
        tiles=TILES[tiles],
        asset=lambda path: f"/static/{path}",
        translate=str,
        locale="fr",
    )


def test_every_script_and_style_is_ours_and_carries_the_nonce() -> None:
    """No other server but the tiles', no inline style: the policy of the document could refuse everything else."""
    html = render(stop())
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    loaded = [e for e in tree.iter() if e.tag in ("script", "link", "style", "img", "iframe")]
    assert {e.get("nonce") for e in loaded} == {"n0nce"}
    assert [e.get("src") or e.get("href") for e in loaded] == [
        "/static/vendor/leaflet/leaflet.css",
        "/static/vendor/leaflet/MarkerCluster.css",
        "/static/css/tokens.css",
        "/static/css/map.css",
        "/static/vendor/leaflet/leaflet.js",
        "/static/vendor/leaflet/leaflet.markercluster.js",
        "/static/js/map.js",
        None,
    ]
    assert set(re.findall(r"https?://([^/\"]+)", html)) == {"data.geopf.fr"}
    assert "style=" not in html
    assert "<style" not in html


def test_people_can_zoom_and_the_page_has_a_language() -> None:
    """folium's own header forbids zooming and names no language."""
    html = render(stop())
    assert "user-scalable" not in html
    assert "maximum-scale" not in html
    assert '<html lang="fr" class="polices">' in html


@pytest.mark.parametrize("name", ["{{ 7 * 7 }}", "{% raw %}", "{# away", "{{{ cycler }}}", "a { b } % #"])
def test_a_name_is_not_run_as_a_template(name: str) -> None:
    """branca renders its script twice: a name is data both times."""
    script = render(stop(label=name)).split("L.marker(")[1]
    literals = re.findall(r'"(?:[^"\\]|\\.)*"', script)
    assert any(name in str(json.loads(literal)) for literal in literals)


def test_a_name_cannot_break_out() -> None:
    """Names are written by people: they are text in the marker, in the popup and in the script."""
    html = render(stop(label="</script><img src=x onerror=alert(1)>`${1}`", state="<b>"))
    assert html.count("</script>") == 4
    assert "<img" not in html
    assert "onerror=alert(1)\\u0026gt;" in html  # escaped for HTML, then for the script


@pytest.mark.parametrize(
    ("mark", "shape"), [("ok", "c"), ("dep", "b"), ("att", "stroke-dasharray"), ("ann", "a"), ("rep", "b")]
)
def test_the_shape_says_the_state(mark: str, shape: str) -> None:
    """Caps, roof, dashes, bar, arrow: a state never shows by its colour alone, and its word is read aloud."""
    html = render(stop(mark=mark, state="Le mot"))
    assert f"{shape}=" in html if shape == "stroke-dasharray" else f'class=\\"{shape}\\"' in html
    assert "\\u00c9tape 1, \\u00c9claron, samedi 19 juin, Le mot" in html


def test_a_village_visited_twice_has_one_marker() -> None:
    """Two markers on one spot would hide each other: one shows the first evening, its popup lists both."""
    html = render(stop(), stop(when="vendredi 2 juillet", url="/soirees/eclaron2"), stop(number=2, label="Perthes"))
    assert html.count("L.marker(") == 2
    assert "/soirees/eclaron1" in html
    assert "/soirees/eclaron2" in html


def test_the_lantern_shows_the_date() -> None:
    """Day over month, and how many evenings more the village has; without a date, the number, read aloud as a step."""
    dated = {"day": "19", "month": "juin"}
    html = render(stop(**dated), stop(when="vendredi 2 juillet", day="2", month="juil."))
    assert "\\u003e19\\u003c/text" in html
    assert "\\u003ejuin\\u003c/text" in html
    assert "\\u003e+1\\u003c/text" in html
    assert "juil.\\u003c" not in html
    assert "\\u00c9tape 1" not in html
    assert "\\u003e7\\u003c/text" in render(stop(number=7))


def test_the_line_leads_from_marker_to_marker() -> None:
    """A village whose second evening is on another pitch has one marker, and the line goes there."""
    html = render(stop(line="a"), stop(line="a", number=2, lat=48.2), stop(line="a", lat=48.58))
    assert "[[4.84, 48.57], [4.84, 48.2], [4.84, 48.57]]" in html


def test_several_vehicles_have_lines_of_their_own_style() -> None:
    """Told apart by their dashes; the fifth takes the first's."""
    vans = [stop(line=f"van-{n % 5}", number=n, lat=48 + n / 10) for n in range(10)]
    html = render(*vans)
    assert re.findall(r'"className": "fil fil-(\d)"', html) == ["0", "1", "2", "3", "0"]


def test_the_biggest_towns_are_named_under_the_tiles() -> None:
    """Without tiles people find their way by Saint-Dizier; no name stands under a lantern."""
    html = render(stop(), stop(number=2, lat=48.9, lon=5.1))
    assert '"Saint-Dizier"' in html
    assert html.count("guinguetteTown(") <= 10
    assert '"Saint-Dizier"' not in render(stop(lat=48.64, lon=4.95), stop(number=2, lat=48.9, lon=5.1))


def test_tiles_may_be_openstreetmaps() -> None:
    """Another server, and the attribution that its licence asks for, with its link."""
    html = render(stop(), tiles="osm")
    assert set(re.findall(r"https?://([^/\"]+)", html)) == {"tile.openstreetmap.org", "www.openstreetmap.org"}
    assert "les contributeurs d\\u2019OpenStreetMap" in html
    assert "Plan \\u00a9 IGN" not in html


def test_lines_join_what_takes_place_in_the_order_given() -> None:
    """One line a vehicle; what is called off is not on the way."""
    html = render(
        stop(line="a", lat=48.1),
        stop(line="b", lat=48.2, number=2),
        stop(line="a", lat=48.3, number=3, mark="ann"),
        stop(line="a", lat=48.4, number=4),
    )
    assert '{"coordinates": [[4.84, 48.1], [4.84, 48.4]], "type": "LineString"}' in html
    assert html.count("LineString") == 1


def test_the_outlines_lie_under_the_tiles() -> None:
    """Without tiles the map still says where it is; IGN is named for both."""
    html = render(stop())
    assert '"code": "52"' in html
    assert '"code": "51"' not in html
    assert "Contours \\u00a9 IGN" in html
    assert "Plan \\u00a9 IGN" in html


def test_no_stop_is_refused() -> None:
    """There is nothing to put bounds around."""
    with pytest.raises(ValueError, match="needs a stop"):
        render()
