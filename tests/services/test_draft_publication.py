"""A plan changed by hand, published: what was called off stays so, what has happened stays as it was."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict
from guinguette.models import Evening, Plan, Publication
from guinguette.services import drafts, evenings, planning, publication
from guinguette.services.drafts import Hand
from guinguette.services.evening_queries import alive_evenings
from guinguette.services.evenings import Act
from guinguette.services.scenario_settings import Agreed, ScenarioSettings
from tests.fakes import FixedClock
from tests.services.summers import FRIDAY, NEXT_FRIDAY, NEXT_SATURDAY, SATURDAY, Summer, line_of, move

ADDRESS = "https://guinguette.example"


@pytest.fixture
def act(hand: Hand, clock: FixedClock, vault: Vault) -> Act:
    """Anne at work on evenings."""
    return Act(actor=hand.actor, clock=clock, vault=vault, public_url=ADDRESS)


def publish(session: Session, plan: Plan, act: Act, clock: FixedClock) -> Publication:
    """Publish the plan a minute later, and let another minute pass."""
    clock.advance(minutes=1)
    done = publication.publish(session, plan, actor=act.actor, clock=clock, vault=act.vault, public_url=ADDRESS)
    clock.advance(minutes=1)
    return done


def of_north(session: Session, summer: Summer) -> Evening:
    """Return North's evening that is alive."""
    [found] = [e for e in alive_evenings(session, summer.tour) if e.commune_insee == summer.north.insee]
    return found


@pytest.mark.parametrize("how", ["cancelled", "postponed"])
def test_what_was_called_off_does_not_come_back_with_another_change(
    session: Session, summer: Summer, hand: Hand, act: Act, clock: FixedClock, how: str
) -> None:
    """North was called off on its page; the desk's plan still has it. Moving South does not announce it again."""
    publish(session, summer.plan, act, clock)
    north = of_north(session, summer)
    evenings.confirm(session, [north], act)
    if how == "cancelled":
        evenings.cancel(session, north, act, reason="Le comité renonce.")
    else:
        evenings.postpone(session, north, act, date=NEXT_FRIDAY, reason="Orage.", agreed=True)
    clock.advance(minutes=1)
    child = move(session, summer.plan, hand, summer.south, NEXT_SATURDAY, summer.van)
    with pytest.raises(Conflict, match="02/07/2027 à Vignory a été annulée ou reportée"):
        publish(session, child, act, clock)
    assert {e.date for e in alive_evenings(session, summer.tour)} == {
        SATURDAY,
        *([NEXT_FRIDAY] if how == "postponed" else []),
    }
    healed = move(session, child, hand, summer.north, NEXT_FRIDAY, summer.van)
    publish(session, healed, act, clock)
    assert of_north(session, summer).date == NEXT_FRIDAY


def test_somebody_may_sign_for_the_date_again(
    session: Session, summer: Summer, hand: Hand, act: Act, clock: FixedClock
) -> None:
    """The comité wants its Friday after all: an exception, with a reason, brings it back."""
    publish(session, summer.plan, act, clock)
    evenings.cancel(session, of_north(session, summer), act, reason="Le comité renonce.")
    away = move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    back = move(session, away, hand, summer.north, FRIDAY, summer.van, why="Le comité a changé d’avis")
    publish(session, back, act, clock)
    assert of_north(session, summer).date == FRIDAY


def test_what_has_happened_keeps_its_exception(
    session: Session, summer: Summer, hand: Hand, act: Act, clock: FixedClock
) -> None:
    """Who made an exception for an evening that is past, and why, is not wiped by a plan that knows nothing of it."""
    pinned = drafts.pin(session, summer.plan, [line_of(summer.plan, summer.north)], hand, pinned=True)
    line = line_of(pinned, summer.north)
    line.waived, line.waived_why, line.waived_by, line.waived_at = "quota", "offerte", hand.actor, clock.now()
    publish(session, pinned, act, clock)
    clock.set(dt.datetime(2027, 7, 2, 22, tzinfo=dt.UTC))
    summer.plan.season_at = clock.now()
    publish(session, summer.plan, act, clock)
    north = of_north(session, summer)
    assert (north.waived, north.waived_why, north.waived_by) == ("quota", "offerte", hand.actor)


def test_what_a_published_variant_supposed_is_the_tours_own_from_then_on(
    session: Session, summer: Summer, hand: Hand, act: Act, clock: FixedClock
) -> None:
    """The EPCI paid five in the variant, and in the tour once published. Now it pays one: by hand that counts."""
    summer.plan.settings = ScenarioSettings(fundings={str(summer.north.epci_siren): 5}).to_json()
    publish(session, summer.plan, act, clock)
    summer.tour.fundings[0].evenings = 1
    session.flush()
    child = move(session, summer.plan, hand, summer.south, NEXT_SATURDAY, summer.van)
    assert child.settings == {}
    publish(session, child, act, clock)
    assert summer.tour.fundings[0].evenings == 1


def test_an_exception_of_a_variant_goes_with_its_evening(session: Session, summer: Summer, hand: Hand) -> None:
    """North stands where the variant agreed to; moved by hand to where it breaks nothing, nothing is missing there."""
    made = Agreed(
        insee=summer.north.insee, date=FRIDAY, vehicle=summer.van.slug, waived=("separation",), why="d’accord"
    )
    summer.plan.settings = ScenarioSettings(exceptions=(made,)).to_json()
    line = line_of(summer.plan, summer.north)
    for name, value in made.held_values(by=hand.actor, at=hand.clock.now()).items():
        setattr(line, name, value)
    session.flush()
    child = move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    assert planning.Desk(session, child, hand.clock).broken() == ()
    assert ScenarioSettings.from_json(child.settings).exceptions == ()
