"""The villagers' pages: the next evening, a tour, a village, an evening, and what the law asks to be said."""

from flask import Blueprint, render_template

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.services import published
from guinguette.web.edge import edge

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
def home() -> str:
    """Show the next evening as the night poster, then the programme."""
    evenings = published.upcoming(published.latest(db.session), today(edge().clock))
    return render_template("public/home.html", evenings=evenings)


@blueprint.get("/tournees/<slug>")
def tour(slug: str) -> str:
    """Show all dates of a tour by month."""
    return render_template("public/tour.html", tour=published.by_slug(db.session, slug))


@blueprint.get("/communes/<insee>")
def commune(insee: str) -> str:
    """Show a village's evenings."""
    return render_template("public/commune.html", evenings=published.of_commune(published.latest(db.session), insee))


@blueprint.get("/soirees/<id>")
def evening(id: str) -> str:  # noqa: A002
    """Show one evening."""
    its_tour, found = published.evening(db.session, id)
    return render_template("public/evening.html", tour=its_tour, evening=found)


@blueprint.get("/mentions-legales")
def legal() -> str:
    """Say who publishes the site."""
    return render_template("public/legal.html")


@blueprint.get("/confidentialite")
def privacy() -> str:
    """Say what is kept of whom, and for how long."""
    return render_template("public/privacy.html")


@blueprint.get("/accessibilite")
def accessibility() -> str:
    """Say how accessible the site is."""
    return render_template("public/accessibility.html")
