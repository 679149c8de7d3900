"""A tour's records become a season that the solver accepts."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

import routing
from guinguette.domain.errors import InvalidInput
from guinguette.models import Tour
from guinguette.services import rules
from guinguette.services.season import build_season
from tests import factories as make
from tests.fakes import FixedClock

FRIDAYS = [dt.date(2027, 6, 11) + dt.timedelta(weeks=week) for week in range(4)]


@pytest.fixture
def tour(session: Session) -> Tour:
    """Two communes, one van, four Fridays."""
    rules.ensure_defaults(session)
    tour = make.make_tour(session, dates=FRIDAYS, vehicles=[make.make_vehicle(session, slug="lucette")])
    make.make_request(session, tour=tour, commune=make.make_commune(session, insee="52001", name="Bailly"), evenings=2)
    make.make_request(
        session,
        tour=tour,
        commune=make.make_commune(session, insee="52002", name="Celles"),
        availabilities={FRIDAYS[0]: "yes", FRIDAYS[1]: "if_need_be", FRIDAYS[2]: "no"},
    )
    return tour


def test_season_is_accepted_by_the_solver(session: Session, tour: Tour, clock: FixedClock) -> None:
    """What is built parses as a season, with the tour's dates and communes."""
    season = routing.parse_season(build_season(session, tour, clock))
    assert [commune.id for commune in season.communes] == ["52001", "52002"]
    assert len(season.dates) == 4


def test_an_answer_closes_the_dates_it_does_not_name(session: Session, tour: Tour, clock: FixedClock) -> None:
    """Nobody answered: every date is open. Somebody answered: only the named ones are."""
    communes = {c["id"]: c for c in build_season(session, tour, clock)["communes"]}
    assert len(communes["52001"]["availability"]) == 4
    assert communes["52002"]["availability"] == {"2027-06-11": "yes", "2027-06-18": "if_need_be"}


def test_past_evenings_are_locked_and_coming_ones_are_the_baseline(
    session: Session, tour: Tour, clock: FixedClock
) -> None:
    """What has happened stays; what is published and to come is what a new plan moves as little as it can."""
    request = tour.requests[0]
    vehicle = tour.vehicles[0].vehicle
    for date in FRIDAYS[:2]:
        make.make_evening(session, tour=tour, commune=request.commune, vehicle=vehicle, date=date)
    clock.set(dt.datetime(2027, 6, 15, 10, tzinfo=dt.UTC))
    season = build_season(session, tour, clock)
    assert [(lock["date"], lock["vehicle"]) for lock in season["locked"]] == [("2027-06-11", "lucette")]
    assert season["baseline"] == [{"commune": "52001", "date": "2027-06-18"}]
    assert season["dates"][0] == "2027-06-11"


def test_a_van_or_a_commune_busy_on_another_tour_is_not_free(session: Session, tour: Tour, clock: FixedClock) -> None:
    """Dates taken by another tour leave the vehicle's and the commune's dates."""
    make.make_evening(
        session,
        tour=make.make_tour(session),
        commune=tour.requests[0].commune,
        vehicle=tour.vehicles[0].vehicle,
        date=FRIDAYS[3],
    )
    season = build_season(session, tour, clock)
    assert FRIDAYS[3].isoformat() not in season["vehicles"][0]["dates"]
    assert FRIDAYS[3].isoformat() not in season["communes"][0]["availability"]


def test_a_cancelled_evening_of_another_tour_frees_its_date(session: Session, tour: Tour, clock: FixedClock) -> None:
    """What is called off takes nobody's date."""
    make.make_evening(session, vehicle=tour.vehicles[0].vehicle, date=FRIDAYS[3], state="cancelled")
    assert FRIDAYS[3].isoformat() in build_season(session, tour, clock)["vehicles"][0]["dates"]


def test_funding_and_permits_become_quotas(session: Session, tour: Tour, clock: FixedClock) -> None:
    """An EPCI's funded evenings and a holder's yearly permits limit the season, what is used subtracted."""
    request = tour.requests[0]
    request.permit_holder = make.make_committee(session, commune=request.commune)
    tour.fundings = [make.Funding(epci_siren=request.commune.epci_siren, evenings=3)]
    make.make_evening(session, date=dt.date(2027, 3, 6), permit_holder=request.permit_holder)
    session.flush()
    quotas = {q["id"]: q for q in build_season(session, tour, clock)["quotas"]}
    assert quotas[f"epci-{request.commune.epci_siren}"]["max"] == 3
    permits = quotas[f"permis-{request.permit_holder_id}-2027"]
    assert (permits["max"], permits["from"], permits["to"]) == (4, "2027-01-01", "2027-12-31")


@pytest.mark.parametrize("lacking", ["requests", "vehicles", "dates"])
def test_a_tour_with_nothing_to_plan_says_what_is_missing(
    session: Session, tour: Tour, clock: FixedClock, lacking: str
) -> None:
    """Without communes, vehicles or dates to come there is a sentence, not an empty season."""
    if lacking == "requests":
        for request in tour.requests:
            request.archived_at = clock.now()
    elif lacking == "vehicles":
        tour.vehicles = []
    else:
        clock.set(dt.datetime(2027, 8, 1, 10, tzinfo=dt.UTC))
    session.flush()
    with pytest.raises(InvalidInput):
        build_season(session, tour, clock)


def test_what_was_postponed_by_hand_can_stay_where_it_is(session: Session, tour: Tour, clock: FixedClock) -> None:
    """A new plan keeps the new date, though it is none of the tour's, and does not give the old one back."""
    commune, vehicle = tour.requests[1].commune, tour.vehicles[0].vehicle
    make.make_evening(
        session, tour=tour, commune=commune, vehicle=vehicle, date=FRIDAYS[0], state="postponed", change_note="Orages."
    )
    monday = FRIDAYS[0] + dt.timedelta(days=3)
    make.make_evening(session, tour=tour, commune=commune, vehicle=vehicle, date=monday)
    season = build_season(session, tour, clock)
    communes = {c["id"]: c for c in season["communes"]}
    assert communes["52002"]["availability"] == {"2027-06-14": "yes", "2027-06-18": "if_need_be"}
    assert "2027-06-14" not in communes["52001"]["availability"]
    assert monday.isoformat() in season["vehicles"][0]["dates"]


def test_tonight_is_settled(session: Session, tour: Tour, clock: FixedClock) -> None:
    """The evening under way is locked, and nothing new is planned for tonight."""
    clock.set(dt.datetime(2027, 6, 18, 19, tzinfo=dt.UTC))
    make.make_evening(
        session, tour=tour, commune=tour.requests[0].commune, vehicle=tour.vehicles[0].vehicle, date=FRIDAYS[1]
    )
    season = build_season(session, tour, clock)
    assert [lock["date"] for lock in season["locked"]] == ["2027-06-18"]
    assert "2027-06-18" not in {c["id"]: c for c in season["communes"]}["52002"]["availability"]


def test_a_van_that_left_takes_what_it_has_done_from_the_wishes(
    session: Session, tour: Tour, clock: FixedClock
) -> None:
    """Its evenings are no locks, but their villages, payers and permit holders have had them; spacing goes on."""
    request, other = tour.requests
    request.permit_holder = make.make_committee(session, commune=request.commune)
    request.min_days_between = 10
    tour.fundings = [make.Funding(epci_siren=request.commune.epci_siren, evenings=3)]
    for commune in (request.commune, other.commune):
        make.make_evening(session, tour=tour, commune=commune, date=FRIDAYS[0])
    clock.set(dt.datetime(2027, 6, 15, 10, tzinfo=dt.UTC))
    season = build_season(session, tour, clock)
    [left] = season["communes"]
    assert (left["id"], left["evenings"]) == ("52001", 1)
    assert min(left["availability"]) == FRIDAYS[2].isoformat()
    assert season["locked"] == []
    assert [quota["max"] for quota in season["quotas"]] == [2, 4]


def test_villages_that_have_had_all_they_want_leave_nothing_to_plan(session: Session, clock: FixedClock) -> None:
    """Their evenings were held by a van that has left the tour: no season without communes, but a sentence."""
    rules.ensure_defaults(session)
    tour = make.make_tour(session, dates=FRIDAYS, vehicles=[make.make_vehicle(session)])
    request = make.make_request(session, tour=tour, evenings=1)
    make.make_evening(session, tour=tour, commune=request.commune, date=FRIDAYS[0], state="held")
    clock.set(dt.datetime(2027, 6, 15, 10, tzinfo=dt.UTC))
    with pytest.raises(InvalidInput, match="toutes les soirées qu’elle demande"):
        build_season(session, tour, clock)
