"""One change to many rows: what is shown is what is written, each row whole or not at all."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput
from guinguette.models import CommuneRequest, Tour
from guinguette.services.registry import BulkChange, Kind, Tools, apply_bulk, build, preview_bulk
from tests import factories as make
from tests.fakes import NOW, FixedClock

DAY = dt.date(2027, 7, 2)


@pytest.fixture
def tools(vault: Vault) -> Tools:
    """Somebody who acts at noon."""
    return Tools(actor="tests", clock=FixedClock(), vault=vault)


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour with two vans, one of them covered."""
    vans = [make.make_vehicle(session, name="Lucette"), make.make_vehicle(session, name="Firmin", equipment=["oven"])]
    return make.make_tour(session, dates=[DAY], vehicles=vans)


@pytest.fixture
def kind(session: Session, tools: Tools, tour: Tour) -> Kind:
    """The communes of the tour."""
    return build(session, "communes", tools, tour)


def ticked(*rows: CommuneRequest) -> list[tuple[int, int]]:
    """Return rows as they are ticked now."""
    return [(row.id, row.version) for row in rows]


def test_several_values_reach_several_rows(session: Session, kind: Kind, tour: Tour, clock: FixedClock) -> None:
    """Numbers, boxes and a chosen committee; what nobody asked to change stays; from what to what is said in words."""
    one, two = (make.make_request(session, tour=tour, notes="à garder") for _ in range(2))
    holder = make.make_committee(session, commune=one.commune, name="Comité du Der")
    kind = build(session, "communes", Tools(actor="x", clock=clock, vault=Vault("Z" * 43 + "=")), tour)
    vans = ",".join(str(each.vehicle_id) for each in tour.vehicles)
    values = {
        "priority": "5",
        "min_days_between": "30",
        "needs": "covered,oven",
        "vehicle_ids": vans,
        "permit_holder_id": str(holder.id),
    }
    shown = preview_bulk(session, kind, ticked(one, two), BulkChange(values=values), clock)
    assert [part.row for part in shown.changing] == [one, two]
    said = {title: (before, after) for title, before, after in shown.changing[0].changes}
    assert said["priorité"] == ("1", "5")
    assert said["besoins"] == ("", "Bar couvert, oven")
    assert said["véhicules"] == ("", "Lucette, Firmin")
    assert said["responsable de la buvette"][1].endswith("Comité du Der")
    assert one.priority == 1
    apply_bulk(session, kind, ticked(one, two), BulkChange(values=values), clock)
    for row in (one, two):
        session.refresh(row)
        assert (row.priority, row.min_days_between, row.needs, row.version) == (5, 30, ["covered", "oven"], 2)
        assert (row.permit_holder, row.notes, len(row.vehicles)) == (holder, "à garder", 2)
    again = preview_bulk(session, kind, ticked(one, two), BulkChange(values=values), clock)
    assert (len(again.changing), len(again.same)) == (0, 2)


def test_rows_changed_meanwhile_are_left_alone(session: Session, kind: Kind, tour: Tour, clock: FixedClock) -> None:
    """The other rows are written all the same; one that has gone to the archives is not found, one refused is whole."""
    stale, fine, gone = (make.make_request(session, tour=tour) for _ in range(3))
    seen = ticked(stale, fine, gone)
    stale.notes, gone.archived_at = "entre-temps", NOW
    session.flush()
    done = apply_bulk(session, kind, seen, BulkChange(values={"priority": "9"}), clock)
    assert [part.row for part in done.changing] == [fine]
    assert [(part.row, "entre-temps" in str(part.refusal)) for part in done.refused] == [(stale, True)]
    assert (stale.priority, fine.priority, gone.priority) == (1, 9, 1)


def test_archiving_many_waits_for_their_evenings(session: Session, tools: Tools, clock: FixedClock) -> None:
    """A committee that holds the permit of an evening to come stays, by its sentence; the others go, and come back."""
    needed, free = make.make_committee(session), make.make_committee(session)
    make.make_evening(session, permit_holder=needed)
    kind = build(session, "comites", tools)
    rows = [(row.id, row.version) for row in (needed, free)]
    done = apply_bulk(session, kind, rows, BulkChange(values={}, shelve="archiver"), clock)
    assert [part.row for part in done.changing] == [free]
    assert "tient la buvette" in str(done.refused[0].refusal)
    assert (needed.archived_at, free.archived_at) == (None, NOW)
    apply_bulk(session, kind, [(free.id, free.version)], BulkChange(values={}, shelve="restaurer"), clock)
    assert free.archived_at is None


@pytest.mark.parametrize(
    ("values", "field"), [({"priority": "0"}, "priority"), ({"evenings": "beaucoup"}, "evenings"), ({}, None)]
)
def test_a_value_that_cannot_be_is_refused_beside_its_field(
    session: Session, kind: Kind, tour: Tour, clock: FixedClock, values: dict[str, str], field: str | None
) -> None:
    """So is a change that changes nothing at all."""
    row = make.make_request(session, tour=tour)
    with pytest.raises(InvalidInput) as refusal:
        preview_bulk(session, kind, ticked(row), BulkChange(values=values), clock)
    assert refusal.value.field == field


def test_a_row_that_cannot_take_the_value_is_named(session: Session, tools: Tools, clock: FixedClock) -> None:
    """A depot's two degrees are one place: the van is as it was where one of them cannot be read."""
    van = make.make_vehicle(session)
    kind = build(session, "vehicules", tools)
    with pytest.raises(InvalidInput):
        preview_bulk(session, kind, [(van.id, 1)], BulkChange(values={"depot_lat": ""}), clock)
    done = apply_bulk(session, kind, [(van.id, 1)], BulkChange(values={"max_leg_metres": "80,5"}), clock)
    assert done.changing[0].changes == (("plus long trajet, en km", "", "80,5"),)
    assert van.max_leg_metres == 80_500
