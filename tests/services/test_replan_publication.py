"""A way out, published: identities kept, the reason told, the incident settled, a second organiser refused."""

import pytest
from sqlalchemy import select

from guinguette.domain.errors import Conflict
from guinguette.models import Message
from guinguette.publishing.tour import PublishedTour
from guinguette.services import drafts, incidents, lost_dates, planning, replans, scenarios
from guinguette.services.evening_queries import alive_evenings, of_tour
from tests import factories as make
from tests.services.replan_stage import DAYS, ReplanStage


def test_the_ways_wait_off_the_desk(one_van: ReplanStage) -> None:
    """What the desk shows stays the published plan until a way out is published."""
    before = planning.latest_plan(one_van.session, one_van.tour)
    run = one_van.replan(one_van.report())
    assert planning.latest_plan(one_van.session, one_van.tour) is before
    least = one_van.ways(run)["least"].plan
    one_van.clock.advance(minutes=1)
    one_van.carry_out(least)
    assert planning.latest_plan(one_van.session, one_van.tour) is least


def test_publishing_keeps_identities_and_says_why(one_van: ReplanStage) -> None:
    """What stays keeps id and SEQUENCE, what moves keeps its id, and people read the sentence that was typed."""
    before = {e.commune.name: (e.id, e.sequence) for e in alive_evenings(one_van.session, one_van.tour)}
    incident = one_van.report()
    least = one_van.ways(one_van.replan(incident))["least"].plan
    one_van.clock.advance(minutes=1)
    version = one_van.carry_out(least)
    after = {e.commune.name: e for e in alive_evenings(one_van.session, one_van.tour)}
    assert {name: e.id for name, e in after.items()} == {name: id_ for name, (id_, _) in before.items()}
    assert after["Chevillon"].sequence == before["Chevillon"][1]
    assert after["Chevillon"].change_note == ""
    for name in ("Ancerville", "Bayard"):
        assert after[name].sequence == before[name][1] + 1
        assert after[name].change_note == "Le camion est en panne."
        assert [c.why for c in after[name].history if c.what == "date"] == ["Le camion est en panne."]
    published = {e.commune: e.change_note for e in PublishedTour.from_json(version.payload).evenings}
    assert published["Ancerville"] == "Le camion est en panne."
    texts = [m.body for m in one_van.session.scalars(select(Message)) if m.kind == "changed"]
    assert len(texts) == 3  # two readers of Ancerville, one of Bayard
    assert all("(Le camion est en panne)" in text for text in texts)
    assert incident.settled_at == one_van.clock.now()


def test_cancelling_says_why_too(one_van: ReplanStage) -> None:
    """The evenings that fall keep their page, with the sentence."""
    ways = one_van.ways(one_van.replan(one_van.report()))
    one_van.carry_out(ways["cancel"].plan)
    gone = [e for e in of_tour(one_van.session, one_van.tour) if e.state == "cancelled"]
    assert {e.change_note for e in gone} == {"Le camion est en panne."}
    assert len(gone) == 2


def test_in_winter_a_moved_evening_is_not_sent_to_the_hall(stage: ReplanStage) -> None:
    """The hall is the place from the start: the SMS says why, and no note claims that people were moved there."""
    stage.open(vans=1, dates=DAYS, names=["Ancerville"], hall_required=True)
    stage.tour.requests[0].fallback_venue = make.make_hall(stage.session, commune=stage.villages[0])
    make.make_subscriber(stage.session, vault=stage.vault, scopes=["tour:ete"])
    stage.publish((stage.villages[0], DAYS[0], stage.vans[0]))
    stage.carry_out(stage.ways(stage.replan(stage.report()))["least"].plan)
    [evening] = alive_evenings(stage.session, stage.tour)
    assert (evening.venue, evening.change_note) == ("hall", "")
    assert "(Le camion est en panne)" in stage.session.scalars(select(Message.body)).one()


def test_two_incidents_are_settled_by_one_plan_each_with_its_sentence(stage: ReplanStage) -> None:
    """A van broken and a village that cannot: the plan made for one copes with both."""
    stage.open(vans=2, dates=DAYS, names=["Ancerville", "Bayard"])
    a, b = stage.villages
    one, two = stage.vans
    stage.publish((a, DAYS[0], one), (b, DAYS[0], two))
    committee = stage.report(
        kind="committee", vehicle_id=None, commune_insee=b.insee, last=DAYS[0], reason="Le comité a un empêchement."
    )
    breakdown = stage.report(vehicle_id=one.id, last=DAYS[5])
    stage.carry_out(stage.ways(stage.replan(breakdown))["least"].plan)
    notes = {e.commune.name: e.change_note for e in alive_evenings(stage.session, stage.tour) if e.change_note}
    assert notes["Bayard"] == "Le comité a un empêchement."
    stage.session.expire_all()
    assert committee.settled_at is not None
    assert breakdown.settled_at is not None


def test_a_second_organiser_comes_too_late(one_van: ReplanStage) -> None:
    """Another way out of the same incident is refused once one is published, and nothing is written."""
    ways = one_van.ways(one_van.replan(one_van.report()))
    one_van.clock.advance(minutes=1)
    one_van.carry_out(ways["least"].plan)
    version = one_van.tour.published_version
    with pytest.raises(Conflict, match="a changé depuis ce calcul"):
        one_van.carry_out(ways["cancel"].plan)
    assert one_van.tour.published_version == version


def test_a_way_out_of_what_is_over_is_refused(one_van: ReplanStage) -> None:
    """Repaired before somebody published: no village needs to move."""
    incident = one_van.report()
    ways = one_van.ways(one_van.replan(incident))
    incidents.withdraw(one_van.session, incident, one_van.clock)
    with pytest.raises(Conflict, match="levé"):
        one_van.carry_out(ways["least"].plan)
    with pytest.raises(Conflict, match="levé"):
        replans.start(one_van.session, incident, one_van.clock)


def test_an_older_plan_cannot_put_an_evening_on_a_lost_date(one_van: ReplanStage) -> None:
    """A plan made before the incident is refused, unless its line is an exception that somebody signed."""
    [van] = one_van.vans
    plan = make.make_plan(
        one_van.session,
        tour=one_van.tour,
        evenings=list(zip(one_van.villages, DAYS, [van] * 3, strict=False)),
        created_at=one_van.clock.now(),
    )
    one_van.report()
    with pytest.raises(Conflict, match="Un imprévu empêche la soirée du 18/06/2027 à Ancerville"):
        one_van.carry_out(plan)
    for line in plan.evenings:
        line.pinned, line.waived, line.waived_why, line.waived_by = True, "open_date", "prêté", "x"
        line.waived_at = one_van.clock.now()
    one_van.carry_out(plan)


def test_nothing_hit_is_settled_at_once(one_van: ReplanStage) -> None:
    """A van that drives nobody that week: noted, and nothing to choose."""
    incident = one_van.report(first=DAYS[4], last=DAYS[5])
    assert replans.start(one_van.session, incident, one_van.clock) is None
    assert incident.settled_at is not None


def test_later_plans_respect_it(one_van: ReplanStage) -> None:
    """An ordinary run after the incident is settled leaves its dates alone."""
    one_van.carry_out(one_van.ways(one_van.replan(one_van.report()))["least"].plan)
    one_van.session.commit()
    run = planning.start_run(one_van.session, one_van.tour, one_van.clock, seconds=5)
    one_van.session.commit()
    planning.execute_run(one_van.factory, run.id, one_van.clock)
    one_van.session.expire_all()
    assert {line.date for line in run.plans[0].evenings}.isdisjoint(DAYS[:2])


def test_a_way_out_changed_by_hand_is_one_still(one_van: ReplanStage) -> None:
    """Put on the desk and pinned there, it says why as before, and is refused once the incident is withdrawn."""
    incident = one_van.report()
    least = one_van.ways(one_van.replan(incident))["least"].plan
    scenarios.put_on_desk(one_van.session, least, one_van.clock)
    hand = drafts.Hand(actor="x", clock=one_van.clock)
    child = drafts.pin(one_van.session, least, least.evenings, hand, pinned=True)
    incident.withdrawn_at = one_van.clock.now()
    with pytest.raises(Conflict, match="levé"):
        one_van.carry_out(child)
    incident.withdrawn_at = None
    one_van.clock.advance(minutes=1)
    changed = [e for e in alive_evenings(one_van.session, one_van.tour) if e.date in DAYS[2:3]]
    assert set(lost_dates.reasons(one_van.session, child, changed, one_van.clock).values()) == {incident.reason}
    one_van.carry_out(child)
    later = drafts.pin(one_van.session, child, child.evenings, hand, pinned=False)
    assert lost_dates.reasons(one_van.session, later, changed, one_van.clock) == {}
