"""What several of these tests start from."""

import pytest
from sqlalchemy.orm import Session

from guinguette.services import rules
from guinguette.services.drafts import Hand
from tests import factories as make
from tests.fakes import FixedClock
from tests.services.summers import DATES, FRIDAY, SATURDAY, Summer


@pytest.fixture
def summer(session: Session) -> Summer:
    """North on Friday, South on Saturday, both with the first van."""
    rules.ensure_defaults(session)
    van, other_van = make.make_vehicle(session, name="Lucette"), make.make_vehicle(session, name="Firmin")
    north = make.make_commune(session, name="Vignory", lat=48.9, lon=4.95)
    south = make.make_commune(session, name="Poissons", lat=48.3, lon=4.95)
    tour = make.make_tour(session, dates=DATES, vehicles=[van, other_van], fundings={str(north.epci_siren): 5})
    for commune in (north, south):
        make.make_request(session, tour=tour, commune=commune, availabilities=dict.fromkeys(DATES, "yes"))
    plan = make.make_plan(session, tour=tour, evenings=[(north, FRIDAY, van), (south, SATURDAY, van)])
    session.commit()
    return Summer(tour, van, other_van, north, south, plan)


@pytest.fixture
def hand(clock: FixedClock) -> Hand:
    """The hand of Anne."""
    return Hand(actor="anne@example.org", clock=clock)
