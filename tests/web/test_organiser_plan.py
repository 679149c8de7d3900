"""From « Planifier » to « Publier », page by page."""

import datetime as dt
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import (
    Commune,
    Evening,
    Message,
    Plan,
    SolverRun,
    Tour,
    TourDate,
    TourVehicle,
    UnservedWish,
    Vehicle,
)
from guinguette.services import planning
from tests import factories as make
from tests.fakes import NOW, FakeJobs, FixedClock

FRIDAY, SATURDAY = dt.date(2027, 7, 2), dt.date(2027, 7, 3)
HTMX = {"HX-Request": "true"}


@dataclass
class Season:
    """A tour of two villages, one van and two dates."""

    tour: Tour
    van: Vehicle
    first: Commune
    second: Commune


@pytest.fixture
def season(session: Session) -> Season:
    """A tour that can be planned."""
    van = make.make_vehicle(session, name="Lucette", slug="lucette")
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[FRIDAY, SATURDAY], vehicles=[van])
    first, second = make.make_commune(session, name="Vignory"), make.make_commune(session, name="Poissons")
    for commune in (first, second):
        make.make_request(session, tour=tour, commune=commune)
    session.commit()
    return Season(tour, van, first, second)


@pytest.fixture
def plan(session: Session, season: Season) -> Plan:
    """A plan that serves both villages."""
    plan = make.make_plan(
        session,
        tour=season.tour,
        evenings=[(season.first, FRIDAY, season.van), (season.second, SATURDAY, season.van)],
        cost=93_000,
        bound=90_000,
        metres=93_000,
    )
    session.commit()
    return plan


def text_of(client: FlaskClient, address: str, **kwargs: object) -> str:
    """Return a page's HTML, which must answer 200."""
    response = client.get(address, **kwargs)
    assert response.status_code == 200, (address, response.status_code)
    return response.get_data(as_text=True)


def test_planning_starts_a_run_and_hands_it_to_the_workers(
    organiser_client: FlaskClient, season: Season, session: Session, jobs: FakeJobs
) -> None:
    """« Planifier » commits a run first, then asks the workers."""
    response = organiser_client.post("/organisation/tournees/ete/planifier")
    assert response.location == "/organisation/tournees/ete#planifier"
    run = session.scalars(select(SolverRun)).one()
    assert (run.tour_id, run.state, jobs.solves) == (season.tour.id, "queued", [run.id])


def test_a_second_run_is_refused_while_one_is_under_way(
    organiser_client: FlaskClient, season: Season, session: Session, jobs: FakeJobs
) -> None:
    """Pressing twice starts one run."""
    for _ in range(2):
        organiser_client.post("/organisation/tournees/ete/planifier")
    assert len(session.scalars(select(SolverRun)).all()) == len(jobs.solves) == 1
    assert "Un calcul est déjà en cours" in text_of(organiser_client, "/organisation/tournees/ete/calcul")


def test_two_clicks_at_the_same_moment_start_one_run(
    organiser_client: FlaskClient,
    season: Season,
    session: Session,
    jobs: FakeJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where neither sees the other's run, the database refuses the second, which is told so on the tour's page."""
    organiser_client.post("/organisation/tournees/ete/planifier")
    with monkeypatch.context() as blind:
        blind.setattr(planning, "active_or_last_run", lambda *_: None)
        second = organiser_client.post("/organisation/tournees/ete/planifier")
    assert second.location == "/organisation/tournees/ete#planifier"
    assert "Un calcul est déjà en cours" in text_of(organiser_client, second.location)
    assert len(session.scalars(select(SolverRun)).all()) == len(jobs.solves) == 1


def test_progress_is_told_in_words(
    organiser_client: FlaskClient, season: Season, session: Session, clock: FixedClock
) -> None:
    """The fragment says how long, how good, and how much better it could get."""
    make.make_run(
        session, tour=season.tour, state="running", started_at=NOW, heartbeat_at=NOW, seconds_limit=20,
        cost=1_234_567, bound=1_200_000,
    )  # fmt: skip
    session.commit()
    clock.advance(seconds=7)
    fragment = text_of(organiser_client, "/organisation/tournees/ete/calcul", headers=HTMX)
    assert "depuis 7\u00a0s, sur 20 au plus" in fragment
    assert "1\u202f235" in fragment
    assert "Aucun plan ne gagnerait plus de 3\u00a0% (35\u00a0km)" in fragment
    assert "<h1" not in fragment


def test_progress_works_without_javascript(organiser_client: FlaskClient, season: Season, session: Session) -> None:
    """The same address is a page that reloads itself where there is no script."""
    make.make_run(session, tour=season.tour)
    session.commit()
    page = text_of(organiser_client, "/organisation/tournees/ete/calcul")
    assert '<meta http-equiv="refresh" content="3">' in page
    assert "Le calcul attend son tour" in page


def test_the_page_renews_itself_once_the_run_is_over(organiser_client: FlaskClient, season: Season, plan: Plan) -> None:
    """htmx is told to load the whole page, which now offers the plan."""
    response = organiser_client.get("/organisation/tournees/ete/calcul", headers=HTMX)
    assert response.headers["HX-Refresh"] == "true"


def test_stopping_is_asked_of_the_worker(organiser_client: FlaskClient, season: Season, session: Session) -> None:
    """« Arrêter et garder le meilleur » leaves the run to stop by itself."""
    run = make.make_run(session, tour=season.tour, state="running", started_at=NOW, heartbeat_at=NOW)
    session.commit()
    organiser_client.post(f"/organisation/calculs/{run.id}/arreter")
    session.refresh(run)
    assert run.stop_requested
    assert "le meilleur plan trouvé est gardé" in text_of(organiser_client, "/organisation/tournees/ete/calcul")


def test_a_silent_worker_leaves_a_run_that_can_be_started_again(
    organiser_client: FlaskClient, season: Season, session: Session, clock: FixedClock, jobs: FakeJobs
) -> None:
    """A dead worker cannot say so: whoever looks at the page finds it out."""
    run = make.make_run(session, tour=season.tour, state="running", started_at=NOW, heartbeat_at=NOW)
    session.commit()
    clock.advance(minutes=2)
    page = text_of(organiser_client, "/organisation/tournees/ete/calcul")
    assert "Le calcul a été interrompu" in page
    assert "Relancer" in page
    organiser_client.post(f"/organisation/calculs/{run.id}/relancer")
    session.refresh(run)
    assert run.state == "interrupted"
    assert len(jobs.solves) == 1


def test_a_failed_run_says_why(organiser_client: FlaskClient, season: Season, session: Session) -> None:
    """The reason stands on the page, with a way on."""
    make.make_run(session, tour=season.tour, state="failed", error="MemoryError: trop grand")
    session.commit()
    page = text_of(organiser_client, "/organisation/tournees/ete/calcul")
    assert "MemoryError: trop grand" in page
    assert "Relancer" in page


def test_nothing_to_plan_is_said_on_the_page(organiser_client: FlaskClient, session: Session) -> None:
    """A tour without village starts no run and says what is missing."""
    make.make_tour(session, slug="vide", vehicles=[make.make_vehicle(session)], dates=[FRIDAY])
    session.commit()
    organiser_client.post("/organisation/tournees/vide/planifier")
    assert "Aucune commune ne participe encore" in text_of(organiser_client, "/organisation/tournees/vide/plan")
    assert session.scalars(select(SolverRun)).all() == []


@pytest.mark.parametrize("view", ["calendrier", "liste", "carte", "n-importe-quoi"])
def test_the_plan_is_shown_three_ways(organiser_client: FlaskClient, plan: Plan, view: str) -> None:
    """Calendar, list and map; an unknown view is the calendar."""
    page = text_of(organiser_client, f"/organisation/tournees/ete/plan?vue={view}")
    assert "93\u00a0km" in page
    assert "Aucun plan ne gagnerait plus de 4\u00a0%" in page
    assert ("Vignory" in page) == (view != "carte")


def test_the_map_is_a_document_of_its_own(organiser_client: FlaskClient, plan: Plan) -> None:
    """The frame's document names the villages under a policy with a nonce."""
    response = organiser_client.get(f"/organisation/plans/{plan.id}/carte")
    assert "'nonce-" in response.headers["Content-Security-Policy"]
    assert "Vignory" in response.get_data(as_text=True)


def test_the_plan_is_for_organisers_only(client: FlaskClient, plan: Plan) -> None:
    """Nobody reads a plan, or its map, before it is published."""
    for address in (f"/organisation/plans/{plan.id}", f"/organisation/plans/{plan.id}/carte"):
        assert client.get(address).status_code in (302, 401)


def test_what_is_not_served_has_its_reason_and_a_way_to_the_request(
    organiser_client: FlaskClient, season: Season, plan: Plan, session: Session
) -> None:
    """Reasons name villages, vans and days instead of ids."""
    reason = {"rule": "one_per_vehicle", "detail": "lucette 2027-07-03", "sentence": "…"}
    plan.unserved = [UnservedWish(commune=season.second, missing=1, reasons=[reason])]
    session.commit()
    page = text_of(organiser_client, f"/organisation/plans/{plan.id}")
    assert "Lucette est déjà ailleurs le samedi 3\u00a0juillet." in page
    assert f"/organisation/tournees/ete/communes/{season.second.insee}" in page


def test_an_infeasible_plan_says_what_contradicts_what(
    organiser_client: FlaskClient, season: Season, session: Session
) -> None:
    """No numbers are shown, and nothing can be published."""
    conflict = {"rule": "locked", "detail": "x", "sentence": "Deux soirées le même jour."}
    plan = make.make_plan(
        session, tour=season.tour, status="infeasible", cost=None, bound=None, metres=None, conflicts=[conflict]
    )
    session.commit()
    assert "Deux soirées le même jour." in text_of(organiser_client, f"/organisation/plans/{plan.id}")
    assert "il n’y a rien à publier" in text_of(organiser_client, f"/organisation/plans/{plan.id}/publier")


def test_publishing_shows_what_changes_before_it_does(
    organiser_client: FlaskClient, season: Season, plan: Plan, session: Session
) -> None:
    """Reading the page publishes nothing."""
    page = text_of(organiser_client, f"/organisation/plans/{plan.id}/publier")
    assert "Aucun SMS ne part." in page
    assert session.scalars(select(Evening)).all() == []
    session.refresh(season.tour)
    assert season.tour.published_version == 0


def publish(client: FlaskClient, plan: Plan, seen: int) -> str:
    """Confirm, having read the page at version ``seen`` of the tour; return the page that follows."""
    response = client.post(f"/organisation/plans/{plan.id}/publier", data={"seen": seen}, follow_redirects=True)
    return response.get_data(as_text=True)


def test_publishing_puts_the_tour_online(
    organiser_client: FlaskClient, season: Season, plan: Plan, session: Session, jobs: FakeJobs
) -> None:
    """After the confirmation the page gives the public address."""
    page = publish(organiser_client, plan, seen=0)
    assert "http://127.0.0.1:8000/tournees/ete" in page
    assert "Voir en ligne" in page
    assert {e.commune.name for e in session.scalars(select(Evening))} == {"Vignory", "Poissons"}
    assert jobs.sendings == 1


def test_a_stale_confirmation_publishes_nothing(
    organiser_client: FlaskClient, season: Season, plan: Plan, session: Session
) -> None:
    """What was read is what is published, or nothing is."""
    publish(organiser_client, plan, seen=0)
    assert "La tournée a changé depuis" in publish(organiser_client, plan, seen=0)
    session.refresh(season.tour)
    assert season.tour.published_version == 1


def test_a_second_publication_counts_its_sms_and_keeps_identities(
    organiser_client: FlaskClient, season: Season, plan: Plan, session: Session, vault: Vault
) -> None:
    """A moved evening keeps its address; its village's subscriber is counted beforehand, and told once."""
    publish(organiser_client, plan, seen=0)
    make.make_subscriber(session, vault=vault, scopes=[f"commune:{season.first.insee}"])
    later = make.make_plan(session, tour=season.tour, evenings=[(season.first, SATURDAY, season.van)])
    session.commit()
    before = {e.commune.name: e.id for e in session.scalars(select(Evening))}
    page = text_of(organiser_client, f"/organisation/plans/{later.id}/publier")
    assert "1 personne reçoit un SMS." in page
    assert "Changement de date\u00a0: 1 personne, 1 SMS." in page
    assert "Guinguette : à Vignory, ce n&#39;est plus" in page
    assert "(à confirmer)" in page
    assert "en un seul envoi\u00a0:" in page
    assert "devient samedi 3\u00a0juillet" in page
    assert session.scalars(select(Message)).all() == []
    publish(organiser_client, later, seen=1)
    session.expire_all()
    moved = session.get(Evening, before["Vignory"])
    assert moved is not None
    assert (moved.date, moved.sequence, moved.state) == (SATURDAY, 1, "proposed")
    assert [m.kind for m in session.scalars(select(Message))] == ["changed"]


def test_a_run_ends_as_a_plan_on_the_page(
    organiser_client: FlaskClient,
    season: Season,
    session: Session,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    jobs: FakeJobs,
) -> None:
    """The whole way with the real solver, on a season of two villages."""
    season.tour.solver_seconds = 20  # it ends as soon as it is proved
    session.commit()
    organiser_client.post("/organisation/tournees/ete/planifier")
    planning.execute_run(session_factory, jobs.solves[0], clock)
    page = text_of(organiser_client, "/organisation/tournees/ete/plan")
    assert "C’est prouvé" in page
    assert "Chaque village a toutes les soirées qu’il demande." in page


def test_a_free_week_and_a_week_at_the_garage(
    organiser_client: FlaskClient, season: Season, plan: Plan, session: Session
) -> None:
    """A second van with nothing to do says why, week by week; weeks without any evening are one row."""
    later = [SATURDAY + dt.timedelta(weeks=weeks) for weeks in (1, 2, 3)]
    season.tour.dates += [TourDate(date=day) for day in later]
    firmin = make.make_vehicle(session, name="Firmin")
    season.tour.vehicles.append(TourVehicle(vehicle=firmin, unavailable=[FRIDAY.isoformat()]))
    session.commit()
    page = text_of(organiser_client, f"/organisation/plans/{plan.id}")
    assert "Libre" in page
    assert "Semaines 27 à 29" in page
    season.tour.vehicles[-1].unavailable = [FRIDAY.isoformat(), SATURDAY.isoformat()]
    session.commit()
    assert "Au garage" in text_of(organiser_client, f"/organisation/plans/{plan.id}")


def test_a_van_that_left_the_tour_still_shows_its_evenings(
    organiser_client: FlaskClient, season: Season, plan: Plan, session: Session
) -> None:
    """The calendar hides nothing that would be published."""
    season.tour.vehicles = []
    session.commit()
    assert "Vignory" in text_of(organiser_client, f"/organisation/plans/{plan.id}")
