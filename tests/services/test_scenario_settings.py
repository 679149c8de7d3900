"""What a variant changes: read, written, added up, and the season that it makes of the tour's."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy.orm import Session

import routing
from guinguette.domain.errors import InvalidInput
from guinguette.models import Tour
from guinguette.services import planning, rules
from guinguette.services.scenario_settings import (
    LEVELS,
    LIMITS,
    Agreed,
    ScenarioSettings,
    applied,
    costs,
    with_exceptions,
)
from tests import factories as make
from tests.fakes import FixedClock

FRIDAY, SATURDAY, SUNDAY = (dt.date(2027, 7, day) for day in (2, 3, 4))
DAYS = st.frozensets(st.dates(dt.date(2027, 1, 1), dt.date(2027, 12, 31)), max_size=3)
SLUGS = st.sampled_from(["lucette", "firmin"])
INSEE = st.sampled_from(["10001", "10002"])
AGREED = st.builds(
    Agreed, insee=INSEE, date=st.just(FRIDAY), vehicle=SLUGS, waived=st.just(("separation",)), why=st.text(max_size=5)
)
EARLY = st.frozensets(st.dates(dt.date(2027, 7, 1), dt.date(2027, 7, 5)), max_size=3)
SETTINGS = st.tuples(EARLY, EARLY, st.frozensets(SLUGS), st.frozensets(SLUGS)).flatmap(
    lambda each: st.builds(
        ScenarioSettings,
        dates_added=st.just(each[0]),
        dates_dropped=st.just(each[1] - each[0]),
        vehicles_added=st.just(each[2]),
        vehicles_dropped=st.just(each[3] - each[2]),
        garage=st.dictionaries(SLUGS, DAYS),
        fundings=st.dictionaries(st.just("200068666"), st.none() | st.integers(0, 40)),
        separation=st.none() | st.tuples(st.integers(0, 9000), st.integers(0, 9)),
        limits=st.dictionaries(SLUGS, st.dictionaries(st.sampled_from(LIMITS), st.integers(1, 200_000), min_size=1)),
        answers=st.dictionaries(INSEE, DAYS),
        allowed=st.dictionaries(INSEE, st.frozensets(SLUGS)),
        exceptions=st.lists(AGREED, max_size=2).map(tuple),
        villages=st.sampled_from(LEVELS),
        kilometres=st.sampled_from(LEVELS),
        preferences=st.sampled_from(LEVELS),
    )
)

#: Wall-clock limits would only measure how busy the machine is.
UNHURRIED = limits(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(SETTINGS)
def test_settings_survive_json(settings: ScenarioSettings) -> None:
    """What is written is read again as it was, and nothing is written of what changes nothing."""
    assert ScenarioSettings.from_json(settings.to_json()) == settings
    assert ScenarioSettings().to_json() == {}


@UNHURRIED
@given(SETTINGS, SETTINGS)
def test_the_later_word_counts(first: ScenarioSettings, second: ScenarioSettings) -> None:
    """Added settings are all in the sum, whatever the first ones said of the same dates, vans and payers."""
    both = first.also(second)
    assert second.dates_added <= both.dates_added <= first.dates_added | second.dates_added
    assert second.dates_dropped <= both.dates_dropped <= first.dates_dropped | second.dates_dropped
    assert second.vehicles_added <= both.vehicles_added
    assert both.fundings == {**first.fundings, **second.fundings}
    assert both.garage == {**first.garage, **second.garage}
    assert {(each.insee, each.date) for each in both.exceptions} == {
        (each.insee, each.date) for each in (*first.exceptions, *second.exceptions)
    }


@pytest.mark.parametrize(
    "value",
    [
        {"weather": "fine"},
        {"dates_added": ["2027-02-30"]},
        {"villages": "very much"},
        {"fundings": {"200068666": -1}},
        {"limits": {"lucette": {"speed": 3}}},
        {"separation": [3]},
        {"dates_added": ["2027-07-02"], "dates_dropped": ["2027-07-02"]},
        {"exceptions": [{"insee": "10001"}]},
    ],
)
def test_nonsense_is_refused(value: dict[str, Any]) -> None:
    """A setting that nobody knows, or that cannot be, is refused in a sentence."""
    with pytest.raises(InvalidInput, match="variante"):
        ScenarioSettings.from_json(value)


def test_weights_map_to_costs() -> None:
    """More for villages is five times, for preferences four; more for kilometres halves all else."""
    usual = {"no_evening": 1_000_000, "missing": 300_000, "if_need_be": 20_000, "moved": 100_000}
    assert costs(usual, ScenarioSettings()) == usual
    assert costs(usual, ScenarioSettings(villages="more")) == {**usual, "no_evening": 5_000_000, "missing": 1_500_000}
    assert costs(usual, ScenarioSettings(preferences="less"))["if_need_be"] == 5_000
    assert costs(usual, ScenarioSettings(kilometres="more")) == {name: cost // 2 for name, cost in usual.items()}


@pytest.fixture
def tour(session: Session) -> Tour:
    """Two villages of one EPCI that pays for two evenings, one van, Friday and Saturday."""
    rules.ensure_defaults(session)
    epci = make.make_epci(session, siren="200068666")
    tour = make.make_tour(
        session,
        dates=[FRIDAY, SATURDAY],
        vehicles=[make.make_vehicle(session, slug="lucette", max_evenings_per_week=1)],
        fundings={epci.siren: 2},
        separation_metres=8000,
        separation_days=2,
    )
    make.make_request(session, tour=tour, commune=make.make_commune(session, insee="10001", epci=epci))
    answered = make.make_commune(session, insee="10002", epci=epci)
    make.make_request(session, tour=tour, commune=answered, availabilities={FRIDAY: "yes"})
    make.make_vehicle(session, slug="firmin")
    session.flush()
    return tour


def season(session: Session, tour: Tour, clock: FixedClock, **settings: Any) -> dict[str, Any]:
    """Return the tour's season under these settings, which the solver accepts."""
    found = planning.season_of(session, tour, clock, settings=ScenarioSettings(**settings))
    routing.parse_season(found)
    return found


def test_no_settings_no_change(session: Session, tour: Tour, clock: FixedClock) -> None:
    """A variant without settings is the tour itself."""
    assert season(session, tour, clock) == planning.season_of(session, tour, clock)


def test_dates_come_and_go(session: Session, tour: Tour, clock: FixedClock) -> None:
    """An added date is free for who has not answered, closed for who has; a dropped one is gone."""
    found = season(session, tour, clock, dates_added=frozenset({SUNDAY}), dates_dropped=frozenset({FRIDAY}))
    assert found["dates"] == [SATURDAY.isoformat(), SUNDAY.isoformat()]
    free = {commune["id"]: sorted(commune["availability"]) for commune in found["communes"]}
    assert free == {"10001": found["dates"], "10002": []}
    supposed = season(session, tour, clock, answers={"10002": frozenset({SATURDAY})})
    assert supposed["communes"][1]["availability"] == {FRIDAY.isoformat(): "yes", SATURDAY.isoformat(): "if_need_be"}


def test_an_announced_evening_does_not_keep_a_dropped_date(session: Session, tour: Tour, clock: FixedClock) -> None:
    """The evening on it counts as moved; one that is past stays where it was."""
    van, commune = tour.vehicles[0].vehicle, tour.requests[0].commune
    make.make_evening(session, tour=tour, commune=commune, vehicle=van, date=FRIDAY)
    found = season(session, tour, clock, dates_dropped=frozenset({FRIDAY}))
    assert found["dates"] == [SATURDAY.isoformat()]
    assert [lock["date"] for lock in found["baseline"]] == [FRIDAY.isoformat()]
    clock.set(dt.datetime(2027, 7, 2, 20, tzinfo=dt.UTC))  # it is under way
    past = season(session, tour, clock, dates_dropped=frozenset({FRIDAY}))
    assert past["dates"] == [FRIDAY.isoformat(), SATURDAY.isoformat()]
    assert [lock["date"] for lock in past["locked"]] == [FRIDAY.isoformat()]


def test_vans_come_and_go_and_stay_at_the_garage(session: Session, tour: Tour, clock: FixedClock) -> None:
    """Another van joins with its own limits, one stays away, one has its days off and a busier week."""
    both = season(session, tour, clock, vehicles_added=frozenset({"firmin"}), garage={"lucette": frozenset({FRIDAY})})
    assert {van["id"]: van["dates"] for van in both["vehicles"]} == {
        "lucette": [SATURDAY.isoformat()],
        "firmin": [FRIDAY.isoformat(), SATURDAY.isoformat()],
    }
    busier = season(session, tour, clock, limits={"lucette": {"max_evenings_per_week": 2}})
    assert busier["vehicles"][0]["max_evenings_per_week"] == 2
    tour.requests[0].vehicles = [tour.vehicles[0].vehicle]
    other = season(session, tour, clock, vehicles_added=frozenset({"firmin"}), vehicles_dropped=frozenset({"lucette"}))
    assert [van["id"] for van in other["vehicles"]] == ["firmin"]
    assert other["communes"][0]["vehicles"] == []
    allowed = season(
        session, tour, clock, vehicles_added=frozenset({"firmin"}), allowed={"10001": frozenset({"firmin"})}
    )
    assert allowed["communes"][0]["vehicles"] == ["firmin", "lucette"]


def test_money_and_neighbours(session: Session, tour: Tour, clock: FixedClock) -> None:
    """An EPCI pays for more, or without limit; neighbours are kept apart otherwise, or not at all."""
    assert season(session, tour, clock, fundings={"200068666": 3})["quotas"][0]["max"] == 3
    assert season(session, tour, clock, fundings={"200068666": None})["quotas"] == []
    assert season(session, tour, clock, separation=(4000, 3))["separation"] == {"metres": 4000, "days": 3}
    assert season(session, tour, clock, separation=(0, 0))["separation"] == {"metres": 0, "days": 0}


def test_an_exception_is_locked_with_what_it_may_break(session: Session, tour: Tour, clock: FixedClock) -> None:
    """It stands on its van and date; one on a date that the variant does not have is left out."""
    made = Agreed(insee="10002", date=SATURDAY, vehicle="lucette", waived=("open_date",), why="Le maire est d’accord.")
    found = season(session, tour, clock, exceptions=(made,))
    assert found["locked"] == [
        {"commune": "10002", "date": SATURDAY.isoformat(), "vehicle": "lucette", "waived": ["open_date"]}
    ]
    assert season(session, tour, clock, exceptions=(made,), dates_dropped=frozenset({SATURDAY}))["locked"] == []


def test_the_season_given_is_left_as_it_is(session: Session, tour: Tour, clock: FixedClock) -> None:
    """Both functions answer with another season."""
    own = planning.season_of(session, tour, clock)
    made = Agreed(insee="10001", date=FRIDAY, vehicle="lucette", waived=("spacing",), why="parce que")
    settings = ScenarioSettings(
        dates_dropped=frozenset({FRIDAY}), limits={"lucette": {"max_days_in_row": 2}}, exceptions=(made,)
    )
    with_exceptions(applied(own, settings), settings)
    assert own == planning.season_of(session, tour, clock)
