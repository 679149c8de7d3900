"""What the planning and evening pages share: who acts, where things are."""

from flask import request, url_for
from flask_babel import ngettext
from flask_security import current_user

from guinguette.models import Tour
from guinguette.services.evenings import Act
from guinguette.services.journal import By
from guinguette.web.association import association
from guinguette.web.edge import edge


def actor() -> str:
    """Return the name under which the history keeps whoever is signed in."""
    return str(current_user.email)


def by() -> By:
    """Return whoever is signed in as a village's journal writes them down."""
    return By(actor=actor(), how="desk", clock=edge().clock)


def act(version: int | None = None) -> Act:
    """Return who acts and with which tools, on the row's ``version`` that the form carried."""
    tools = edge()
    return Act(
        actor=actor(),
        clock=tools.clock,
        vault=tools.vault,
        public_url=tools.settings.public_url,
        version=version,
        phone=association().phone,
        replies=tools.settings.receives_sms,
    )


def tour_address(slug: str) -> str:
    """Return the path of a tour's own page."""
    return url_for("organiser.tour", slug=slug)


def people_told(people: int) -> str:
    """Return « 46 personnes reçoivent un SMS. »"""
    return str(ngettext("%(num)s personne reçoit un SMS.", "%(num)s personnes reçoivent un SMS.", people))


def request_address(tour: Tour, insee: str) -> str:
    """Return the path of the page where a commune's request in a tour is edited."""
    return url_for("organiser.tour_commune", slug=tour.slug, insee=insee)


def ticked_versions() -> dict[str, int]:
    """Return the ids of the evenings that a list's boxes have sent, each with the version that was read."""
    sent = (value.rpartition(":") for value in request.form.getlist("evening"))
    return {evening_id: int(version) for evening_id, _, version in sent if version.isdigit()}
