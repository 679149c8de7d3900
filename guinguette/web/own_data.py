"""« Mes données »: whoever proves an address by its code sees, takes away, changes or erases what is kept about it."""

import datetime as dt
import json

from flask import Blueprint, Response, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from guinguette.adapters.phone_numbers import masked, mobile
from guinguette.domain import email_addresses
from guinguette.domain.errors import InvalidInput
from guinguette.extensions import db, limiter
from guinguette.models import Subscriber
from guinguette.services import opting_out, own_data
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.own_data import AskForm, ChoicesForm, EraseForm, ProveForm
from guinguette.web.language import page_language, public_url
from guinguette.web.subscribers import TRIES

blueprint = Blueprint("own_data", __name__)

#: Long enough to read it all; short enough for a telephone that is handed on.
_OPEN = dt.timedelta(minutes=30)
_KEY = "own_data"


@blueprint.after_request
def _keep_nowhere(response: Response) -> Response:
    """Leave nothing of anybody in a cache: the next person at this machine presses Back."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/abonnement/mes-donnees")
def ask() -> str:
    """Show what we keep about whoever has just proved a number; else ask for the number."""
    subscriber = _opened()
    if subscriber is None:
        return _asking(AskForm(formdata=None))
    return _page(subscriber, EraseForm(formdata=None))


@blueprint.get("/abonnement/mes-donnees/code")
@blueprint.get("/abonnement/mes-donnees/choix")
@blueprint.get("/abonnement/mes-donnees/effacer")
def back() -> ResponseReturnValue:
    """Lead whoever reloads, or changes the language, to the page."""
    return redirect(public_url("own_data.ask"))


@blueprint.post("/abonnement/mes-donnees")
@limiter.limit(TRIES)
def send() -> ResponseReturnValue:
    """Send a code to a number or an e-mail address that we know, and ask for it either way."""
    form = AskForm()
    tools = edge()
    clock, vault, locale = tools.clock, tools.vault, page_language()
    by_email, public = tools.settings.sends_email and "email" in request.form, tools.settings.public_url
    try:
        if by_email:
            to = own_data.send_email_code(
                db.session, form.email.data or "", locale=locale, clock=clock, vault=vault, public_url=public
            )
        else:
            to = own_data.send_code(db.session, form.phone.data or "", locale=locale, clock=clock, vault=vault)
    except InvalidInput as error:
        form[error.field or "phone"].errors = [sentence(error)]
        return _asking(form), 400
    db.session.commit()
    tools.jobs.send_due()
    return _proving(ProveForm(formdata=None, **{"email" if by_email else "phone": to}))


@blueprint.post("/abonnement/mes-donnees/code")
@limiter.limit(TRIES)
def prove() -> ResponseReturnValue:
    """Open the page, if the code is right."""
    form = ProveForm()
    code, tools = form.code.data or "", edge()
    try:
        if form.email.data:
            found = own_data.prove_email(db.session, form.email.data, code, clock=tools.clock, vault=tools.vault)
        else:
            form.phone.data = mobile(form.phone.data or "")
            found = own_data.prove(db.session, form.phone.data, code, clock=tools.clock, vault=tools.vault)
    except InvalidInput:  # the address is the form's own: whoever changed it begins again
        return back()
    db.session.commit()
    if found is None:
        form.code.errors = [gettext("Ce code n’est pas le bon, ou il n’est plus valable.")]
        return _proving(form), 400
    session[_KEY] = [found.stop_token_hash, (tools.clock.now() + _OPEN).timestamp()]
    return back()


@blueprint.get("/abonnement/mes-donnees.json")
def download() -> ResponseReturnValue:
    """Give all that we keep as a file."""
    subscriber = _opened()
    if subscriber is None:
        return back()
    return as_file(subscriber)


@blueprint.post("/abonnement/mes-donnees/choix")
def choose() -> ResponseReturnValue:
    """Change what one hears of."""
    subscriber = _opened()
    if subscriber is not None:
        own_data.change(db.session, subscriber, ChoicesForm.ticked(), locale=page_language(), clock=edge().clock)
        db.session.commit()
        flash(gettext("C’est enregistré."), "ok")
    return back()


@blueprint.post("/abonnement/mes-donnees/effacer")
def erase() -> ResponseReturnValue:
    """Erase everything, once the box is ticked."""
    subscriber = _opened()
    if subscriber is None:
        return back()
    form = EraseForm()
    if not form.validate():
        return _page(subscriber, form), 400
    said_stop = subscriber.opted_out_at is not None
    own_data.erase(db.session, subscriber)
    db.session.commit()
    session.pop(_KEY, None)
    if said_stop:
        text = gettext("C’est effacé. Il ne reste que l’empreinte de votre STOP, pour ne plus jamais vous écrire.")
    else:
        text = gettext("C’est effacé. Nous n’avons plus rien sur vous.")
    flash(text, "ok")
    return redirect(public_url("subscribers.page"))


@blueprint.post("/abonnement/mes-donnees/fermer")
def close() -> ResponseReturnValue:
    """Close the page on a telephone that others use too."""
    session.pop(_KEY, None)
    return redirect(public_url("public.home"))


def as_file(subscriber: Subscriber) -> Response:
    """Return all that is kept about somebody as a JSON file."""
    text = json.dumps(own_data.exported(db.session, subscriber, edge().vault), ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": "attachment; filename=guinguette-mes-donnees.json", "Cache-Control": "no-store"}
    return Response(text, mimetype="application/json", headers=headers)


def _opened() -> Subscriber | None:
    """Return whose page is open in this browser, null where it is not, or no longer."""
    token_hash, until = session.get(_KEY) or ("", 0.0)
    if until <= edge().clock.now().timestamp():
        return None
    return own_data.by_token_hash(db.session, token_hash)


def _asking(form: AskForm) -> str:
    return render_template("mes_donnees_numero.html", form=form, settings=edge().settings)


def _proving(form: ProveForm) -> str:
    email = email_addresses.masked(form.email.data or "")
    return render_template(
        "mes_donnees_code.html", form=form, email=email, number="" if email else masked(form.phone.data or "")
    )


def _page(subscriber: Subscriber, form: EraseForm) -> str:
    return render_template(
        "mes_donnees.html",
        kept=own_data.kept(db.session, subscriber, edge().vault),
        choices=ChoicesForm(formdata=None),
        form=form,
        stop=opting_out.token_for(edge().vault, subscriber),
    )
