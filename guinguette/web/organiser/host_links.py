"""Personal links at the desk: one is sent to a contact now, or all of theirs are shut."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from guinguette.extensions import db
from guinguette.models import Contact
from guinguette.services import committees, host_links, journal, lost_links
from guinguette.web.edge import edge
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import by


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the templates ``links_of(contact)``, ``journal_of(commune)`` and the words of the journal."""
    return {
        "links_of": lambda contact: host_links.of_contact(db.session, contact),
        "journal_of": lambda commune: journal.of_commune(db.session, commune.insee),
        "ways": journal.WAYS,
        "what": journal.WHAT,
        "now": edge().clock.now,
    }


@blueprint.post("/contacts/<int:contact_id>/lien")
def send_host_link(contact_id: int) -> Response:
    """Send a contact a fresh link, within permitted hours; those they have end as it leaves."""
    row, tools = committees.get_contact(db.session, contact_id), edge()
    channel = lost_links.send(
        db.session, row, urgent=False, clock=tools.clock, vault=tools.vault, public_url=tools.settings.public_url
    )
    if channel:
        _note(row, f"envoyé à {row.name}")
    db.session.commit()
    tools.jobs.send_due()
    if channel == "sms":
        flash(gettext("Le lien part par SMS, aux heures permises."), "ok")
    elif channel == "email":
        flash(gettext("Le lien part par e-mail, aux heures permises."), "ok")
    else:
        flash(gettext("Rien ne part : ni portable ni adresse e-mail, ou la personne a dit STOP. Appelez-la."), "stop")
    return redirect(url_for("organiser.contact", contact_id=row.id))


@blueprint.post("/contacts/<int:contact_id>/liens/fermer")
def shut_host_links(contact_id: int) -> Response:
    """Shut every link of a contact at once, and take back the messages that wait with one."""
    row, clock = committees.get_contact(db.session, contact_id), edge().clock
    host_links.withdraw(db.session, row, clock)
    count = host_links.revoke_all(db.session, row, clock)
    _note(row, f"tous fermés pour {row.name}")
    db.session.commit()
    flash(ngettext("%(num)s lien est fermé.", "%(num)s liens sont fermés.", count), "ok")
    return redirect(url_for("organiser.contact", contact_id=row.id))


def _note(row: Contact, detail: str) -> None:
    journal.write(db.session, row.committee.commune_insee, "link", by(), detail=detail)
