"""The hosts' pages under ``/comite/<token>``: whoever has the link is the contact it was sent to, for one village.

The secret is in the address. That is what no other site's form can know, so it stands for the CSRF field too, and an
answer kept on a phone for hours can still be sent. No page here says where it was (``Referrer-Policy: no-referrer``),
none is kept by a cache in between.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import TooManyRequests

from guinguette.domain.errors import NotFound
from guinguette.extensions import csrf, db
from guinguette.models import Commune, Contact, Evening
from guinguette.models.signature import sign
from guinguette.services import attempts, host_evenings, host_links, journal
from guinguette.services.evenings import Act
from guinguette.services.journal import By
from guinguette.web import association
from guinguette.web.edge import edge

blueprint = Blueprint("host", __name__, url_prefix="/comite/<token>")
csrf.exempt(blueprint)
#: For the forms that organisers have too (``meta``).
NO_CSRF = {"csrf": False}

#: How many links that do not open one address may try. What is right does not count, but has to wait too: otherwise
#: whoever guesses would still be told. A minute, for a village may share an address with whoever that is.
_WRONG_LINKS, _MINUTE = 30, dt.timedelta(minutes=1)


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

    @property
    def signature(self) -> str:
        """Return their name as it stands on the records that they change."""
        return self.contact.name + host_links.SIGNATURE

    def by(self) -> By:
        """Return them as the journal writes them down."""
        return By(actor=self.actor, how="link", clock=edge().clock)

    def act(self, version: int | None = None) -> Act:
        """Return them as the services of evenings ask who does it."""
        tools = edge()
        return Act(
            actor=self.signature,
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
def _hosts_only() -> tuple[str, int] | None:
    """Ask for a link that is good; whose it is stands on what is saved. Its first opening is noted."""
    clock = edge().clock
    # counted in the view's own transaction: a limit of Flask-Limiter's would ask for a second connection meanwhile
    who = edge().vault.fingerprint(f"host-links:{get_remote_address()}")
    if attempts.standing(db.session, who, clock)[0] >= _WRONG_LINKS:
        raise TooManyRequests
    try:
        link = host_links.find(db.session, g.host_token, clock)
    except NotFound:
        attempts.add(db.session, who, window=_MINUTE, amount=1, clock=clock)
        db.session.commit()
        return render_template("comite/ferme.html"), 404
    g.host = Host(link.contact, link.contact.committee.commune, g.host_token)
    if host_links.opened(db.session, link, clock):
        journal.write(db.session, g.host.commune.insee, "link", g.host.by(), detail="ouvert pour la première fois")
        db.session.commit()
    sign(db.session, g.host.signature, clock.now())
    return None


@blueprint.after_request
def _keep_the_secret(response: Response) -> Response:
    """Let the address go nowhere: to no other page, no cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def host() -> Host:
    """Return who is here."""
    found: Host = g.host
    return found


def own_evening(evening_id: str) -> Evening:
    """Return an evening of their village; another's does not exist for them. Raises ``NotFound``."""
    return host_evenings.get(db.session, host().commune.insee, evening_id)


# The views put themselves on the blueprint, which must exist first.
from guinguette.web.host import dates, evenings, home, papers, photos, places, referents, reports, wishes  # noqa: E402, F401
