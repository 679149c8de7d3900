"""Where a pitch or a hall is: by its address, by a tap on the map, or at the centre of the village.

The buttons of the position send the whole form, so that nothing typed is lost, and save nothing.
"""

from dataclasses import dataclass

from flask import Response, jsonify, make_response, request
from flask_babel import gettext

from guinguette.adapters.ports import Candidate, GeocodingError
from guinguette.domain.errors import N_, InvalidInput
from guinguette.extensions import db
from guinguette.models import Commune
from guinguette.publishing import outlines
from guinguette.publishing.tiles import TILES
from guinguette.services import communes
from guinguette.web.edge import edge
from guinguette.web.forms.sites import HallForm
from guinguette.web.organiser import blueprint
from guinguette.web.security import POLICY

_SURE, _LIKELY = 0.8, 0.55
_KINDS = {
    "housenumber": N_("au numéro"),
    "street": N_("la rue entière"),
    "locality": N_("le lieu-dit"),
    "municipality": N_("le village, sans plus de précision"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place to choose: its words, and the degrees that its button sends."""

    label: str
    said: str
    value: str


@dataclass(frozen=True, slots=True)
class Placing:
    """What a button of the position has brought: places to choose from, or a sentence."""

    places: tuple[Place, ...] = ()
    news: str = ""
    trouble: str = ""


def placing(form: HallForm, commune: Commune) -> Placing | None:
    """Do what a button of the position asks; null where none was pressed. The form is shown again, nothing is saved."""
    if request.method != "POST":
        return None
    if "placer" in request.form:
        return _take(form, request.form["placer"])
    return _search(form, commune) if "chercher" in request.form else None


def _take(form: HallForm, degrees: str) -> Placing:
    try:
        lat, lon = (float(part) for part in degrees.split(";"))
    except ValueError:
        return Placing(trouble=gettext("Cette position ne se lit pas : écrivez-la, ou touchez la carte."))
    for field, value in ((form.lat, lat), (form.lon, lon)):
        field.data, field.raw_data = value, None
    return Placing(news=gettext("La position est prise. Enregistrez pour la garder."))


def _search(form: HallForm, commune: Commune) -> Placing:
    typed = " ".join((form.address.data or "").split())
    if not typed:
        form.refuse(InvalidInput(N_("Écrivez une adresse, puis cherchez-la."), field="address"))
        return Placing()
    # where it is, and nothing else: neither the place's name nor anybody's
    asked, insee = f"{typed}, {commune.postcodes[:5]} {commune.name}".replace(" ,", ","), commune.insee
    db.session.rollback()  # no transaction is open while somebody else's server is waited for
    try:
        found = edge().geocoder.search(asked)
    except GeocodingError:
        return Placing(
            trouble=gettext(
                "La recherche d’adresses ne répond pas. Rien n’est perdu : touchez la carte, écrivez la latitude et la "
                "longitude, ou réessayez plus tard."
            )
        )
    if not found:
        return Placing(trouble=gettext("Aucune adresse ne répond à « %(text)s » : touchez la carte.", text=typed))
    here_first = sorted(found, key=lambda each: each.insee != insee)
    return Placing(places=tuple(_place(each, insee) for each in here_first))


def _place(found: Candidate, insee: str) -> Place:
    sure = (
        gettext("presque sûr")
        if found.score >= _SURE
        else gettext("probable")
        if found.score >= _LIKELY
        else gettext("à vérifier")
    )
    said = [sure, *([gettext(_KINDS[found.kind])] if found.kind in _KINDS else [])]
    if found.insee and found.insee != insee:
        said.append(gettext("dans une autre commune"))
    return Place(found.label, ", ".join(said), f"{found.lat};{found.lon}")


def with_map(page: str) -> Response:
    """Return a page that shows a map: its policy lets the tiles through, and nothing else more."""
    response = make_response(page)
    server = TILES[edge().settings.tiles].server
    response.headers["Content-Security-Policy"] = POLICY.replace("img-src 'self'", f"img-src 'self' {server}")
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"  # tile servers ask who shows their tiles
    return response


def tiles() -> dict[str, str]:
    """Return where a page's map takes its tiles from, and whom it names."""
    chosen = TILES[edge().settings.tiles]
    return {
        "address": chosen.address,
        "attribution": chosen.attribution(gettext),
        "outlines": outlines.ATTRIBUTION,
    }


@blueprint.get("/communes/<insee>/contour.json")
def outline(insee: str) -> Response:
    """Give the outline of the commune's department, which a map shows where there are no tiles."""
    return outline_of(communes.get(db.session, insee))


def outline_of(commune: Commune) -> Response:
    """Answer with the outline of a commune's department."""
    points = [] if commune.lat is None or commune.lon is None else [(commune.lat, commune.lon)]
    response = jsonify(outlines.departments(points))
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
