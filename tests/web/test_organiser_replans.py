"""The ways out on the page: side by side, what each tells and costs, one confirmation, a second organiser refused."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message, RuleSetting, SolverRun
from guinguette.services.replans import ways_out
from tests import factories as make
from tests.fakes import FakeJobs, FixedClock
from tests.services.replan_stage import DAYS, ReplanStage

HTMX = {"HX-Request": "true"}
PAGE = "/organisation/tournees/ete/imprevus"


@pytest.fixture
def stage(session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault) -> ReplanStage:
    """One van, three villages on the first three dates; a reader of the first village and one of the tour."""
    stage = ReplanStage(session, session_factory, clock, vault)
    stage.open(vans=1, dates=DAYS, names=["Ancerville", "Bayard", "Chevillon"])
    for phone, scope in (("+33639980001", "commune:52000"), ("+33639980002", "commune:52000")):
        make.make_subscriber(session, vault=vault, phone=phone, scopes=[scope])
    stage.publish(*zip(stage.villages, DAYS, stage.vans * 3, strict=False))
    return stage


@pytest.fixture
def solved(stage: ReplanStage) -> SolverRun:
    """A breakdown of the first two dates, and its ways out."""
    return stage.replan(stage.report())


def text_of(client: FlaskClient, address: str, **kwargs: object) -> str:
    """Return a page's HTML, which must answer 200."""
    response = client.get(address, **kwargs)
    assert response.status_code == 200, (address, response.status_code)
    return response.get_data(as_text=True)


def test_the_ways_stand_side_by_side(organiser_client: FlaskClient, stage: ReplanStage, solved: SolverRun) -> None:
    """Figures, proof in words, from what to what; the SMS are asked for one way at a time."""
    page = text_of(organiser_client, f"/organisation/imprevus/{solved.incident_id}")
    assert "Le moins de changements" in page
    assert "Annuler, sans rien déplacer" in page
    assert "on ne peut pas changer moins de dates annoncées" in page
    assert "devient" in page
    assert page.count("/sms") == len(ways_out(stage.session, solved, stage.clock))


def test_what_a_way_would_tell_and_cost(organiser_client: FlaskClient, stage: ReplanStage, solved: SolverRun) -> None:
    """Recipients, SMS, segments, euros at the price in force, the exact text, and who is not told."""
    plan = stage.ways(solved)["least"].plan
    page = text_of(organiser_client, f"/organisation/imprevus/plans/{plan.id}/sms")
    assert "2 personnes reçoivent un SMS." in page
    assert "2 SMS," in page
    assert "4 envois\u00a0:" in page
    assert "0,32\u00a0€" in page
    assert "(Le camion est en panne)" in page
    assert "1 soirée changée n’a pas d’abonné." in page
    stage.session.add(RuleSetting(key="sms_price", value=100, valid_from=dt.date(2027, 6, 1), source="contrat"))
    stage.session.commit()
    assert "0,40\u00a0€" in text_of(organiser_client, f"/organisation/imprevus/plans/{plan.id}/sms")
    assert stage.session.scalars(select(Message)).all() == []


def test_one_confirmation_publishes(
    organiser_client: FlaskClient, stage: ReplanStage, solved: SolverRun, session: Session, jobs: FakeJobs
) -> None:
    """The publish page shows all of it again, then one button does it."""
    stage.clock.advance(minutes=1)
    plan = stage.ways(solved)["least"].plan
    address = f"/organisation/plans/{plan.id}/publier"
    page = text_of(organiser_client, address)
    assert "Le moins de changements." in page
    assert "Bayard" in page
    assert "Par vous" in page
    assert "0,32\u00a0€" in page
    response = organiser_client.post(address, data={"seen": stage.tour.published_version}, follow_redirects=True)
    assert "C’est en ligne. 2 personnes reçoivent un SMS." in response.get_data(as_text=True)
    assert len(session.scalars(select(Message).where(Message.kind == "changed")).all()) == 2
    assert jobs.sendings == 1
    assert "C’est réglé" in text_of(organiser_client, f"/organisation/imprevus/{solved.incident_id}")
    assert "Réglé" in text_of(organiser_client, PAGE)


def test_two_organisers_confirm_at_once(
    organiser_client: FlaskClient, stage: ReplanStage, solved: SolverRun, session: Session
) -> None:
    """Both have read the page; the second is told that the tour has changed, and nobody hears twice."""
    stage.clock.advance(minutes=1)
    seen = stage.tour.published_version
    ways = stage.ways(solved)
    plans = [ways[name].plan.id for name in ("least", "cancel")]
    answers = [
        organiser_client.post(f"/organisation/plans/{plan}/publier", data={"seen": seen}, follow_redirects=True)
        for plan in plans
    ]
    assert "C’est en ligne." in answers[0].get_data(as_text=True)
    assert "Rien n’a été publié" in answers[1].get_data(as_text=True)
    assert "La tournée a changé depuis que vous avez ouvert cette page" in answers[1].get_data(as_text=True)
    session.expire_all()
    assert stage.tour.published_version == seen + 1
    assert len(session.scalars(select(Message)).all()) == 2
    assert {e.state for e in session.scalars(select(Evening))} == {"option", "confirmed"}


def test_a_changed_tour_is_said_and_searched_again(
    organiser_client: FlaskClient, stage: ReplanStage, solved: SolverRun, session: Session, jobs: FakeJobs
) -> None:
    """Somebody cancelled an evening meanwhile: the way out is refused, and a new search is one tap away."""
    stage.clock.advance(minutes=1)
    evening = stage.evenings()["Chevillon", DAYS[2]]
    organiser_client.post(
        f"/organisation/soirees/{evening.id}/annuler",
        data={"reason": "canicule", "version": evening.version, "confirmed": "1"},
    )
    plan = stage.ways(solved)["least"].plan
    assert "a changé depuis ce calcul" in text_of(organiser_client, f"/organisation/imprevus/plans/{plan.id}/sms")
    organiser_client.post(f"/organisation/imprevus/{solved.incident_id}/replanifier")
    again = session.scalars(select(SolverRun).order_by(SolverRun.id.desc())).first()
    assert again is not None
    assert jobs.solves == [again.id]
    assert again.incident_id == solved.incident_id


def test_a_contradiction_is_told(organiser_client: FlaskClient, stage: ReplanStage) -> None:
    """Where no plan holds, the page says what contradicts what."""
    run = make.make_run(stage.session, tour=stage.tour, state="done", kind="replan", incident_id=stage.report().id)
    conflicts = [{"rule": "open_date", "detail": "52000 2027-06-18 van-0", "sentence": "…"}]
    plan = make.make_plan(
        stage.session, tour=stage.tour, approach="least", status="infeasible", cost=None, bound=None, metres=None,
        conflicts=conflicts,
    )  # fmt: skip
    plan.run = run
    stage.session.commit()
    page = text_of(organiser_client, f"/organisation/imprevus/{run.incident_id}")
    assert "Aucun plan ne tient" in page
    assert "Camion 0 ne roule pas le vendredi 18" in page.replace("\u00a0", " ")
