"""An evening's page, where the QR code of its poster leads."""

from flask import render_template
from flask_babel import gettext

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.publishing.event_data import event_data
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import published
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.language import FRENCH, public_url
from guinguette.web.presenting import absolute, hours, long_date
from guinguette.web.public import blueprint


@blueprint.get("/soirees/<id>")
@kept.page()
def evening(id: str) -> str:  # noqa: A002
    """Show one evening, whatever became of it."""
    its_tour, found = published.evening(db.session, id)
    later = next((each for each in its_tour.evenings if each.id == found.postponed_to), None)
    summary = _summary(found)
    return render_template(
        "public/evening.html",
        tour=its_tour,
        evening=found,
        past=found.date < today(edge().clock),
        summary=summary,
        data=event_data(
            found,
            later=later,
            url=absolute(public_url("public.evening", id=found.id)),
            home=absolute(public_url("public.home")),
            pictures=[absolute(f"{public_url('public.evening', FRENCH, id=found.id)}/{name}") for name in _PICTURES],
            summary=summary,
        ),
    )


#: The pictures of an evening, beside its French page: a wide one and a square one.
_PICTURES = ("partage.png", "affiche.png")


def _summary(found: PublishedEvening) -> str:
    return str(
        gettext(
            "La Guinguette mobile à %(commune)s, %(day)s, de %(start)s à %(end)s.",
            commune=found.commune,
            day=long_date(found.date, year=True),
            start=hours(found.starts_at),
            end=hours(found.ends_at),
        )
    )
