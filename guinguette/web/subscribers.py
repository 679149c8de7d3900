"""For those who want to be told: SMS, calendar or paper; the code; and STOP."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from guinguette.adapters.phone_numbers import masked, mobile
from guinguette.domain.clock import today
from guinguette.domain.errors import DomainError, InvalidInput
from guinguette.domain.scopes import Scope, parse
from guinguette.extensions import csrf, db, limiter
from guinguette.services import opting_out, scopes, subscriptions
from guinguette.web import email_subscribers
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.feeds import path_of
from guinguette.web.forms.subscribers import CodeForm, SubscribeForm
from guinguette.web.language import page_language, public_url

blueprint = Blueprint("subscribers", __name__)

#: An address that tries more than this is no villager; a village hall behind one address is not stopped.
TRIES = "10 per minute; 60 per hour"


@blueprint.get("/abonnement")
def page() -> ResponseReturnValue:
    """Show the ways to be told; ``?commune=`` or ``?scope=`` puts the likeliest choice first."""
    return _page(SubscribeForm(formdata=None), request.args.get("scope"), request.args.get("commune"))


@blueprint.get("/abonnement/sms")
@blueprint.get("/abonnement/sms/confirmer")
def back() -> ResponseReturnValue:
    """Lead whoever reloads, or changes the language, to the form."""
    return redirect(public_url("subscribers.page"))


@blueprint.post("/abonnement/sms")
@limiter.limit(TRIES)
def subscribe() -> ResponseReturnValue:
    """Keep the consent, send a code and ask for it."""
    if not edge().settings.sends_sms:
        return redirect(public_url("subscribers.page"))
    form = SubscribeForm()
    form.validate()  # an unticked box is said together with a wrong number
    try:
        number = subscriptions.request(
            db.session, form.command(page_language()), clock=edge().clock, vault=edge().vault
        )
    except InvalidInput as error:
        return _page(_refused(form, error), form.scope.data), 400
    db.session.commit()
    edge().jobs.send_due()
    return render_template("abonnement_code.html", form=CodeForm(formdata=None, phone=number), number=masked(number))


@blueprint.post("/abonnement/sms/confirmer")
@limiter.limit(TRIES)
def confirm() -> ResponseReturnValue:
    """Subscribe, if the code is right."""
    form = CodeForm()
    command = form.command(page_language())
    try:
        right = subscriptions.confirm(db.session, command, clock=edge().clock, vault=edge().vault)
    except InvalidInput:  # the number is the form's own: whoever changed it begins again
        return redirect(public_url("subscribers.page"))
    db.session.commit()
    if right:
        flash(gettext("C’est fait. Vous recevrez un SMS la veille, et un autre si la soirée change."), "ok")
        return redirect(email_subscribers.after(command.phone))
    form.code.errors = [gettext("Ce code n’est pas le bon, ou il n’est plus valable.")]
    return render_template("abonnement_code.html", form=form, number=masked(mobile(command.phone))), 400


@blueprint.get("/stop/<token>")
def stop(token: str) -> str:
    """Show the one button that ends everything. Opening it changes nothing: messengers open links by themselves."""
    opting_out.find(db.session, token, edge().vault)
    return render_template("stop.html", token=token, done=False)


@blueprint.post("/stop/<token>")
def stopped(token: str) -> str:
    """Stop at once and everywhere.

    Without a CSRF field, which needs a cookie, and without a limit, for many telephones share one address: nobody must
    be kept from stopping. The token of the link is the proof; fifty bits are not guessed.
    """
    opting_out.stop(db.session, token, clock=edge().clock, vault=edge().vault)
    db.session.commit()
    return render_template("stop.html", token=token, done=True)


csrf.exempt(stopped)


def _page(form: SubscribeForm, scope: str | None = None, insee: str | None = None) -> str:
    groups = scopes.choices(db.session, today(edge().clock), insee=insee, scope=scope)
    form.offer(groups)
    chosen = parse(groups[0].choices[0].scope) if groups else None
    return render_template(
        "abonnement.html",
        form=form,
        groups=groups,
        feed=path_of(chosen),
        scope=chosen,
        insee=_village(chosen),
        sends_sms=edge().settings.sends_sms,
        sends_email=edge().settings.sends_email,
    )


def _village(scope: Scope | None) -> str | None:
    return scope.target if scope and scope.kind in ("commune", "near") else None


def _refused(form: SubscribeForm, error: DomainError) -> SubscribeForm:
    db.session.rollback()
    form[error.field or "phone"].errors = [sentence(error)]
    return form
