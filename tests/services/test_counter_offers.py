"""Another day instead of the one asked for: what the village is taken to have said, and what becomes of the evening."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import Agreement, CommuneRequest, Contact, DateOption, Evening, Message
from guinguette.publishing import agreements as papers
from guinguette.services import (
    agreements,
    counter_offers,
    deadlines,
    editing,
    evenings,
    open_options,
    options,
    other_dates,
    publication,
    relevance,
)
from guinguette.services.season import build_season
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock

SATURDAY = dt.date(2027, 7, 17)
NEXT, LAST = SATURDAY + dt.timedelta(days=7), SATURDAY + dt.timedelta(days=14)


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work, on Wednesday 9 June."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.fixture
def contact(session: Session, vault: Vault) -> Contact:
    """Jeanne Petit of Vignory."""
    commune = make.make_commune(session, name="Vignory")
    committee = make.make_committee(session, commune=commune)
    return make.make_contact(session, committee=committee, phone_encrypted=vault.encrypt("+33639980001"))


@pytest.fixture
def request_(session: Session, contact: Contact) -> CommuneRequest:
    """What Vignory has answered: the 17th, and if need be the 31st."""
    van = make.make_vehicle(session)
    tour = make.make_tour(session, dates=[SATURDAY, NEXT, LAST], vehicles=[van])
    answers = {SATURDAY: "yes", LAST: "if_need_be"}
    return make.make_request(session, tour=tour, commune=contact.committee.commune, availabilities=answers)


@pytest.fixture
def evening(session: Session, request_: CommuneRequest, act: evenings.Act) -> Evening:
    """An evening on the 17th, online, that Vignory has been asked for, with somebody who subscribed."""
    van = request_.tour.vehicles[0].vehicle
    commune = request_.commune
    evening = make.make_evening(
        session, tour=request_.tour, commune=commune, vehicle=van, date=SATURDAY, state="proposed"
    )
    make.make_subscriber(session, vault=act.vault, phone="+33639980099", scopes=[f"commune:{commune.insee}"])
    publication.refresh(session, evening.tour, actor="x", clock=act.clock)
    options.send(session, evening, act)
    session.commit()
    return evening


def offer(session: Session, evening: Evening, act: evenings.Act, date: dt.date | None = NEXT) -> DateOption:
    """Jeanne Petit offers another day on her page."""
    [option] = evening.options
    counter_offers.offer(session, evening, act, date=date, answered_by="Jeanne Petit", how="link", note="Brocante.")
    return option


def kinds(session: Session) -> list[str]:
    """What has been queued, but for the question."""
    return sorted(session.scalars(select(Message.kind).where(Message.kind != "option")))


def test_the_evening_is_proposed_again_and_waits_for_the_association(
    session: Session, evening: Evening, act: evenings.Act
) -> None:
    """Nothing is called off and nobody is told; the list of dates to ask for does not have it."""
    option = offer(session, evening, act)
    assert (option.state, option.counter_date, option.note, evening.state) == (
        "countered", NEXT, "Brocante.", "proposed",
    )  # fmt: skip
    assert open_options.counter(evening) is option
    assert kinds(session) == []
    assert options.board(session, evening.tour, act.clock).unasked == ()
    [task, *_] = [each for each in deadlines.tasks_of(session, [evening], act.clock) if each.kind == "counter"]
    assert task.due_on == option.expires_on


def test_the_season_knows_both_days(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The old one is no any more, the new one yes, the others as they were; who edits meanwhile meets a conflict."""

    def possible() -> dict[str, str]:
        season = build_season(session, evening.tour, act.clock)
        return dict(season["communes"][0]["availability"])

    assert possible() == {"2027-07-17": "yes", "2027-07-31": "if_need_be"}
    request = session.scalars(select(CommuneRequest)).one()
    version = request.version
    offer(session, evening, act)
    assert possible() == {"2027-07-24": "yes", "2027-07-31": "if_need_be"}
    with pytest.raises(Conflict):
        editing.begin(request, version)


def test_a_village_that_has_not_answered_loses_that_day_alone(
    session: Session, evening: Evening, act: evenings.Act, request_: CommuneRequest
) -> None:
    """Its other days are possible still, and it is asked for them as before."""
    request_.answered_at, request_.availabilities = None, []
    offer(session, evening, act, LAST + dt.timedelta(days=1))  # not a day of the tour
    session.refresh(request_)
    assert request_.answered_at is None
    season = build_season(session, evening.tour, act.clock)
    assert season["communes"][0]["availability"] == {"2027-07-24": "yes", "2027-07-31": "yes"}


def test_what_is_taken_is_agreed(session: Session, evening: Evening, act: evenings.Act, clock: FixedClock) -> None:
    """The evening moves there, confirmed by whoever takes it, with the hours of now; its host and people are told."""
    option = offer(session, evening, act)
    clock.advance(hours=3)
    evening.starts_at = dt.time(15)
    counter_offers.take(session, evening, act)
    assert (evening.date, evening.state) == (NEXT, "confirmed")
    agreement = session.scalars(select(Agreement)).one()
    assert (agreement.agreed_by, agreement.how, agreement.agreed_at) == (act.actor, "desk", clock.now())
    assert agreement.terms["starts_at"] == "15:00:00"
    assert papers.signed(agreements.signature(agreement)) == (
        "Version\u00a01, jour proposé par Jeanne Petit et retenu par l’association, "
        "le mercredi 9\u00a0juin\u00a02027 à 15\u00a0h."
    )
    assert (agreement.option_id, agreement.terms["date"]) == (option.id, "2027-07-24")
    assert kinds(session) == ["agreed", "changed"]
    assert open_options.counter(evening) is None


def test_what_is_turned_down_is_told(
    session: Session, evening: Evening, act: evenings.Act, contact: Contact, vault: Vault
) -> None:
    """The evening is off, the day free, and the host hears of it."""
    offer(session, evening, act)
    counter_offers.turn_down(session, evening, act)
    assert evening.state == "cancelled"
    assert kinds(session) == ["cancelled", "turned_down"]
    message = session.scalars(select(Message).filter_by(kind="turned_down")).one()
    assert message.contact_id == contact.id
    assert "nous ne pouvons pas venir samedi 24 juillet à Vignory" in message.body
    assert relevance.no_longer(session, message, act.clock.now(), vault) == ""


def test_a_day_on_which_the_van_is_elsewhere_is_not_taken(
    session: Session, evening: Evening, act: evenings.Act
) -> None:
    """The sentence names the village; nor is it among those that are shown."""
    assert other_dates.free_days(session, evening, act.clock) == [NEXT, LAST]
    elsewhere = make.make_evening(session, tour=evening.tour, vehicle=evening.vehicle, date=NEXT)
    assert other_dates.free_days(session, evening, act.clock) == [LAST]
    offer(session, evening, act)
    with pytest.raises(InvalidInput) as refused:
        counter_offers.take(session, evening, act)
    assert refused.value.values["commune"] == elsewhere.commune.name
    assert evening.date == SATURDAY


@pytest.mark.parametrize("act_on", [counter_offers.take, counter_offers.turn_down])
def test_without_an_offer_there_is_nothing_to_take(
    session: Session, evening: Evening, act: evenings.Act, act_on: object
) -> None:
    """Nor twice."""
    assert callable(act_on)
    with pytest.raises(Conflict):
        act_on(session, evening, act)
    offer(session, evening, act)
    act_on(session, evening, act)
    with pytest.raises(Conflict):
        act_on(session, evening, act)


def test_an_offer_needs_an_open_question(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The date may have lapsed while the page was open."""
    evenings.cancel(session, evening, act, reason="Canicule.")
    with pytest.raises(Conflict):
        offer(session, evening, act)


def test_asked_anew_the_offer_is_over(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The desk may insist; then the new question counts."""
    offer(session, evening, act)
    options.send(session, evening, act)
    assert open_options.counter(evening) is None
    assert open_options.of(evening) is evening.options[-1]


def test_the_day_that_was_declined_is_not_confirmed(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Neither in a list of ticked ones nor alone: nothing is agreed, nobody told; asked anew, it can be."""
    offer(session, evening, act)
    done, [(refused, refusal)] = evenings.confirm_ticked(session, [(evening, evening.version)], act)
    assert (done, refused, type(refusal)) == ([], evening, Conflict)
    with pytest.raises(Conflict, match="en propose un autre"):
        evenings.confirm(session, [evening], act)
    assert (evening.state, kinds(session), session.scalars(select(Agreement)).all()) == ("proposed", [], [])
    options.send(session, evening, act)
    evenings.confirm(session, [evening], act)
    assert evening.state == "confirmed"
