"""Two or three plans on one page and one map."""

import datetime as dt
import html

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Plan
from guinguette.services import rules
from tests import factories as make

FRIDAY, SATURDAY = dt.date(2027, 7, 2), dt.date(2027, 7, 3)


@pytest.fixture
def plans(session: Session) -> list[Plan]:
    """Vignory moves from Friday to Saturday, Poissons stays, Soulaines is served in the second plan only."""
    rules.ensure_defaults(session)
    van, other = make.make_vehicle(session, name="Lucette"), make.make_vehicle(session, name="Firmin")
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[FRIDAY, SATURDAY], vehicles=[van, other])
    moves, stays, gains, never = (
        make.make_commune(session, name=name) for name in ("Vignory", "Poissons", "Soulaines", "Froncles")
    )
    for commune in (moves, stays, gains, never):
        make.make_request(session, tour=tour, commune=commune)
    first = make.make_plan(
        session, tour=tour, evenings=[(moves, FRIDAY, van), (stays, FRIDAY, other)], cost=10, bound=10, metres=100_000
    )
    second = make.make_plan(
        session,
        tour=tour,
        evenings=[(stays, FRIDAY, other), (moves, SATURDAY, van), (gains, SATURDAY, other)],
        name="Un village de plus",
        settings={"villages": "more"},
        cost=100,
        bound=90,
        metres=160_000,
        shown_at=None,
    )
    session.commit()
    return [first, second]


def page_of(client: FlaskClient, plans: list[Plan]) -> str:
    """Return the page that compares them."""
    ids = ",".join(str(plan.id) for plan in plans)
    response = client.get(f"/organisation/tournees/ete/comparer?plans={ids}")
    assert response.status_code == 200
    return plain(response.text)


def plain(text: str) -> str:
    """Return the text with spaces where French has non-breaking ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_figures_side_by_side(organiser_client: FlaskClient, plans: list[Plan]) -> None:
    """Each measure has a value a plan, and says in a word where it is at its best."""
    page = page_of(organiser_client, plans)
    for text in ("2 sur 4", "3 sur 4", "100 km", "160 km", "14 litres", "rien, c’est prouvé", "10 %"):
        assert text in page
    assert "(le mieux)" in page
    assert "Villages servis : compte plus." in page
    assert "Arrêté du 26 avril 2017" in page


def test_villages_that_change(organiser_client: FlaskClient, plans: list[Plan]) -> None:
    """Date and van in each plan; a village that is the same in both is only counted."""
    page = page_of(organiser_client, plans)
    table = page[page.index("2 villages changent") :]
    assert "vendredi 2 juillet, Lucette" in table
    assert "samedi 3 juillet, Lucette" in table
    assert "aucune soirée" in table
    assert "Poissons" not in table
    assert "Pareil dans chaque plan : 1" in page
    assert "Aucune soirée : 1" in page


def test_the_same_plan_under_two_names(organiser_client: FlaskClient, plans: list[Plan], session: Session) -> None:
    """Nothing differs: said, instead of an empty table."""
    lines = [(line.commune, line.date, line.vehicle) for line in plans[0].evenings]
    twin = make.make_plan(session, tour=plans[0].tour, evenings=lines)
    session.commit()
    assert "Rien ne change" in page_of(organiser_client, [plans[0], twin])


def test_three_plans(organiser_client: FlaskClient, plans: list[Plan], session: Session) -> None:
    """The most that fit; checkboxes send one parameter each."""
    third = make.make_plan(session, tour=plans[0].tour, name="Rien du tout", shown_at=None)
    session.commit()
    query = "&".join(f"plans={plan.id}" for plan in (*plans, third))
    page = organiser_client.get(f"/organisation/tournees/ete/comparer?{query}").text
    assert 'id="plan-C"' in page
    assert "3 villages changent" in page


@pytest.mark.parametrize("query", ["", "plans=", "plans=x", "plans=1", "plans=1,1"])
def test_one_plan_is_no_comparison(organiser_client: FlaskClient, plans: list[Plan], query: str) -> None:
    """Back to the list, which says how many."""
    response = organiser_client.get(f"/organisation/tournees/ete/comparer?{query}")
    assert response.location == "/organisation/tournees/ete/variantes"
    assert "Cochez deux ou trois plans" in organiser_client.get(response.location).text


def test_both_on_one_map(organiser_client: FlaskClient, plans: list[Plan]) -> None:
    """A village has one mark whose shape says how the plans compare, and a bubble with a line for each plan."""
    ids = ",".join(str(plan.id) for plan in plans)
    response = organiser_client.get(f"/organisation/tournees/ete/comparer/carte?plans={ids}")
    assert "nonce" in response.headers["Content-Security-Policy"]
    scripts = plain(html.unescape(response.text).encode().decode("raw_unicode_escape"))
    for text in ("Vignory, vendredi 2 juillet, Lucette, Plan A", "m-rep", "m-att", "m-ann", "m-ok"):
        assert text in scripts


def test_no_village_no_map(organiser_client: FlaskClient, session: Session) -> None:
    """Plans of a tour without villages have nothing to show."""
    tour = make.make_tour(session, slug="vide")
    ids = ",".join(str(make.make_plan(session, tour=tour).id) for _ in range(2))
    session.commit()
    assert organiser_client.get(f"/organisation/tournees/vide/comparer/carte?plans={ids}").status_code == 404
