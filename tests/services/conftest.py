"""What several of these tests start from."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Subscriber
from guinguette.services import rules
from guinguette.services.drafts import Hand
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import FixedClock
from tests.services.replan_stage import DAYS, ReplanStage
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


@pytest.fixture
def by(clock: FixedClock) -> By:
    """Jeanne Petit, by her link, as the journal has her."""
    return By(actor="Jeanne Petit", how="link", clock=clock)


@pytest.fixture
def stage(session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault) -> ReplanStage:
    """An empty stage."""
    return ReplanStage(session, session_factory, clock, vault)


@pytest.fixture
def one_van(stage: ReplanStage) -> ReplanStage:
    """One van, three villages on the first three dates; a reader of the first village and one of the tour."""
    stage.open(vans=1, dates=DAYS, names=["Ancerville", "Bayard", "Chevillon"])
    [van] = stage.vans
    lines = list(zip(stage.villages, DAYS, [van] * 3, strict=False))
    for phone, scope in (("+33639980001", "commune:52000"), ("+33639980002", "tour:ete")):
        make.make_subscriber(stage.session, vault=stage.vault, phone=phone, scopes=[scope])
    stage.publish(*lines)
    return stage


@pytest.fixture
def subscriber(session: Session, vault: Vault) -> Subscriber:
    """Somebody who asked to be told."""
    return make.make_subscriber(session, vault=vault, phone="+33639980001")
