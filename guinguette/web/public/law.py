"""What the law asks every site to say."""

from flask import render_template

from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.public import blueprint


@blueprint.get("/mentions-legales")
@kept.page()
def legal() -> str:
    """Say who publishes the site."""
    return render_template("public/legal.html", tiles=edge().settings.tiles)


@blueprint.get("/confidentialite")
@kept.page()
def privacy() -> str:
    """Say what is kept of whom, and for how long."""
    return render_template("public/privacy.html", sms=edge().settings.sms, tiles=edge().settings.tiles)


@blueprint.get("/accessibilite")
@kept.page()
def accessibility() -> str:
    """Say how accessible the site is."""
    return render_template("public/accessibility.html")
