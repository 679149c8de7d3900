"""A run whose season is planned in territories, on the organiser's page."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import routing
from guinguette.services.planning import territories
from tests import factories as make
from tests.fakes import NOW

TERRITORIES = [{"name": "Troyes, Châlons", "turns": 2, "cost": 1_234_567}, {"name": "Nancy", "turns": 0, "cost": None}]


def test_each_territory_is_told_in_words(organiser_client: FlaskClient, session: Session) -> None:
    """By the names of its depots, how often it was planned and what it costs now; one that waits has its name alone."""
    tour = make.make_tour(session, slug="pays")
    make.make_run(session, tour=tour, state="running", started_at=NOW, heartbeat_at=NOW, territories=TERRITORIES)
    session.commit()
    answer = organiser_client.get("/organisation/tournees/pays/calcul", headers={"HX-Request": "true"})
    fragment = " ".join(answer.text.replace("\u00a0", "~").split())
    assert "sont calculés chacun à part, pénalités comprises" in fragment
    assert "<li> Troyes, Châlons · 2~passages · 1 235~km </li> <li> Nancy </li>" in fragment


def test_territories_are_named_after_the_depots_of_their_vans(session: Session) -> None:
    """The engine knows the season's names of places; vans that share a depot name it once."""
    for slug, depot in (("a", "Troyes"), ("b", "Troyes"), ("c", "Châlons")):
        make.make_vehicle(session, slug=slug, depot_name=depot)
    found = [routing.Territory(("depot-a", "depot-b", "depot-c"), 0, 1, 5_000), routing.Territory(("la Lune",), 2)]
    assert territories.to_json(session, found) == [
        {"name": "Troyes, Châlons", "turns": 1, "cost": 5_000},
        {"name": "la Lune (2)", "turns": 0, "cost": None},
    ]
