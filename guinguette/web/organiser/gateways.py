"""A person's hand on the ways out: nothing more leaves, it leaves again, more may leave today."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.extensions import db
from guinguette.services import gateways
from guinguette.web.edge import edge
from guinguette.web.forms.gateways import PauseForm, RaiseForm
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor
from guinguette.web.saving import saved

_CHANNEL = "<any(sms, email):channel>"


@blueprint.route(f"/messages/{_CHANNEL}/suspendre", methods=["GET", "POST"])
def pause_channel(channel: str) -> Response | str:
    """Ask why, then let nothing more leave by this way."""
    form, clock = PauseForm(), edge().clock
    if saved(
        form,
        lambda: gateways.pause(db.session, channel, by=actor(), reason=form.reason.data or "", clock=clock),
    ):
        flash(gettext("C’est suspendu. Ce qui est dû attend, et part dès que vous reprenez."))
        return redirect(url_for("organiser.list_messages"))
    status = gateways.status(db.session, channel, clock)
    return render_template("organisation/messages_suspendre.html", form=form, status=status)


@blueprint.post(f"/messages/{_CHANNEL}/reprendre")
def resume_channel(channel: str) -> Response:
    """Let what is due leave again."""
    gateways.resume(db.session, channel)
    db.session.commit()
    edge().jobs.send_due()
    flash(gettext("Les envois reprennent. Ce qui n’est plus vrai ne part pas."), "ok")
    return redirect(url_for("organiser.list_messages"))


@blueprint.route("/messages/sms/budget", methods=["GET", "POST"])
def raise_sms_budget() -> Response | str:
    """Allow more segments today than the rule does, once somebody has seen what waits and what it costs."""
    form, clock = RaiseForm(), edge().clock
    if saved(form, lambda: gateways.raise_budget(db.session, "sms", form.segments.data or 0, clock)):
        edge().jobs.send_due()
        flash(gettext("C’est relevé pour aujourd’hui. Ce qui attend part."), "ok")
        return redirect(url_for("organiser.list_messages"))
    status = gateways.status(db.session, "sms", clock)
    return render_template("organisation/messages_budget.html", form=form, status=status)
