"""The hosts' pages under ``/comite/<token>``: whoever has the link is the contact it was sent to, for one village.

The secret is in the address. That is what no other site's form can know, so it stands for the CSRF field too, and an
answer kept on a phone for hours can still be sent. No page here says where it was (``Referrer-Policy: no-referrer``),
none is kept by a cache in between.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, g
from flask_babel import gettext

from guinguette.extensions import csrf, db
from guinguette.models import Commune, Contact
from guinguette.models.signature import sign
from guinguette.services import host_links
from guinguette.services.evenings import Act
from guinguette.services.journal import By
from guinguette.web import association
from guinguette.web.edge import edge

blueprint = Blueprint("host", __name__, url_prefix="/comite/<token>")
csrf.exempt(blueprint)


@dataclass(frozen=True, slots=True)
class Host:
    """Who is here: the contact whose link was opened, their village, and their name as it stands on what they do."""

    contact: Contact
    commune: Commune
    token: str

    @property
    def actor(self) -> str:
        """Return their name, as the desk reads it."""
        return self.contact.name

    def by(self) -> By:
        """Return them as the journal writes them down."""
        return By(actor=self.actor, how="link", clock=edge().clock)

    def act(self, version: int | None = None) -> Act:
        """Return them as the services of evenings ask who does it."""
        tools = edge()
        return Act(
            actor=gettext("%(name)s (lien personnel)", name=self.actor),
            clock=tools.clock,
            vault=tools.vault,
            public_url=tools.settings.public_url,
            phone=association.association().phone,
            replies=tools.settings.receives_sms,
            version=version,
        )


@blueprint.url_value_preprocessor
def _take_token(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the token apart: no view has it as an argument."""
    g.host_token = (values or {}).pop("token", "")


@blueprint.url_defaults
def _give_token(endpoint: str, values: dict[str, Any]) -> None:
    """Let ``url_for("host.…")`` lead to the same host's pages."""
    if endpoint.startswith("host.") and "token" not in values and "host_token" in g:
        values["token"] = g.host_token


@blueprint.before_request
def _hosts_only() -> None:
    """Ask for a link that is good; whose it is stands on what is saved."""
    link = host_links.find(db.session, g.host_token, edge().clock)
    g.host = Host(link.contact, link.contact.committee.commune, g.host_token)
    sign(db.session, g.host.actor, edge().clock.now())


@blueprint.after_request
def _keep_the_secret(response: Response) -> Response:
    """Let the address go nowhere: to no other page, no cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def host() -> Host:
    """Return who is here."""
    found: Host = g.host
    return found


@blueprint.app_template_test("a_view")
def _is_a_view(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


# The views put themselves on the blueprint, which must exist first.
from guinguette.web.host import evenings, home  # noqa: E402, F401
