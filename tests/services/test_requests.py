"""What each commune asks of a tour, and its answer."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.services import editing, requests
from guinguette.services.requests import AnswerCommand, RequestCommand
from tests import factories as make
from tests.fakes import NOW, FixedClock

ONE, TWO, OUTSIDE = dt.date(2027, 6, 18), dt.date(2027, 6, 19), dt.date(2027, 8, 1)


def test_a_commune_joins_with_what_is_known_of_it(session: Session) -> None:
    """The tour's needs; its committee, pitch and hall where there is one of each, archived ones aside."""
    commune = make.make_commune(session)
    tour = make.make_tour(session, default_needs=["covered"])
    holder = make.make_committee(session, commune=commune)
    hall = make.make_hall(session, commune=commune)
    make.make_hall(session, commune=commune, archived_at=NOW)
    make.make_pitch(session, commune=commune)
    make.make_pitch(session, commune=commune)
    request = requests.create(session, tour, commune.insee)
    assert (request.permit_holder_id, request.fallback_venue_id, request.pitch_id) == (holder.id, hall.id, None)
    assert (request.evenings, request.min_days_between, request.priority, request.needs) == (1, 21, 1, ["covered"])
    assert (request.version, request.answered_at) == (1, None)


def test_a_commune_joins_once(session: Session, clock: FixedClock) -> None:
    """Twice is a conflict; one that was taken out comes back as it was."""
    tour, commune = make.make_tour(session), make.make_commune(session)
    request = requests.create(session, tour, commune.insee, RequestCommand(evenings=3))
    with pytest.raises(Conflict, match=commune.name):
        requests.create(session, tour, commune.insee)
    editing.archive(session, request, 1, clock)
    assert requests.taking_part(session, tour) == set()
    assert requests.create(session, tour, commune.insee) is request
    assert (request.archived_at, request.evenings) == (None, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("evenings", 0),
        ("evenings", 21),
        ("min_days_between", 0),
        ("min_days_between", 366),
        ("priority", 0),
        ("priority", 101),
        ("vehicle_ids", (999,)),
        ("pitch_id", 999),
        ("fallback_venue_id", 999),
        ("permit_holder_id", 999),
    ],
)
def test_what_makes_no_request_is_refused(session: Session, field: str, value: object) -> None:
    """One beyond each boundary, and what does not exist; the refusal names its field."""
    request = make.make_request(session)
    with pytest.raises(InvalidInput) as refusal:
        requests.edit(session, request, replace(RequestCommand(), **{field: value}), 1)
    assert refusal.value.field == field


@pytest.mark.parametrize("edge", [(1, 1, 1), (20, 365, 100)])
def test_the_boundaries_themselves_are_good(session: Session, edge: tuple[int, int, int]) -> None:
    """The least and the most of each number."""
    request = make.make_request(session)
    evenings, days, priority = edge
    requests.edit(session, request, RequestCommand(evenings=evenings, min_days_between=days, priority=priority), 1)
    assert (request.evenings, request.min_days_between, request.priority) == edge


def test_a_site_must_lie_in_the_commune(session: Session) -> None:
    """A neighbour's hall is not this commune's."""
    request, elsewhere = make.make_request(session), make.make_hall(session)
    with pytest.raises(InvalidInput) as refusal:
        requests.edit(session, request, RequestCommand(fallback_venue_id=elsewhere.id), 1)
    assert refusal.value.field == "fallback_venue_id"


def test_allowed_vans_are_the_tour_s(session: Session) -> None:
    """Only a van of the tour can be allowed; none named means all."""
    van = make.make_vehicle(session)
    request = make.make_request(session, tour=make.make_tour(session, vehicles=[van]))
    requests.edit(session, request, RequestCommand(vehicle_ids=(van.id,), needs=("stage",)), 1)
    assert (request.vehicles, request.needs) == ([van], ["stage"])
    requests.edit(session, request, RequestCommand(), 2)
    assert request.vehicles == []


def test_an_answer_is_written_and_cleared(session: Session, clock: FixedClock) -> None:
    """Days of the tour get their level, with who said so and when; clearing goes back to no answer."""
    tour = make.make_tour(session, dates=[ONE, TWO])
    request = make.make_request(session, tour=tour)
    answer = AnswerCommand(
        levels={ONE: "yes", TWO: "if_need_be", OUTSIDE: "no"}, answered_by=" téléphone de Mme Petit "
    )
    requests.record_answer(session, request, answer, 1, clock)
    assert {row.date: row.level for row in request.availabilities} == {ONE: "yes", TWO: "if_need_be"}
    assert (request.answered_at, request.answered_by, request.version) == (NOW, "téléphone de Mme Petit", 2)
    requests.record_answer(session, request, replace(answer, levels={TWO: "no"}), 2, clock)
    session.expire_all()
    assert {row.date: row.level for row in request.availabilities} == {TWO: "no"}
    requests.clear_answer(session, request, 3)
    session.expire_all()
    assert (request.availabilities, request.answered_at, request.answered_by) == ([], None, "")


@pytest.mark.parametrize(
    ("command", "version", "error"),
    [
        (AnswerCommand(levels={ONE: "perhaps"}, answered_by="moi"), 1, InvalidInput),
        (AnswerCommand(levels={}, answered_by="  "), 1, InvalidInput),
        (AnswerCommand(levels={ONE: "yes"}, answered_by="moi"), 0, Conflict),
    ],
)
def test_an_answer_may_be_refused(
    session: Session, clock: FixedClock, command: AnswerCommand, version: int, error: type[Exception]
) -> None:
    """A level nobody knows, nobody's name, an old page: nothing is written."""
    request = make.make_request(session, tour=make.make_tour(session, dates=[ONE]))
    with pytest.raises(error):
        requests.record_answer(session, request, command, version, clock)
    assert request.availabilities == []


def test_a_commune_that_does_not_take_part_is_not_found(session: Session) -> None:
    """Nor is one that does not exist."""
    tour = make.make_tour(session)
    with pytest.raises(NotFound):
        requests.get(session, tour, "52448")
    with pytest.raises(NotFound):
        requests.create(session, tour, "52448")
