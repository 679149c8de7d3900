"""A host with a link: what the tests of their pages begin with."""

import dataclasses
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.adapters.vault import Vault
from guinguette.association import Association
from guinguette.models import Commune, Contact, Evening
from guinguette.services import evenings, options
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock

SATURDAY = dt.date(2027, 7, 17)
NEXT = SATURDAY + dt.timedelta(days=7)


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


@pytest.fixture
def evening(session: Session, host: HostAtHome, clock: FixedClock, vault: Vault, app: Flask) -> Evening:
    """An evening that Éclaron has been asked for, on a tour of two Saturdays; the association has a telephone."""
    known: Association = app.jinja_env.globals["association"]
    app.jinja_env.globals["association"] = dataclasses.replace(known, phone="03 25 00 00 00")
    van = make.make_vehicle(session)
    tour = make.make_tour(session, slug="ete", dates=[SATURDAY, NEXT], vehicles=[van])
    commune = session.merge(host.commune)
    make.make_request(session, tour=tour, commune=commune, availabilities={SATURDAY: "yes"})
    pitch = make.make_pitch(session, commune=commune, power=["32a"], power_metres=20, power_supply="sous le préau")
    evening = make.make_evening(
        session, id="eclaron1", tour=tour, commune=commune, vehicle=van, date=SATURDAY, state="proposed", pitch=pitch
    )
    act = evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)
    options.send(session, evening, act)
    session.commit()
    return evening


def read(host: HostAtHome) -> dict[str, str]:
    """Return what the page gives back: the version of the evening, and which terms stand on it."""
    return dict(re.findall(r'name="(version|terms)"[^>]*value="(\w+)"', host.get("soirees/eclaron1").text))
