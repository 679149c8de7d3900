"""The rules of real life: what is in force, since when, after which source."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.services import rule_changes
from guinguette.web.edge import edge
from guinguette.web.forms.rules import RuleForm
from guinguette.web.organiser import blueprint
from guinguette.web.saving import saved


@blueprint.get("/regles")
def list_rules() -> str:
    """List every rule with its values."""
    day = today(edge().clock)
    return render_template("organisation/regles.html", rules=rule_changes.listing(db.session, day), day=day)


@blueprint.route("/regles/<key>", methods=["GET", "POST"])
def rule(key: str) -> Response | str:
    """Give a rule a new value from a day on."""
    day = today(edge().clock)
    shown = rule_changes.find(db.session, key, day)
    form = RuleForm.of(shown)
    if saved(form, lambda: rule_changes.record(db.session, key, form.command())):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.list_rules"))
    return render_template("organisation/regle.html", form=form, rule=shown, day=day)
