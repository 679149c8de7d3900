"""For those who want e-mails: the form, the code or link that proves the address, the e-mail beside a number."""

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from guinguette.adapters.phone_numbers import mobile
from guinguette.domain.clock import today
from guinguette.domain.email_addresses import masked
from guinguette.domain.errors import InvalidInput, NotFound
from guinguette.extensions import db, limiter
from guinguette.services import email_subscriptions, scopes
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.email_subscribers import BackupForm, EmailCodeForm, EmailForm
from guinguette.web.language import page_language, public_url

blueprint = Blueprint("by_email", __name__)

_TRIES = "10 per minute; 60 per hour"
#: Where the session keeps which number has just been proved, and when.
_PROVED = "proved_number"


@blueprint.get("/abonnement/email")
def page() -> str:
    """Show the form; ``?commune=`` or ``?scope=`` puts the likeliest choice first."""
    return _page(EmailForm(formdata=None), request.args.get("scope"), request.args.get("commune"))


@blueprint.get("/abonnement/email/confirmer")
def back() -> ResponseReturnValue:
    """Lead whoever reloads, or changes the language, to the form."""
    return redirect(public_url("by_email.page"))


@blueprint.post("/abonnement/email")
@limiter.limit(_TRIES)
def subscribe() -> ResponseReturnValue:
    """Keep the consent, send a code and ask for it."""
    if not edge().settings.sends_email:
        return back()
    form = EmailForm()
    form.validate()  # an unticked box is said together with a wrong address
    try:
        address = email_subscriptions.request(
            db.session,
            form.command(page_language()),
            clock=edge().clock,
            vault=edge().vault,
            public_url=edge().settings.public_url,
        )
    except InvalidInput as error:
        _refuse(form, error)
        return _page(form, form.scope.data), 400
    return _ask_for_code(address)


@blueprint.post("/abonnement/email/confirmer")
@limiter.limit(_TRIES)
def confirm() -> ResponseReturnValue:
    """Do what the code was asked for, if it is right."""
    form = EmailCodeForm()
    address, code = form.email.data or "", form.code.data or ""
    try:
        right = email_subscriptions.confirm(
            db.session, email=address, code=code, locale=page_language(), clock=edge().clock, vault=edge().vault
        )
    except InvalidInput:  # the address is the form's own: whoever changed it begins again
        return back()
    db.session.commit()
    if right:
        return _done()
    form.code.errors = [gettext("Ce code n’est pas le bon, ou il n’est plus valable.")]
    return _code_page(form, address), 400


@blueprint.get("/abonnement/email/lien/<link>")
def link(link: str) -> str:
    """Show the one button that confirms. Opening it changes nothing: mail programs open links by themselves."""
    return render_template("abonnement_email_lien.html", link=link, refusal="")


@blueprint.post("/abonnement/email/lien/<link>")
@limiter.limit(_TRIES)
def use_link(link: str) -> ResponseReturnValue:
    """Do what the link was asked for."""
    try:
        email_subscriptions.confirm_link(
            db.session, link, locale=page_language(), clock=edge().clock, vault=edge().vault
        )
    except NotFound as error:
        return render_template("abonnement_email_lien.html", link=link, refusal=sentence(error)), 410
    db.session.commit()
    return _done()


@blueprint.get("/abonnement/email/secours")
def backup() -> ResponseReturnValue:
    """Offer an e-mail beside the number whose code has just been typed."""
    if _PROVED not in session:
        return back()
    return render_template("abonnement_secours.html", form=BackupForm(formdata=None))


@blueprint.post("/abonnement/email/secours")
@limiter.limit(_TRIES)
def add_backup() -> ResponseReturnValue:
    """Keep the consent to an e-mail beside a number, send a code and ask for it."""
    phone_hash, proved_at = session.get(_PROVED, ("", "1970-01-01T00:00+00:00"))
    form = BackupForm()
    form.validate()
    command = form.command(page_language(), phone_hash=phone_hash, proved_at=dt.datetime.fromisoformat(proved_at))
    try:
        address = email_subscriptions.request_backup(
            db.session, command, clock=edge().clock, vault=edge().vault, public_url=edge().settings.public_url
        )
    except InvalidInput as error:
        _refuse(form, error)
        return render_template("abonnement_secours.html", form=form), 400
    except NotFound as error:
        flash(sentence(error), "stop")
        return redirect(public_url("subscribers.page"))
    return _ask_for_code(address)


def after(phone: str) -> str:
    """Return where somebody goes on who has just proved the number ``phone``: to the offer of an e-mail beside it."""
    if not edge().settings.sends_email:
        return public_url("subscribers.page")
    session[_PROVED] = (edge().vault.fingerprint(mobile(phone)), edge().clock.now().isoformat())
    return public_url("by_email.backup")


def _ask_for_code(address: str) -> str:
    db.session.commit()
    edge().jobs.send_due()
    return _code_page(EmailCodeForm(formdata=None, email=address), address)


def _code_page(form: EmailCodeForm, address: str) -> str:
    again = public_url("by_email.backup" if _PROVED in session else "by_email.page")
    return render_template("abonnement_email_code.html", form=form, address=masked(address), again=again)


def _done() -> ResponseReturnValue:
    session.pop(_PROVED, None)
    flash(gettext("C’est fait : votre adresse est confirmée. Au bas de chaque e-mail, un lien arrête tout."), "ok")
    return redirect(public_url("public.home"))


def _page(form: EmailForm, scope: str | None = None, insee: str | None = None) -> str:
    groups = scopes.choices(db.session, today(edge().clock), insee=insee, scope=scope)
    form.offer(groups)
    return render_template("abonnement_email.html", form=form, groups=groups, sends_email=edge().settings.sends_email)


def _refuse(form: EmailForm | BackupForm, error: InvalidInput) -> None:
    db.session.rollback()
    form[error.field or "email"].errors = [sentence(error)]
