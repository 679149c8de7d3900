"""The season's board and the page of a planned evening: what they say, and what they refuse in sentences."""

import datetime as dt
import html
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Commune, Plan, SolverRun, Tour, TourVehicle, Vehicle
from guinguette.services import planning
from tests import factories as make
from tests.fakes import FakeJobs

FRIDAY, SATURDAY, NEXT_FRIDAY = dt.date(2027, 7, 2), dt.date(2027, 7, 3), dt.date(2027, 7, 9)
BOARD = "/organisation/tournees/ete/saison"


@dataclass
class Season:
    """A tour of two villages, one van and three dates, and its plan: Vignory on Friday, Poissons on Saturday."""

    tour: Tour
    van: Vehicle
    vignory: Commune
    poissons: Commune
    plan: Plan

    def evening(self, commune: Commune, date: dt.date, plan: Plan | None = None) -> str:
        """Return the address of an evening of the plan."""
        return f"/organisation/plans/{(plan or self.plan).id}/soirees/{commune.insee}/{date}"

    def to(self, date: dt.date) -> str:
        """Return what a form sends for the van on this date."""
        return f"{date}:{self.van.id}"


@pytest.fixture
def season(session: Session) -> Season:
    """Vignory has said no to the last Friday."""
    van = make.make_vehicle(session, name="Lucette", slug="lucette")
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[FRIDAY, SATURDAY, NEXT_FRIDAY], vehicles=[van])
    vignory = make.make_commune(session, name="Vignory", lat=48.28, lon=5.1)
    poissons = make.make_commune(session, name="Poissons", lat=48.42, lon=5.2)
    make.make_request(session, tour=tour, commune=vignory, availabilities={FRIDAY: "yes", SATURDAY: "if_need_be"})
    make.make_request(session, tour=tour, commune=poissons)
    plan = make.make_plan(session, tour=tour, evenings=[(vignory, FRIDAY, van), (poissons, SATURDAY, van)])
    session.commit()
    return Season(tour, van, vignory, poissons, plan)


def text_of(client: FlaskClient, address: str) -> str:
    """Return a page's HTML, which must answer 200, with plain spaces."""
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return " ".join(html.unescape(response.get_data(as_text=True)).split())


def shown(session: Session, season: Season) -> Plan:
    """Return the plan that the desk shows now."""
    session.expire_all()
    plan = planning.latest_plan(session, season.tour)
    assert plan is not None
    return plan


@pytest.mark.parametrize("view", ["", "?vue=table", "?vue=nothing", "?mois=2027-07", "?mois=1999-01"])
def test_the_board_leads_to_each_evening(organiser_client: FlaskClient, season: Season, view: str) -> None:
    """Every evening is a link, in the table that all see who have no wide screen or no JavaScript."""
    page = text_of(organiser_client, BOARD + view)
    assert season.evening(season.vignory, FRIDAY) in page
    assert ("js/season.js" in page) is (view != "?vue=table")
    assert "Annuler :" not in page


def test_without_a_plan_there_is_no_board(organiser_client: FlaskClient, season: Season, session: Session) -> None:
    """It leads to the page that says what to do first."""
    session.delete(season.plan)
    session.commit()
    assert organiser_client.get(BOARD).location == "/organisation/tournees/ete/plan"


def test_an_evening_says_where_it_may_go_and_what_that_costs(organiser_client: FlaskClient, season: Season) -> None:
    """The exchange names who gives way and the preference; what is forbidden names its rule; and why it is there."""
    page = text_of(organiser_client, season.evening(season.vignory, FRIDAY))
    assert "Poissons prendrait sa place vendredi 2 juillet avec Lucette." in page
    assert "Le village a répondu « si besoin »." in page
    assert "Le village n’est pas libre le vendredi 9 juillet." in page
    assert "aucune autre date n’est permise" in page
    page = text_of(organiser_client, season.evening(season.poissons, SATURDAY))
    assert "vendredi 9 juillet avec Lucette" in page


def test_a_tour_with_many_vans_offers_those_that_are_near(
    organiser_client: FlaskClient, season: Season, session: Session
) -> None:
    """Six are looked at; a far one is on the page where it is asked about, or where all are asked for."""
    for n in range(6):
        van = make.make_vehicle(session, name=f"Camion {n}", slug=f"camion-{n}", depot_lat=48.0 - n, depot_lon=5.1)
        season.tour.vehicles.append(TourVehicle(vehicle=van))
    session.commit()
    address = season.evening(season.vignory, FRIDAY)
    page = text_of(organiser_client, address)
    assert "Camion 4" in page
    assert "Camion 5" not in page
    assert "Regarder aussi 1 véhicule plus éloigné" in page
    assert "Camion 5" in text_of(organiser_client, f"{address}?vers={SATURDAY}:{van.id}")
    everyone = text_of(organiser_client, f"{address}?vehicules=tous")
    assert "Samedi 3 juillet, Camion 5" in everyone
    assert "plus éloigné" not in everyone
    vans = {place["van"] for place in organiser_client.get(address + "/places").get_json()}
    assert van.id not in vans
    assert len(vans) == 6
    answer = organiser_client.post(f"{address}/deplacer", data={"vers": f"{SATURDAY}:{van.id}"})
    assert answer.status_code == 302
    assert "avec Camion 5" in text_of(organiser_client, answer.location)


def test_the_calendar_asks_for_all_places_at_once(organiser_client: FlaskClient, season: Season) -> None:
    """One answer holds every other date of the vans that are near, each with its words; an exception has an address."""
    answer = organiser_client.get(season.evening(season.vignory, FRIDAY) + "/places").get_json()
    assert [(p["date"], p["kind"]) for p in answer] == [("2027-07-03", "exchange"), ("2027-07-09", "non")]
    assert "échange" in answer[0]["short"]
    assert (answer[0]["exception"], answer[1]["short"]) == ("", "pas libre")
    assert "Pourquoi faire une exception" in text_of(organiser_client, answer[1]["exception"])


def test_a_move_is_said_and_can_be_undone_and_done_again(
    organiser_client: FlaskClient, season: Season, session: Session
) -> None:
    """The board says what was done, and has a button that takes it back and one that brings it again."""
    moved = organiser_client.post(
        season.evening(season.poissons, SATURDAY) + "/deplacer", data={"vers": season.to(NEXT_FRIDAY)}
    )
    assert moved.location == f"{BOARD}?mois=2027-07"
    page = text_of(organiser_client, moved.location)
    assert "C’est fait. Poissons, du samedi 3 juillet au vendredi 9 juillet." in page
    assert "Annuler : Poissons, du samedi 3 juillet au vendredi 9 juillet" in page
    child = shown(session, season)
    organiser_client.post(f"/organisation/plans/{child.id}/annuler")
    assert shown(session, season) == season.plan
    assert "Refaire : Poissons" in text_of(organiser_client, BOARD)
    organiser_client.post(f"/organisation/plans/{season.plan.id}/refaire")
    assert shown(session, season) == child
    assert organiser_client.post(f"/organisation/plans/{child.id}/refaire").location == f"{BOARD}?mois=2027-07"
    assert "Il n’y a rien à refaire." in text_of(organiser_client, BOARD)


def test_a_move_that_breaks_a_rule_asks_for_an_exception(
    organiser_client: FlaskClient, season: Season, session: Session
) -> None:
    """Refused with the sentence and a form that asks why; with a reason it is done, and signed."""
    address = season.evening(season.vignory, FRIDAY)
    refused = organiser_client.post(address + "/deplacer", data={"vers": season.to(NEXT_FRIDAY)})
    page = text_of(organiser_client, refused.location)
    assert "Le village n’est pas libre le vendredi 9 juillet." in page
    assert shown(session, season) == season.plan
    why = {"vers": season.to(NEXT_FRIDAY), "why": "accord du maire au téléphone"}
    organiser_client.post(address + "/deplacer", data=why)
    plan = shown(session, season)
    assert "Exception" in text_of(organiser_client, BOARD)
    page = text_of(organiser_client, season.evening(season.vignory, NEXT_FRIDAY, plan))
    assert "Exception : pas libre" in page
    assert "« accord du maire au téléphone »" in page
    assert "Retirer l’exception" in page
    let_go = {"quoi": f"soiree:{season.vignory.insee}:{NEXT_FRIDAY}", "pinned": "0"}
    organiser_client.post(f"/organisation/plans/{plan.id}/epingler", data=let_go)
    assert "Vignory n’est pas libre le vendredi 9 juillet." in text_of(organiser_client, BOARD)
    assert shown(session, season) == plan


def test_what_nobody_can_except(organiser_client: FlaskClient, season: Season, session: Session) -> None:
    """A drive that is too long is refused whatever the reason, and the page says that there is no exception."""
    season.van.max_leg_metres = 1000
    session.commit()
    vers = f"?vers={season.to(SATURDAY)}"
    page = text_of(organiser_client, season.evening(season.vignory, FRIDAY) + vers)
    assert "trajet trop long" in text_of(organiser_client, BOARD)
    assert "Déplacer la soirée" in page


@pytest.mark.parametrize("vers", ["", "2027-07-03", "demain:1", "2027-07-03:van"])
def test_a_move_without_a_date_is_refused(organiser_client: FlaskClient, season: Season, vers: str) -> None:
    """Pressing the button without a choice, or with one that nobody offered, says what to do."""
    answer = organiser_client.post(season.evening(season.vignory, FRIDAY) + "/deplacer", data={"vers": vers})
    assert "Choisissez une date et un véhicule" in text_of(organiser_client, answer.location)


@pytest.mark.parametrize("what", ["soiree", "village", "semaine"])
def test_pins_by_evening_village_and_week(
    organiser_client: FlaskClient, season: Season, session: Session, what: str
) -> None:
    """Each pins what it says, and lets it go again."""
    insee = season.vignory.insee
    value = {"soiree": f"soiree:{insee}:{FRIDAY}", "village": f"village:{insee}", "semaine": "semaine:2027-06-28"}
    for pinned, count in (("1", 2 if what == "semaine" else 1), ("0", 0)):
        plan = shown(session, season)
        organiser_client.post(f"/organisation/plans/{plan.id}/epingler", data={"quoi": value[what], "pinned": pinned})
        assert sum(line.pinned for line in shown(session, season).evenings) == count
        assert ("Épinglée" in text_of(organiser_client, BOARD)) is (count > 0)


def test_planning_again_starts_from_the_pins(
    organiser_client: FlaskClient, season: Season, session: Session, jobs: FakeJobs
) -> None:
    """Both buttons, the board's and the tour's, leave what is pinned where it is; a second one is refused."""
    organiser_client.post(
        f"/organisation/plans/{season.plan.id}/epingler", data={"quoi": "semaine:2027-06-28", "pinned": "1"}
    )
    plan = shown(session, season)
    organiser_client.post(f"/organisation/plans/{plan.id}/planifier")
    run = session.scalars(select(SolverRun).order_by(SolverRun.id.desc())).first()
    assert run is not None
    assert (run.base_id, len(run.season["locked"]), jobs.solves) == (plan.id, 2, [run.id])
    again = organiser_client.post(f"/organisation/plans/{plan.id}/planifier")
    assert "Un calcul est déjà en cours" in text_of(organiser_client, again.location)
    run.state = "done"
    session.commit()
    organiser_client.post("/organisation/tournees/ete/planifier")
    last = session.scalars(select(SolverRun).order_by(SolverRun.id.desc())).first()
    assert last is not None
    assert last.base_id == plan.id


def test_pins_that_leave_no_plan_lead_back_to_the_board(
    organiser_client: FlaskClient, season: Season, session: Session
) -> None:
    """A run around pins that contradict each other has no board: its page leads back to the plan with the pins."""
    later = season.plan.shown_at + dt.timedelta(hours=1)
    none = make.make_plan(session, tour=season.tour, status="infeasible", cost=None, shown_at=later)
    none.run.base_id = season.plan.id
    session.commit()
    assert organiser_client.get(BOARD).location == "/organisation/tournees/ete/plan"
    assert "Revenir au plan d’avant" in text_of(organiser_client, "/organisation/tournees/ete/plan")
    organiser_client.post(f"/organisation/plans/{none.id}/annuler")
    assert shown(session, season) == season.plan


def test_whoever_works_on_an_older_plan_reads_what_changed(
    organiser_client: FlaskClient, season: Season, session: Session
) -> None:
    """The second of two is told who did what meanwhile, and nothing of it is overwritten."""
    organiser_client.post(
        season.evening(season.poissons, SATURDAY) + "/deplacer", data={"vers": season.to(NEXT_FRIDAY)}
    )
    child = shown(session, season)
    late = organiser_client.post(
        season.evening(season.vignory, FRIDAY) + "/deplacer", data={"vers": season.to(SATURDAY)}
    )
    page = text_of(organiser_client, late.location)
    assert "Le plan a changé entre-temps" in page
    assert f"Poissons, du samedi 3 juillet au vendredi 9 juillet : {child.made_by}" in page
    assert "Déplacer la soirée" not in page
    assert shown(session, season) == child
    make.make_plan(session, tour=season.tour, shown_at=child.shown_at + dt.timedelta(days=1))
    session.commit()
    assert "Le plan retenu est maintenant celui du" in text_of(organiser_client, season.evening(season.vignory, FRIDAY))


def test_what_the_tour_breaks_since_is_said(organiser_client: FlaskClient, season: Season, session: Session) -> None:
    """A village that took its date back is named at the head of the board."""
    season.tour.requests[0].availabilities = []
    session.commit()
    assert "Vignory n’est pas libre le vendredi 2 juillet." in text_of(organiser_client, BOARD)


@pytest.mark.parametrize("address", ["{insee}/2027-07-04", "{insee}/demain", "99999/2027-07-02"])
def test_an_evening_that_is_not_in_the_plan(organiser_client: FlaskClient, season: Season, address: str) -> None:
    """404, in words."""
    path = f"/organisation/plans/{season.plan.id}/soirees/" + address.format(insee=season.vignory.insee)
    for each in (path, path + "/places"):
        assert organiser_client.get(each).status_code == 404
    assert organiser_client.post(path + "/deplacer").status_code == 404


def test_a_pin_on_nothing_known(organiser_client: FlaskClient, season: Season) -> None:
    """A form that nobody made is a bad request; a village that has no evening, nothing to change."""
    address = f"/organisation/plans/{season.plan.id}/epingler"
    assert organiser_client.post(address, data={"quoi": "tout"}).status_code == 400
    organiser_client.post(address, data={"quoi": "village:99999", "pinned": "1"})
    assert "Il n’y a rien à changer" in text_of(organiser_client, BOARD)
