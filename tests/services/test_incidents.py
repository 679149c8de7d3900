"""Incidents: reported once, refused where they make no sense, taken from every season, withdrawn."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.services import incidents, lost_dates
from guinguette.services.season import build_season
from tests import factories as make
from tests.fakes import FixedClock
from tests.services.replan_stage import DAYS, ReplanStage


@pytest.fixture
def stage(session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault) -> ReplanStage:
    """Two vans, three villages, one evening each."""
    stage = ReplanStage(session, session_factory, clock, vault)
    stage.open(vans=2, dates=DAYS, names=["Ancerville", "Bayard", "Chevillon"])
    a, b, c = stage.villages
    one, two = stage.vans
    stage.publish((a, DAYS[0], one), (b, DAYS[1], one), (c, DAYS[2], two))
    return stage


def open_dates(stage: ReplanStage) -> tuple[list[list[str]], list[list[str]]]:
    """Return what the season offers of the first date each week: each van's dates, each village's."""
    season = build_season(stage.session, stage.tour, stage.clock)
    return [van["dates"] for van in season["vehicles"]], [list(c["availability"]) for c in season["communes"]]


def test_a_breakdown_takes_the_van_from_its_dates(stage: ReplanStage) -> None:
    """From first to last, both included; nobody else loses anything."""
    stage.report()
    vans, villages = open_dates(stage)
    everything = [day.isoformat() for day in DAYS]
    assert vans == [everything[2:], everything]
    assert villages == [everything] * 3


@pytest.mark.parametrize("kind", ["hall", "committee", "storm"])
def test_a_village_that_cannot_loses_its_dates(stage: ReplanStage, kind: str) -> None:
    """A hall, a committee, a storm over one village."""
    stage.report(kind=kind, vehicle_id=None, commune_insee="52001", last=DAYS[0])
    vans, villages = open_dates(stage)
    everything = [day.isoformat() for day in DAYS]
    assert vans == [everything] * 2
    assert villages == [everything, everything[1:], everything]


def test_a_storm_over_all_takes_every_van(stage: ReplanStage) -> None:
    """Nobody drives that day."""
    stage.report(kind="storm", vehicle_id=None, last=DAYS[0])
    vans, _ = open_dates(stage)
    assert vans == [[day.isoformat() for day in DAYS[1:]]] * 2


def test_tonight_and_the_past_stay(stage: ReplanStage, clock: FixedClock) -> None:
    """A van that broke down today takes nothing of tonight's evening: only a hand can change that one."""
    clock.set(dt.datetime(2027, 6, 18, 9, tzinfo=dt.UTC))
    incident = stage.report()
    season = build_season(stage.session, stage.tour, clock)
    assert [lock["date"] for lock in season["locked"]] == [DAYS[0].isoformat()]
    tonight, coming = incidents.hit_evenings(stage.session, incident, clock)
    assert [e.commune.name for e in tonight] == ["Ancerville"]
    assert [e.commune.name for e in coming] == ["Bayard"]


def test_a_van_is_broken_for_every_tour(stage: ReplanStage) -> None:
    """Another tour that shares the van loses its dates too; a storm over a tour is that tour's own."""
    stage.report()
    stage.report(kind="storm", vehicle_id=None, first=DAYS[4], last=DAYS[4])
    other = make.make_tour(stage.session, dates=DAYS, vehicles=[stage.vans[0]])
    make.make_request(stage.session, tour=other)
    [van] = build_season(stage.session, other, stage.clock)["vehicles"]
    assert van["dates"] == [day.isoformat() for day in DAYS[2:]]


def test_a_withdrawn_incident_gives_its_dates_back(stage: ReplanStage) -> None:
    """Repaired early: the next season has the van again; taking it back twice is refused."""
    incident = stage.report()
    incidents.withdraw(stage.session, incident, stage.clock)
    assert open_dates(stage)[0] == [[day.isoformat() for day in DAYS]] * 2
    assert lost_dates.in_force(stage.session, stage.tour, stage.clock.now().date()) == []
    with pytest.raises(Conflict, match="déjà levé"):
        incidents.withdraw(stage.session, incident, stage.clock)


def test_the_same_report_twice_is_one(stage: ReplanStage) -> None:
    """A second click, or a better sentence: one incident, with the words sent last."""
    first = stage.report()
    again = stage.report(reason="  Le câble   a lâché. ")
    assert again is first
    assert first.reason == "Le câble a lâché."
    assert incidents.of_tour(stage.session, stage.tour) == [first]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "flood"}, "kind"),
        ({"vehicle_id": None}, "vehicle_id"),
        ({"vehicle_id": 999}, "vehicle_id"),
        ({"kind": "hall", "vehicle_id": None}, "commune_insee"),
        ({"kind": "storm", "commune_insee": "52001"}, "commune_insee"),
        ({"kind": "committee", "vehicle_id": None, "commune_insee": "75056"}, "commune_insee"),
        ({"last": DAYS[0] - dt.timedelta(days=1)}, "last"),
        ({"first": dt.date(2027, 5, 1), "last": dt.date(2027, 6, 8)}, "last"),
        ({"last": dt.date(2072, 6, 19)}, "last"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
    ],
)
def test_what_makes_no_sense_is_refused(stage: ReplanStage, values: dict[str, object], field: str) -> None:
    """Each refusal names the field that is wrong."""
    with pytest.raises(InvalidInput) as refusal:
        stage.report(**values)
    assert refusal.value.field == field
    assert incidents.of_tour(stage.session, stage.tour) == []


def test_only_a_published_tour_in_service_can_break(stage: ReplanStage) -> None:
    """Before it is published its dates are simply edited; in the archives nothing changes any more."""
    stage.tour.published_version = 0
    with pytest.raises(Conflict, match="pas encore en ligne"):
        stage.report()
    stage.tour.published_version, stage.tour.archived_at = 1, stage.clock.now()
    with pytest.raises(Conflict, match="archives"):
        stage.report()


def test_an_unknown_incident_is_not_found(session: Session) -> None:
    """Its page does not exist."""
    with pytest.raises(NotFound):
        incidents.get(session, 7)
