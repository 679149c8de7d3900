"""A village's page."""

from flask import render_template

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.models import Commune
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import published
from guinguette.services.nearby import nearest
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.public import blueprint

#: How many villages a village without an evening of its own is shown.
_NEIGHBOURS = 4


@blueprint.get("/communes/<insee>")
@kept.page()
def commune(insee: str) -> str:
    """Show a village's next date and its others, or the nearest evenings where it has none. Raises ``NotFound``."""
    village = published.commune(db.session, insee)
    now = today(edge().clock)
    tours = published.remembered(db.session, now)
    own = published.of_commune(tours, insee)
    coming = [item for item in own if item.date >= now]
    following = published.following(coming, now)
    return render_template(
        "public/commune.html",
        commune=village,
        next=following,
        others=[item for item in coming if item is not following],
        past=[item for item in own if item.date < now],
        around=[] if following else _around(village, published.all_evenings(tours)),
    )


def _around(village: Commune, evenings: list[PublishedEvening]) -> list[tuple[PublishedEvening, float]]:
    if village.lat is None or village.lon is None:
        return []
    return nearest(evenings, lat=village.lat, lon=village.lon, today=today(edge().clock), count=_NEIGHBOURS)
