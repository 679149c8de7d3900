"""The ledger: what past seasons make of a village's priority, and who never falls behind whom."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import PastSeason, Tour
from guinguette.services import fairness
from tests import factories as make

_COUNT = st.integers(1, 5).flatmap(lambda wanted: st.tuples(st.just(wanted), st.integers(0, wanted + 1)))
#: A village's past, the earliest season first; (0, 0) where it took no part.
_PAST = st.lists(st.just((0, 0)) | _COUNT, max_size=6)

#: Wall-clock limits would only measure how busy the machine is.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def _villages(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    """Villages over the same seasons."""
    seasons = draw(st.integers(0, 6))
    return draw(
        st.lists(st.lists(st.just((0, 0)) | _COUNT, min_size=seasons, max_size=seasons), min_size=2, max_size=6)
    )


@UNHURRIED
@given(_villages(), st.data())
def test_passed_over_never_falls_in_rank(pasts: list[list[tuple[int, int]]], data: st.DataObject) -> None:
    """Whatever the others had, whoever had nothing stands after that season before all whom it stood before."""
    passed_over = pasts[0]
    wanted = data.draw(st.integers(1, 5))
    before = [fairness.debt(past) for past in pasts]
    after = [fairness.debt([*passed_over, (wanted, 0)])]
    after += [fairness.debt([*past, data.draw(st.just((0, 0)) | _COUNT)]) for past in pasts[1:]]
    for other in range(1, len(pasts)):
        assert before[0] < before[other] or after[0] >= after[other]
        assert before[0] <= before[other] or after[0] >= after[other]
    ranks = [sum(each > owed[0] for each in owed) for owed in (before, after)]
    assert ranks[1] <= ranks[0]
    assert after[0] >= before[0]


@UNHURRIED
@given(_PAST)
def test_a_priority_is_one_that_the_solver_takes(past: list[tuple[int, int]]) -> None:
    """From 10 to 30, so that no village weighs more than three others."""
    assert 10 <= fairness.BASE + fairness.debt(past) <= 30


@pytest.mark.parametrize(
    ("past", "owed"),
    [
        ([], 0),
        ([(1, 0)], 10),
        ([(2, 1)], 5),
        ([(1, 1)], 0),
        ([(1, 0), (1, 1)], 5),
        ([(1, 0), (1, 0)], 15),
        ([(1, 2)], 0),
    ],
)
def test_examples(past: list[tuple[int, int]], owed: int) -> None:
    """The examples that the page gives in words."""
    assert fairness.debt(past) == owed


@pytest.fixture
def tour(session: Session) -> Tour:
    """A summer of 2027 for Vignory and Poissons; a winter before, in which Vignory had one of two, Poissons nothing."""
    epci = make.make_epci(session, name="CA de Chaumont")
    first = make.make_commune(session, name="Vignory", epci=epci)
    second = make.make_commune(session, name="Poissons", epci=epci)
    days = [dt.date(2026, 12, 4), dt.date(2027, 2, 5)]
    winter = make.make_tour(session, name="Hiver 2026", dates=days, published_version=1)
    make.make_request(session, tour=winter, commune=first, evenings=2)
    make.make_request(session, tour=winter, commune=second)
    make.make_evening(session, tour=winter, commune=first, date=dt.date(2026, 12, 4), state="held")
    make.make_evening(session, tour=winter, commune=first, date=dt.date(2027, 2, 5), state="cancelled")
    tour = make.make_tour(session, slug="ete", dates=[dt.date(2027, 7, 2)])
    for commune in (first, second, make.make_commune(session, name="Soulaines", epci=epci)):
        make.make_request(session, tour=tour, commune=commune)
    session.flush()
    return tour


def test_tours_and_imported_seasons_make_the_ledger(session: Session, tour: Tour) -> None:
    """What was called off was not had; the latest season comes first; a village without a past starts at the base."""
    insee = next(r.commune_insee for r in tour.requests if r.commune.name == "Vignory")
    session.add(PastSeason(label="Été 2025", commune_insee=insee, ended_on=dt.date(2025, 8, 30), wanted=1, evenings=0))
    session.flush()
    found = fairness.ledger(session, tour)
    assert [season.name for season in found.seasons] == ["Hiver 2026", "Été 2025"]
    lines = {line.request.commune.name: line for line in found.lines}
    assert list(lines) == ["Poissons", "Vignory", "Soulaines"]
    assert [(e.season, e.wanted, e.had) for e in lines["Vignory"].history] == [("Hiver 2026", 2, 1), ("Été 2025", 1, 0)]
    assert {name: line.proposed for name, line in lines.items()} == {"Poissons": 20, "Vignory": 20, "Soulaines": 10}
    [payer] = found.payers
    assert (payer.name, payer.villages, payer.wanted, payer.had) == ("CA de Chaumont", 3, 4, 1)


def test_a_season_that_is_not_over_before_the_tour_begins_does_not_count(session: Session, tour: Tour) -> None:
    """Neither a tour at the same time nor an imported season of later."""
    tour.dates[0].date = dt.date(2027, 1, 8)
    session.flush()
    assert fairness.past_seasons(session, tour) == []


def test_a_tour_that_was_never_published_is_no_season(session: Session, tour: Tour) -> None:
    """A draft that was given up passed nobody over."""
    draft = make.make_tour(session, name="Essai 2026", dates=[dt.date(2026, 6, 5)])
    for request in tour.requests:
        make.make_request(session, tour=draft, commune=request.commune)
    assert [season.name for season in fairness.past_seasons(session, tour)] == ["Hiver 2026"]


def test_passed_over_last_time(session: Session, tour: Tour) -> None:
    """Only who asked and had nothing, in the latest season of its own."""
    names = {r.commune_insee: r.commune.name for r in tour.requests}
    assert [names[insee] for insee in fairness.passed_over_last_time(session, tour)] == ["Poissons"]


def test_priorities_are_written_on_the_version_that_was_read(session: Session, tour: Tour) -> None:
    """What changed is counted; a request that somebody has edited meanwhile stops everything."""
    first, second, _ = tour.requests
    assert fairness.apply(session, tour, {first.commune_insee: (20, first.version)}) == 1
    assert first.priority == 20
    assert fairness.apply(session, tour, {first.commune_insee: (20, 99)}) == 0  # nothing to write, nothing to refuse
    with pytest.raises(Conflict, match=second.commune.name):
        fairness.apply(session, tour, {second.commune_insee: (15, second.version + 1)})
    with pytest.raises(InvalidInput, match="de 1 à 100"):
        fairness.apply(session, tour, {second.commune_insee: (101, second.version)})
