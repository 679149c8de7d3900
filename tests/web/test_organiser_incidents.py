"""« Imprévus », page by page: what broke, the search under way, tonight, withdrawn."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Incident, SolverRun, User
from guinguette.services import planning, replans
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


def breakdown(stage: ReplanStage, **changes: str) -> dict[str, str]:
    """Return what the form of a breakdown sends."""
    return {
        "vehicle_id": str(stage.vans[0].id),
        "first": DAYS[0].isoformat(),
        "last": DAYS[1].isoformat(),
        "reason": "Le camion est en panne.",
    } | changes


def test_the_page_asks_what_has_changed(organiser_client: FlaskClient, stage: ReplanStage) -> None:
    """Four kinds, each a tap away; before anything is online there is nothing to re-plan."""
    page = text_of(organiser_client, PAGE)
    for word in ("panne", "salle", "intemperies", "comite"):
        assert f"{PAGE}/{word}" in page
    stage.tour.published_version = 0
    stage.session.commit()
    assert "n’est pas encore en ligne" in text_of(organiser_client, PAGE)
    assert "Imprévus" not in text_of(organiser_client, "/organisation/tournees/ete")


def test_the_desk_and_the_evenings_lead_there(organiser_client: FlaskClient, stage: ReplanStage) -> None:
    """From the tour's page and from the list of evenings."""
    assert PAGE in text_of(organiser_client, "/organisation/tournees/ete")
    assert PAGE in text_of(organiser_client, "/organisation/tournees/ete/soirees")


@pytest.mark.parametrize(
    ("word", "there", "away"),
    [
        ("panne", ["vehicle_id"], ["commune_insee"]),
        ("salle", ["commune_insee"], ["vehicle_id"]),
        ("intemperies", ["vehicle_id", "commune_insee"], []),
        ("comite", ["commune_insee"], ["vehicle_id"]),
    ],
)
def test_each_kind_asks_for_what_it_needs(
    organiser_client: FlaskClient, stage: ReplanStage, word: str, there: list[str], away: list[str]
) -> None:
    """No field that the kind does not need; the next date and a sentence are proposed."""
    page = text_of(organiser_client, f"{PAGE}/{word}")
    assert all(f'name="{name}"' in page for name in there)
    assert not any(f'name="{name}"' in page for name in away)
    assert f'value="{DAYS[0]}"' in page
    assert 'name="reason"' in page


def test_an_evening_leads_there_with_what_it_knows(organiser_client: FlaskClient, stage: ReplanStage) -> None:
    """Van, village and date come along; nothing else that an address may say does."""
    evening = stage.evenings()["Bayard", DAYS[1]]
    page = text_of(organiser_client, f"/organisation/soirees/{evening.id}")
    assert f"{PAGE}?camion={evening.vehicle_id}&amp;commune=52001&amp;du=2027-06-19&amp;au=2027-06-19" in page
    page = text_of(organiser_client, f"{PAGE}?commune=52001&du=2027-06-19&slug=x&word=y")
    assert f"{PAGE}/comite?commune=52001&amp;du=2027-06-19" in page
    form = text_of(organiser_client, f"{PAGE}/comite?commune=52001&du=2027-06-19&au=hier")
    assert '<option selected value="52001">' in form
    assert 'value="2027-06-19"' in form


def test_an_unknown_kind_is_not_found(organiser_client: FlaskClient, stage: ReplanStage) -> None:
    """No such page."""
    assert organiser_client.get(f"{PAGE}/inondation").status_code == 404


def test_a_report_starts_the_search(
    organiser_client: FlaskClient, organiser: User, stage: ReplanStage, session: Session, jobs: FakeJobs
) -> None:
    """One form, and the workers are at it; the page lists who is hit meanwhile."""
    response = organiser_client.post(f"{PAGE}/panne", data=breakdown(stage))
    incident = session.scalars(select(Incident)).one()
    assert response.location == f"/organisation/imprevus/{incident.id}"
    run = session.scalars(select(SolverRun).where(SolverRun.kind == "replan")).one()
    assert (jobs.solves, run.incident_id, incident.reported_by) == ([run.id], incident.id, organiser.email)
    page = text_of(organiser_client, response.location)
    assert "2 soirées touchées" in page
    assert "La recherche va commencer" in page
    assert "Choisir" not in page


def test_a_report_that_makes_no_sense_is_refused_beside_its_field(
    organiser_client: FlaskClient, stage: ReplanStage, session: Session, jobs: FakeJobs
) -> None:
    """The form comes back with what was typed and one sentence."""
    response = organiser_client.post(f"{PAGE}/panne", data=breakdown(stage, last="2027-06-01"))
    page = response.get_data(as_text=True)
    assert "La fin vient avant le début" in page
    assert "Le camion est en panne." in page
    assert session.scalars(select(Incident)).all() == []
    assert jobs.solves == []


def test_a_storm_may_be_everywhere(organiser_client: FlaskClient, stage: ReplanStage, session: Session) -> None:
    """Neither a van nor a village named."""
    data = {"vehicle_id": "", "commune_insee": "", "first": "2027-06-18", "last": "2027-06-18", "reason": "Orages."}
    organiser_client.post(f"{PAGE}/intemperies", data=data)
    incident = session.scalars(select(Incident)).one()
    assert (incident.kind, incident.vehicle_id, incident.commune_insee) == ("storm", None, None)
    assert "partout" in text_of(organiser_client, PAGE)


def test_a_report_counts_though_another_run_is_under_way(
    organiser_client: FlaskClient, stage: ReplanStage, session: Session, jobs: FakeJobs
) -> None:
    """A colleague's variant takes minutes: the van is broken all the same, and the search is one button away."""
    planning.start_run(session, stage.tour, stage.clock)
    session.commit()
    response = organiser_client.post(f"{PAGE}/panne", data=breakdown(stage))
    incident = session.scalars(select(Incident)).one()
    assert (response.location, jobs.solves) == (f"/organisation/imprevus/{incident.id}", [])
    page = text_of(organiser_client, response.location)
    assert "Un calcul est déjà en cours" in page
    assert f"/organisation/imprevus/{incident.id}/replanifier" in page


def test_nothing_hit_needs_no_search(organiser_client: FlaskClient, stage: ReplanStage, jobs: FakeJobs) -> None:
    """A week without evenings: noted, settled, and the page says so."""
    data = breakdown(stage, first=DAYS[4].isoformat(), last=DAYS[5].isoformat())
    response = organiser_client.post(f"{PAGE}/panne", data=data)
    assert "C’est réglé" in text_of(organiser_client, response.location)
    assert jobs.solves == []


def test_tonight_is_left_to_the_organiser(organiser_client: FlaskClient, stage: ReplanStage) -> None:
    """What is under way is named, with the pages that cancel or postpone it."""
    stage.clock.set(dt.datetime(2027, 6, 18, 9, tzinfo=dt.UTC))
    incident = stage.report()
    stage.session.commit()
    page = text_of(organiser_client, f"/organisation/imprevus/{incident.id}")
    evening = stage.evenings()["Ancerville", DAYS[0]]
    assert f"/organisation/soirees/{evening.id}/annuler" in page
    assert f"/organisation/soirees/{evening.id}/reporter" in page


def test_progress_is_told_in_words(organiser_client: FlaskClient, stage: ReplanStage) -> None:
    """What is being looked for, for how long, and that it can be stopped; then the page renews itself."""
    incident = stage.report()
    run = planning.start_run(stage.session, stage.tour, stage.clock, incident=incident)
    run.state, run.phase, run.started_at, run.heartbeat_at = "running", "least", stage.clock.now(), stage.clock.now()
    stage.session.commit()
    stage.clock.advance(seconds=5)
    address = f"/organisation/imprevus/{incident.id}/calcul"
    fragment = text_of(organiser_client, address, headers=HTMX)
    assert "On cherche\u00a0: le moins de changements" in fragment
    assert "Depuis 5\u00a0s" in fragment
    assert "<h1" not in fragment
    organiser_client.post(f"/organisation/calculs/{run.id}/arreter")
    assert "On s’arrête" in text_of(organiser_client, address, headers=HTMX)
    stage.clock.advance(minutes=1)  # the worker is dead
    assert organiser_client.get(address, headers=HTMX).headers["HX-Refresh"] == "true"
    assert "s’est arrêtée en route" in text_of(organiser_client, f"/organisation/imprevus/{incident.id}")


def test_an_incident_is_withdrawn(organiser_client: FlaskClient, stage: ReplanStage, solved: SolverRun) -> None:
    """Repaired early: said, remembered as such, and a second tap is told so."""
    address = f"/organisation/imprevus/{solved.incident_id}"
    page = organiser_client.post(f"{address}/lever", follow_redirects=True).get_data(as_text=True)
    assert "Cet imprévu est levé" in page
    assert "Choisir" not in page
    assert "Levé" in text_of(organiser_client, PAGE)
    assert organiser_client.post(f"{address}/lever").status_code == 409
    refused = organiser_client.post(f"{address}/replanifier", follow_redirects=True).get_data(as_text=True)
    assert "il n’y a plus rien à replanifier" in refused


def test_an_unknown_incident_is_not_found(organiser_client: FlaskClient) -> None:
    """404, with a sentence."""
    assert organiser_client.get("/organisation/imprevus/99").status_code == 404


def test_a_search_that_was_interrupted_is_watched_where_it_belongs(
    organiser_client: FlaskClient, stage: ReplanStage, session: Session
) -> None:
    """Started again from the tour's page, it leads to the incident, where its ways out will stand."""
    run = replans.start(session, stage.report(), stage.clock)
    assert run is not None
    run.state = "interrupted"
    session.commit()
    response = organiser_client.post(f"/organisation/calculs/{run.id}/relancer")
    assert response.location == f"/organisation/imprevus/{run.incident_id}"
