"""The first page of a host: what there is to do for their village."""

from flask import render_template

from guinguette.web.host import blueprint, host


@blueprint.get("/")
def home() -> str:
    """Greet the host and say what is awaited from them."""
    return render_template("comite/accueil.html", host=host())
