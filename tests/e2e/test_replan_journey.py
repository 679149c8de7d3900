"""A van breaks down: from the tour's desk to the confirmation, at the width of a phone and of a desk."""

import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message
from guinguette.services import planning
from tests import factories as make
from tests.e2e.faults import fits
from tests.fakes import FakeJobs, FixedClock
from tests.services.replan_stage import DAYS, ReplanStage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]
WIDTHS = [pytest.param((390, 844), id="phone"), pytest.param((1280, 800), id="desk")]


@pytest.fixture
def stage(session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault) -> ReplanStage:
    """Two vans on six evenings of six villages, online; two people read of the whole tour, one of Bayard."""
    stage = ReplanStage(session, session_factory, clock, vault)
    names = ["Ancerville", "Bayard", "Chevillon", "Doulevant-le-Château", "Éclaron", "Fontaines-sur-Marne"]
    stage.open(vans=2, dates=DAYS, names=names)
    for phone, scope in (
        ("+33639980001", "commune:52001"),
        ("+33639980002", "tour:ete"),
        ("+33639980003", "tour:ete"),
    ):
        make.make_subscriber(session, vault=vault, phone=phone, scopes=[scope])
    a, b, c, d, e, f = stage.villages
    one, two = stage.vans
    stage.publish(
        (a, DAYS[0], one), (b, DAYS[1], one), (c, DAYS[0], two), (d, DAYS[1], two), (e, DAYS[2], one), (f, DAYS[3], two)
    )
    return stage


@pytest.fixture
def _signed_in(organiser_client: FlaskClient, phone: Page, address: str) -> None:
    """An organiser is signed in."""
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])


@pytest.mark.usefixtures("_signed_in")
@pytest.mark.parametrize("size", WIDTHS)
def test_replan_a_breakdown(
    phone: Page, stage: ReplanStage, jobs: FakeJobs, session: Session, size: tuple[int, int]
) -> None:
    """Two dates, a sentence and three taps; the messages announced are those that are queued."""
    phone.set_viewport_size({"width": size[0], "height": size[1]})
    phone.goto("/organisation/tournees/ete")
    phone.get_by_role("link", name="Imprévus").click()
    assert fits(phone)
    phone.get_by_role("link", name="Un camion est en panne").click()
    phone.get_by_label("Véhicule").select_option(label="Camion 0")
    phone.get_by_label("Au, ce jour compris").fill(DAYS[1].isoformat())
    assert fits(phone)
    phone.get_by_role("button", name="Chercher comment s’en sortir").click()

    expect(phone.get_by_role("heading", name="2 soirées touchées")).to_be_visible()
    expect(phone.get_by_text("La recherche va commencer")).to_be_visible()
    assert fits(phone)
    stage.clock.advance(seconds=2)
    planning.execute_run(stage.factory, jobs.solves[0], stage.clock)
    # nobody reloads: the page asks every second, and renews itself once the search is over
    least = phone.get_by_role("region", name="Le moins de changements")
    expect(least.get_by_text("C’est prouvé : on ne peut pas changer moins de dates annoncées.")).to_be_visible()
    expect(phone.get_by_role("region", name="Annuler, sans rien déplacer")).to_be_visible()
    expect(least.get_by_text("reçoivent un SMS.")).to_be_visible()
    said = re.search(r"(\d+) SMS, (\d+) envois\s: (\d,\d\d)\s€", least.inner_text())
    assert said is not None
    assert fits(phone)

    stage.clock.advance(minutes=1)
    least.get_by_role("link", name="Choisir").click()
    expect(phone.get_by_role("heading", name="Elles changent de date")).to_be_visible()
    expect(phone.get_by_text("(Le camion est en panne)").first).to_be_visible()
    assert fits(phone)
    phone.get_by_role("button", name="Publier", exact=True).click()
    expect(phone.get_by_role("heading", name="« Été 2027 » est en ligne")).to_be_visible()
    queued = session.scalars(select(Message)).all()
    segments = sum(message.segments for message in queued)
    assert said.groups() == (str(len(queued)), str(segments), f"{segments * 0.08:.2f}".replace(".", ","))
    assert {message.kind for message in queued} == {"changed"}

    moved = session.get_one(Evening, queued[0].evening_id)
    phone.goto(f"/communes/{moved.commune_insee}")
    expect(phone.get_by_text("Le camion est en panne.").first).to_be_visible()
    session.expire_all()
    assert all(
        evening.date not in DAYS[:2] or evening.vehicle_id == stage.vans[1].id for evening in stage.evenings().values()
    )
