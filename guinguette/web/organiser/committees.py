"""Committees and the people to ring."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.adapters.phone_numbers import spaced
from guinguette.extensions import db
from guinguette.models import Committee, Contact
from guinguette.services import committees, communes, host_links
from guinguette.web.edge import edge
from guinguette.web.forms.communes import CommitteeForm, ContactForm
from guinguette.web.organiser import archives, blueprint, registry
from guinguette.web.organiser.desk import actor
from guinguette.web.saving import saved


def phone_of(contact: Contact) -> str:
    """Return a contact's number in E.164, or nothing."""
    return edge().vault.decrypt(contact.phone_encrypted)


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the templates ``phone_of(contact)`` and ``spaced(number)``; the words for kinds of committees."""
    return {"phone_of": phone_of, "spaced": spaced, "committee_kinds": committees.KINDS}


@blueprint.get("/comites")
def list_committees() -> str:
    """List the committees in use, or with ``?archives=1`` those put aside."""
    return registry.listed("comites")


@blueprint.route("/communes/<insee>/comites/nouveau", methods=["GET", "POST"])
def new_committee(insee: str) -> Response | str:
    """Add a committee to a commune."""
    commune = communes.get(db.session, insee)
    form = CommitteeForm(data={"kind": "committee", "name": gettext("Comité des fêtes")})
    made: list[Committee] = []
    if saved(form, lambda: made.append(committees.create(db.session, insee, form.command(), edge().clock))):
        flash(gettext("C’est enregistré. Qui faut-il appeler ?"))
        return redirect(url_for("organiser.new_contact", committee_id=made[0].id))
    return render_template("organisation/comite.html", form=form, commune=commune, row=None)


@blueprint.route("/comites/<int:committee_id>", methods=["GET", "POST"])
def committee(committee_id: int) -> Response | str:
    """Show and change a committee."""
    row = committees.get(db.session, committee_id)
    form = CommitteeForm.of(row)
    if saved(
        form,
        lambda: committees.edit(db.session, row, form.command(), form.seen_version, actor=actor(), clock=edge().clock),
    ):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.commune", insee=row.commune_insee))
    return render_template("organisation/comite.html", form=form, commune=row.commune, row=row)


@blueprint.route("/comites/<int:committee_id>/contacts/nouveau", methods=["GET", "POST"])
def new_contact(committee_id: int) -> Response | str:
    """Add a person to a committee."""
    host = committees.get(db.session, committee_id)
    form = ContactForm()
    if saved(form, lambda: committees.add_contact(db.session, host, form.command(), edge().vault)):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.commune", insee=host.commune_insee))
    return render_template("organisation/contact.html", form=form, committee=host, row=None)


@blueprint.route("/contacts/<int:contact_id>", methods=["GET", "POST"])
def contact(contact_id: int) -> Response | str:
    """Show and change a person."""
    row = committees.get_contact(db.session, contact_id)
    number, email = phone_of(row), row.email
    form = ContactForm.of(row, spaced(number) if number else "")
    vault = edge().vault

    def change() -> None:
        committees.edit_contact(db.session, row, form.command(), form.seen_version, vault)
        if (number and number != phone_of(row)) or (email and email != row.email):  # who has the old one has its links
            host_links.revoke_all(db.session, row, edge().clock)

    if saved(form, change):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.commune", insee=row.committee.commune_insee))
    return render_template("organisation/contact.html", form=form, committee=row.committee, row=row)


@blueprint.post("/<any(comites, contacts):what>/<int:row_id>/<any(archiver, restaurer):action>")
def shelve_host(what: str, row_id: int, action: str) -> Response:
    """Put a committee or a person aside, or bring it back."""
    row = committees.get(db.session, row_id) if what == "comites" else committees.get_contact(db.session, row_id)
    archives.shelve(row, action)
    insee = row.commune_insee if isinstance(row, Committee) else row.committee.commune_insee
    return redirect(url_for("organiser.commune", insee=insee))
