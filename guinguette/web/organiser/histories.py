"""A tour's history on one page: who changed which evening, when, from what to what, and why."""

from collections.abc import Sequence

from flask import render_template, request
from sqlalchemy import select

from guinguette.extensions import db
from guinguette.models import EveningChange, FallbackVenue, Pitch
from guinguette.services import histories, tours
from guinguette.web.organiser import blueprint, history

Line = tuple[EveningChange, str, str, str]


@blueprint.get("/tournees/<slug>/historique")
def tour_history(slug: str) -> str:
    """List what has happened, the latest first, of all villages or of one (``?commune=``)."""
    tour = tours.get(db.session, slug)
    insee = request.args.get("commune", "")
    page = histories.of_tour(db.session, tour, number=request.args.get("page", 1, type=int), insee=insee)
    return render_template(
        "organisation/historique.html",
        tour=tour,
        page=page,
        insee=insee,
        communes=histories.communes_of(db.session, tour),
        history=in_words(page.lines),
    )


def in_words(lines: Sequence[EveningChange]) -> list[Line]:
    """Return each line with what it is about, and both its sides, as people say it."""
    named = {side for line in lines if line.what in ("pitch_id", "fallback_venue_id") for side in (line.old, line.new)}
    ids = [int(one) for one in named if one.isdigit()]
    pitches = list(db.session.scalars(select(Pitch).where(Pitch.id.in_(ids)))) if ids else []
    halls = list(db.session.scalars(select(FallbackVenue).where(FallbackVenue.id.in_(ids)))) if ids else []
    return [
        (
            line,
            history.what(line),
            history.value(line, line.old, pitches, halls),
            history.value(line, line.new, pitches, halls),
        )
        for line in lines
    ]
