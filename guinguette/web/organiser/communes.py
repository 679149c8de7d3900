"""Any commune of France: the search, and the sheet with all that is known of one."""

from flask import render_template, request

from guinguette.extensions import db
from guinguette.services import committees, communes, participation, site_sheet, sites
from guinguette.web.edge import edge
from guinguette.web.organiser import blueprint


@blueprint.get("/communes")
def search_communes() -> str:
    """Search while typing (htmx asks for the results alone), or with the button."""
    text = request.args.get("q", "")
    results = communes.search(db.session, text)
    page = "_communes" if "HX-Request" in request.headers else "communes"
    hosts = [] if text else participation.communes_known(db.session)
    return render_template(f"organisation/{page}.html", text=text, results=results, hosts=hosts)


@blueprint.get("/communes/<insee>")
def commune(insee: str) -> str:
    """Show a commune: whom to ring, where the van parks, which tours it takes part in."""
    shown = communes.get(db.session, insee)
    return render_template(
        "organisation/commune.html",
        commune=shown,
        committees=committees.listing(db.session, commune=shown),
        pitches=sites.listing(db.session, "emplacement", commune=shown),
        halls=sites.listing(db.session, "salle", commune=shown),
        requests=participation.of_commune(db.session, shown),
        sheet=site_sheet.sheet(db.session, shown, edge().clock),
    )
