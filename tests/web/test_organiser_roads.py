"""What organisers read of roads: a plan that had to do without them, a day's driving, a run that asks for them."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.models import Plan, Road, RoadSurvey
from tests import factories as make
from tests.fakes import NOW

FRIDAY = dt.date(2027, 6, 11)
SERVER = "osrm 127.0.0.1:5000/driving"


def text_of(response: TestResponse) -> str:
    """Return a page's words, each space a plain one."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", response.get_data(as_text=True)).split())


@pytest.fixture
def plan(session: Session) -> Plan:
    """One evening at Vignory, 20,400 m and 24 minutes by car from a depot whose van cruises at 60 km/h."""
    van = make.make_vehicle(
        session, name="Lucette", slug="lucette", depot_lat=48.5, depot_lon=5.0, nights_out=0, cruise_km_per_hour=60
    )
    village = make.make_commune(session, name="Vignory", lat=48.3, lon=5.1)
    tour = make.make_tour(session, dates=[FRIDAY], vehicles=[van])
    make.make_request(session, tour=tour, commune=village)
    season = {
        "locations": [{"id": "depot-lucette", "lat": 48.5, "lon": 5.0}, {"id": village.insee, "lat": 48.3, "lon": 5.1}],
        "travel": {"kind": "matrix", "metres": [[0, 20_400], [21_600, 0]]},
    }
    run = make.make_run(session, tour=tour, state="done", started_at=NOW, finished_at=NOW, season=season)
    session.add(RoadSurvey(run_id=run.id, server=SERVER, drives=2, estimated=0, failure="", asked_at=NOW))
    ends = {"from_lat": 4_850_000, "from_lon": 500_000, "to_lat": 4_830_000, "to_lon": 510_000}
    back = {"from_lat": 4_830_000, "from_lon": 510_000, "to_lat": 4_850_000, "to_lon": 500_000}
    for pair, metres, seconds in ((ends, 20_400, 24 * 60), (back, 21_600, 27 * 60)):
        session.add(Road(server=SERVER, metres=metres, seconds=seconds, asked_at=NOW, **pair))
    made = make.make_plan(session, tour=tour, run=run, metres=42_000, evenings=[(village, FRIDAY, van)])
    session.commit()
    return made


def test_a_plan_by_road_tells_how_long_its_drives_are(organiser_client: FlaskClient, plan: Plan) -> None:
    """A car's 51 minutes are an hour and eight for this van; nothing is said of estimates."""
    page = text_of(organiser_client.get(f"/organisation/plans/{plan.id}?vue=liste"))
    assert "42 km de route" in page
    assert "1 h 08 au volant" in page
    assert "Lucette, 42 km, 1 h 08" in page
    assert "vol d’oiseau" not in page


@pytest.mark.parametrize(
    ("estimated", "failure", "said"),
    [
        (2, "HTTP 503, tried 4 times", "Les distances de ce plan sont celles à vol d’oiseau, allongées de 30 %."),
        (1, "HTTP 503, tried 4 times", "Sur 2 trajets possibles entre les lieux, 1 est estimé à vol d’oiseau"),
        (1, "", "Des villages sans route connue"),
    ],
)
def test_a_plan_says_what_it_had_to_estimate(
    organiser_client: FlaskClient, session: Session, plan: Plan, estimated: int, failure: str, said: str
) -> None:
    """How much, why, and what to do about it."""
    survey = session.get_one(RoadSurvey, plan.run_id)
    survey.estimated, survey.failure = estimated, failure
    session.commit()
    page = text_of(organiser_client.get(f"/organisation/plans/{plan.id}"))
    assert said in page
    assert ("Le serveur des routes n’a pas répondu" in page) == bool(failure)
    assert ("À dire à qui s’occupe du serveur : HTTP 503" in page) == bool(failure)


def test_an_evening_tells_its_days_driving(organiser_client: FlaskClient, session: Session, plan: Plan) -> None:
    """Each way by its names, as whoever drives will read it."""
    line = plan.evenings[0]
    evening = make.make_evening(session, tour=plan.tour, commune=line.commune, vehicle=line.vehicle, date=FRIDAY)
    session.commit()
    page = text_of(organiser_client.get(f"/organisation/soirees/{evening.id}"))
    assert "42 km, 1 h 08" in page
    assert "de Saint-Dizier à Vignory : 20 km, 32 min ; de Vignory à Saint-Dizier : 22 km, 36 min" in page
    assert "estimé" not in page


def test_a_village_that_nobody_placed_has_no_driving(organiser_client: FlaskClient, session: Session) -> None:
    """The page is there all the same."""
    evening = make.make_evening(session, commune=make.make_commune(session, lat=None, lon=None))
    session.commit()
    assert "Route du jour" not in text_of(organiser_client.get(f"/organisation/soirees/{evening.id}"))


def test_a_run_says_that_it_asks_for_roads(organiser_client: FlaskClient, session: Session, plan: Plan) -> None:
    """Its time has not begun to count yet."""
    make.make_run(session, tour=plan.tour, state="running", phase="roads", started_at=NOW, heartbeat_at=NOW)
    session.commit()
    page = text_of(organiser_client.get(f"/organisation/tournees/{plan.tour.slug}/calcul"))
    assert "On demande les routes entre les villages." in page
