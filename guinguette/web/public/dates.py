"""The dates: all those to come on one page, and those of one tour."""

from collections.abc import Iterable
from itertools import groupby

from flask import render_template, request

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import published
from guinguette.services.programme import Choice, month_of, programme
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.public import blueprint


@blueprint.get("/dates")
@kept.page("tour", "mois", "lieu")
def dates() -> str:
    """Show the dates to come of all tours by month, or those that ``?tour=``, ``?mois=`` and ``?lieu=`` leave."""
    choice = Choice(
        tour=request.args.get("tour", ""), month=request.args.get("mois", ""), place=request.args.get("lieu", "")
    )
    shown = programme(published.latest(db.session), choice, today(edge().clock))
    return render_template(
        "public/dates.html",
        choice=choice,
        programme=shown,
        months=_months(shown.evenings),
        count=sum(item.alive for item in shown.evenings),
    )


@blueprint.get("/tournees/<slug>")
@kept.page()
def tour(slug: str) -> str:
    """Show all dates of a tour by month, past ones apart."""
    found = published.by_slug(db.session, slug)
    now = today(edge().clock)
    return render_template(
        "public/tour.html",
        tour=found,
        coming=_months(item for item in found.evenings if item.date >= now),
        past=_months(item for item in found.evenings if item.date < now),
    )


def _months(evenings: Iterable[PublishedEvening]) -> list[list[PublishedEvening]]:
    return [list(items) for _, items in groupby(evenings, key=lambda item: month_of(item.date))]
