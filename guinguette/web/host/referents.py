"""Who answers for a village: their own card, a colleague more, a successor; and the journal of what was done."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.adapters.phone_numbers import masked, spaced
from guinguette.domain import email_addresses
from guinguette.extensions import db
from guinguette.models import Contact
from guinguette.services import hosts, journal, referents
from guinguette.web.edge import edge
from guinguette.web.forms.host import ReferentForm
from guinguette.web.host import blueprint, host
from guinguette.web.saving import saved


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the templates ``reached_at(contact)``: what may be shown of a number and an address."""
    return {"reached_at": _reached_at, "ways": journal.WAYS, "what": journal.WHAT}


def _reached_at(contact: Contact) -> list[str]:
    number = edge().vault.decrypt(contact.phone_encrypted or "")
    return [each for each in (masked(number) if number else "", email_addresses.masked(contact.email)) if each]


@blueprint.get("/referents")
def people() -> str:
    """List who answers for the village."""
    here = host()
    known = hosts.who_answer(db.session, here.commune.insee)
    return render_template("comite/referents.html", host=here, people=known)


@blueprint.route("/referents/moi", methods=["GET", "POST"])
def own_card() -> Response | str:
    """Correct one's own name, number or e-mail; where an address is replaced, this link is over."""
    here, tools = host(), _tools()
    form = ReferentForm.of(here.contact, name=here.contact.name, role=here.contact.role)
    sent: list[str | None] = []
    if not saved(
        form,
        lambda: sent.append(referents.correct(db.session, here.contact, form.command(), form.seen_version, **tools)),
    ):
        return render_template("comite/referent_moi.html", host=here, form=form)
    if sent[0] is None:
        flash(gettext("C’est enregistré."), "ok")
        return redirect(url_for("host.people"))
    edge().jobs.send_due()
    return _over(gettext("C’est enregistré"), _new_link(here.contact, sent[0]))


@blueprint.route("/referents/ajouter", methods=["GET", "POST"])
def add_person() -> Response | str:
    """Add a colleague, who gets a link of their own."""
    here, tools, form = host(), _tools(), ReferentForm()
    added: list[tuple[Contact, str]] = []
    if saved(form, lambda: added.append(referents.add(db.session, here.contact, form.command(), **tools))):
        edge().jobs.send_due()
        flash(_told(*added[0]), "ok")
        return redirect(url_for("host.people"))
    return render_template("comite/referent_ajouter.html", host=here, form=form)


@blueprint.route("/referents/passer-la-main", methods=["GET", "POST"])
def hand_over() -> Response | str:
    """Put a successor in one's place: this link is over."""
    here, tools = host(), _tools()
    form = ReferentForm.of(here.contact, role=here.contact.role)
    followed: list[tuple[Contact, str]] = []
    if saved(
        form,
        lambda: followed.append(
            referents.hand_over(db.session, here.contact, form.command(), form.seen_version, **tools)
        ),
    ):
        edge().jobs.send_due()
        return _over(gettext("La main est passée"), _told(*followed[0]))
    return render_template("comite/referent_suite.html", host=here, form=form)


def _tools() -> dict[str, Any]:
    """Return who acts, and with what."""
    return {"by": host().by(), "vault": edge().vault, "public_url": edge().settings.public_url}


def _new_link(contact: Contact, channel: str) -> str:
    """Say where a fresh link is on its way to, in clear: a slip of the finger must be seen."""
    if channel == "sms":
        number = spaced(edge().vault.decrypt(contact.phone_encrypted))
        return str(gettext("Un nouveau lien part par SMS au %(number)s. Celui-ci ne s’ouvre plus.", number=number))
    if channel == "email":
        text = gettext("Un nouveau lien part par e-mail à %(email)s. Celui-ci ne s’ouvre plus.", email=contact.email)
        return str(text)
    return str(gettext("Ce lien ne s’ouvre plus, et nous ne pouvons pas vous en envoyer d’autre : appelez-nous."))


def _told(person: Contact, channel: str) -> str:
    """Say how somebody else gets a link of their own."""
    if channel == "sms":
        return str(gettext("%(name)s reçoit son lien par SMS, aux heures permises.", name=person.name))
    if channel == "email":
        return str(gettext("%(name)s reçoit son lien par e-mail, aux heures permises.", name=person.name))
    return str(gettext("%(name)s a demandé à ne rien recevoir de nous : appelez-nous.", name=person.name))


def _over(title: str, text: str) -> str:
    """Say good-bye on a page without the host's menu, which leads nowhere any more."""
    return render_template("comite/fini.html", title=title, text=text)


@blueprint.get("/journal")
def history() -> str:
    """Show who has done what for the village."""
    here = host()
    return render_template(
        "comite/journal.html", host=here, lines=journal.of_commune(db.session, here.commune.insee, most=200)
    )
