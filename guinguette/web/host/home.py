"""The first page of a host: what there is to do for their village."""

from collections.abc import Mapping

from flask import render_template
from flask_babel import gettext

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.services import evening_queries, host_home, hosts
from guinguette.web.edge import edge
from guinguette.web.errors import in_words
from guinguette.web.host import blueprint, host


@blueprint.get("/")
def home() -> str:
    """Greet the host, say what is awaited from them, and which evenings come."""
    here, clock = host(), edge().clock
    insee = here.commune.insee
    return render_template(
        "comite/accueil.html",
        host=here,
        said=_said,
        todos=host_home.todos(db.session, here.commune, clock),
        evenings=evening_queries.coming_to(db.session, insee, today(clock)),
        day=today(clock),
        people=hosts.who_answer(db.session, insee),
    )


def _said(text: str, values: Mapping[str, object]) -> str:
    """Return a text of a ``Todo`` in the page's language, its dates in words."""
    return str(gettext(text)).format(**{name: in_words(value) for name, value in values.items()})
