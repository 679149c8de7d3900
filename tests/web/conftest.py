"""What the tests of an evening's pages for organisers start from."""

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Evening
from guinguette.services import publication
from tests import factories as make
from tests.fakes import FixedClock
from tests.web.evening_page import FREE_FRIDAY, SATURDAY


@pytest.fixture
def state() -> str:
    """How the evening stands, where a test does not say otherwise."""
    return "confirmed"


@pytest.fixture
def evening(session: Session, clock: FixedClock, vault: Vault, state: str) -> Evening:
    """An evening of a published tour, in a village with one subscriber; the tour has a free date left."""
    van = make.make_vehicle(session, name="Lucette")
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[SATURDAY, FREE_FRIDAY], vehicles=[van])
    commune = make.make_commune(session, name="Vignory")
    make.make_request(session, tour=tour, commune=commune, availabilities={FREE_FRIDAY: "if_need_be"})
    evening = make.make_evening(
        session, id="vignory1", tour=tour, commune=commune, vehicle=van, date=SATURDAY, state=state
    )
    make.make_subscriber(session, vault=vault, scopes=[f"commune:{commune.insee}"])
    publication.refresh(session, tour, actor="x", clock=clock)
    session.commit()
    return evening
