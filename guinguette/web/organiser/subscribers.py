"""One subscriber at a time, found by number or e-mail: what they agreed to, STOP, their file, erasing them.

Addresses travel in forms alone, never in an address that a proxy writes into its log.
"""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from guinguette.domain.errors import InvalidInput
from guinguette.extensions import db
from guinguette.services import opting_out, own_data
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.own_data import EraseForm
from guinguette.web.forms.paper_lists import FindForm
from guinguette.web.organiser import blueprint
from guinguette.web.own_data import as_file


@blueprint.get("/abonnes")
def subscribers() -> str:
    """Say how many there are, and ask whom to look up."""
    return _page(FindForm(formdata=None))


@blueprint.post("/abonnes")
def find_subscriber() -> ResponseReturnValue:
    """Look a number or an e-mail up."""
    form = FindForm()
    typed = form.address.data or ""
    try:
        found, opposition = own_data.find(db.session, typed, edge().vault)
    except InvalidInput as error:
        form.address.errors = [sentence(error)]
        return _page(form), 400
    if found is not None:
        return redirect(url_for("organiser.subscriber", subscriber_id=found.id))
    return render_template(
        "organisation/abonne_inconnu.html",
        form=FindForm(formdata=None, address=typed),
        address=own_data.masked_address(typed),
        opposition=opposition,
    )


@blueprint.post("/abonnes/stop")
def stop_address() -> ResponseReturnValue:
    """Stop every message to an address that is on no list here (a host's, say), or not yet."""
    typed = FindForm().address.data or ""
    own_data.oppose(db.session, typed, clock=edge().clock, vault=edge().vault)
    db.session.commit()
    flash(gettext("C’est arrêté : rien ne part plus vers %(address)s.", address=own_data.masked_address(typed)))
    return redirect(url_for("organiser.subscribers"))


@blueprint.get("/abonnes/<int:subscriber_id>")
def subscriber(subscriber_id: int) -> str:
    """Show what is kept about somebody, addresses masked."""
    return _shown(subscriber_id, EraseForm(formdata=None))


@blueprint.post("/abonnes/<int:subscriber_id>/stop")
def stop_subscriber(subscriber_id: int) -> ResponseReturnValue:
    """Stop everything, at once, because they asked for it."""
    row = own_data.get(db.session, subscriber_id)
    opting_out.oppose(db.session, row, said_by="organiser", clock=edge().clock, vault=edge().vault)
    db.session.commit()
    flash(gettext("C’est arrêté : rien ne part plus vers cette personne."))
    return redirect(url_for("organiser.subscriber", subscriber_id=subscriber_id))


@blueprint.get("/abonnes/<int:subscriber_id>.json")
def subscriber_file(subscriber_id: int) -> Response:
    """Give all that is kept about somebody, in clear, to be handed to them."""
    return as_file(own_data.get(db.session, subscriber_id))


@blueprint.post("/abonnes/<int:subscriber_id>/effacer")
def erase_subscriber(subscriber_id: int) -> ResponseReturnValue:
    """Erase somebody who asked for it."""
    form = EraseForm()
    if not form.validate():
        return _shown(subscriber_id, form), 400
    own_data.erase(db.session, own_data.get(db.session, subscriber_id))
    db.session.commit()
    flash(gettext("C’est effacé."))
    return redirect(url_for("organiser.subscribers"))


def _page(form: FindForm) -> str:
    return render_template("organisation/abonnes.html", form=form, counts=own_data.counts(db.session))


def _shown(subscriber_id: int, form: EraseForm) -> str:
    row = own_data.get(db.session, subscriber_id)
    return render_template("organisation/abonne.html", kept=own_data.kept(db.session, row, edge().vault), form=form)
