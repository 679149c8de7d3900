"""A host with a link: what the tests of their pages begin with."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.models import Commune, Contact
from tests import factories as make


@dataclass(frozen=True)
class HostAtHome:
    """Jeanne Petit of the comité des fêtes of Éclaron, with her link. Paths begin after it ("jours")."""

    client: FlaskClient
    contact: Contact
    commune: Commune
    token: str

    def path(self, path: str = "") -> str:
        """Return the whole path of one of her pages."""
        return f"/comite/{self.token}/{path}"

    def get(self, path: str = "", **options: Any) -> TestResponse:
        """Open one of her pages."""
        return self.client.get(self.path(path), **options)

    def post(self, path: str = "", **options: Any) -> TestResponse:
        """Send a form to one of her pages."""
        return self.client.post(self.path(path), **options)


@pytest.fixture
def host(session: Session, client: FlaskClient) -> HostAtHome:
    """A host with a link that opens. Commit what you add before she looks."""
    commune = make.make_commune(session, name="Éclaron")
    contact = make.make_contact(session, committee=make.make_committee(session, commune=commune))
    token = make.make_host_link(session, contact=contact)
    session.commit()
    return HostAtHome(client, contact, commune, token)
