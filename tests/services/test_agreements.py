"""What is agreed is frozen, by whichever way it was said, version by version."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, NotFound
from guinguette.models import Agreement, Evening
from guinguette.services import agreements, corrections, evenings, options
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock

SATURDAY = dt.date(2027, 7, 17)


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.fixture
def evening(session: Session) -> Evening:
    """A proposed evening at Vignory, which needs a stage."""
    commune = make.make_commune(session, name="Vignory")
    tour = make.make_tour(session, default_needs=["covered"])
    make.make_request(session, tour=tour, commune=commune, needs=["stage"])
    holder = make.make_committee(session, commune=commune, name="Les Amis de Vignory")
    return make.make_evening(
        session, tour=tour, commune=commune, date=SATURDAY, state="proposed", permit_holder=holder, prices="Gratuit"
    )


def said(session: Session) -> list[tuple[int, str, str]]:
    """Each version, by whom and by which way."""
    rows = session.scalars(select(Agreement).order_by(Agreement.id))
    return [(row.number, row.agreed_by, row.how) for row in rows]


def test_the_terms_are_those_of_the_evening(session: Session, evening: Evening) -> None:
    """Where, when, what it stands on, who asks for the permit, who brings what."""
    terms = agreements.terms_of(session, evening)
    assert (terms.date, terms.place, terms.hall) == (SATURDAY, "Place de l’Église", "Salle des fêtes, rue du Lac")
    assert (terms.permit_holder, terms.power, terms.prices) == ("Les Amis de Vignory", "32 A", "Gratuit")
    assert terms.ours == ("van", "crew", "bar", "covered", "stage")
    evening.venue = "hall"
    terms = agreements.terms_of(session, evening)
    assert (terms.place, terms.hall, terms.power) == ("Salle des fêtes, rue du Lac", "", "")
    assert "room" in terms.host


def test_each_way_of_agreeing_writes_one(session: Session, evening: Evening, act: evenings.Act) -> None:
    """By telephone, or at the desk, one evening or many; a refusal writes none."""
    options.send(session, evening, act)
    options.answer(session, evening, act, accepted=True, answered_by="téléphone de Mme Petit")
    others = [
        make.make_evening(session, tour=evening.tour, date=SATURDAY + dt.timedelta(days=n), state="proposed")
        for n in (1, 2, 3)
    ]
    evenings.confirm(session, others[:1], act)
    evenings.confirm_ticked(session, [(others[1], others[1].version)], act)
    options.send(session, others[2], act)
    options.answer(session, others[2], act, accepted=False, answered_by="téléphone")
    assert said(session) == [
        (1, "téléphone de Mme Petit", "phone"), (1, "o@example.org", "desk"), (1, "o@example.org", "desk"),
    ]  # fmt: skip
    later = evenings.postpone(
        session, others[0], act, date=SATURDAY + dt.timedelta(days=9), reason="Vent.", agreed=True
    )
    [row] = agreements.of(session, later)
    assert (row.how, row.terms["date"]) == ("desk", "2027-07-26")


def test_what_is_frozen_stays_and_what_changed_is_known(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """A place put right, another need: the agreement says what was agreed; a new one is another version."""
    evenings.confirm(session, [evening], act)
    agreement = agreements.latest(session, evening)
    assert agreement is not None
    assert not agreements.changed_since(session, agreement)
    host = By(actor="Jeanne Petit", how="link", clock=clock)
    with pytest.raises(Conflict):
        agreements.agree_again(session, evening, host, evening.version)
    assert evening.pitch is not None
    evening.pitch.name = "Place du Lavoir"
    corrections.follow(session, evening.pitch, actor="o@example.org", clock=clock)
    assert agreements.changed_since(session, agreement)
    assert agreement.terms["place"] == "Place de l’Église"
    agreements.agree_again(session, evening, host, evening.version)
    assert said(session) == [(1, "o@example.org", "desk"), (2, "Jeanne Petit", "link")]
    assert agreements.get(session, evening, 1) is agreement
    with pytest.raises(NotFound):
        agreements.get(session, evening, 3)


def test_only_what_is_printed_asks_for_another_agreement(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The tour has another name: the page would show nothing that has changed, and no button."""
    evenings.confirm(session, [evening], act)
    agreement = agreements.latest(session, evening)
    assert agreement is not None
    evening.tour.name = "Un autre été"
    assert not agreements.changed_since(session, agreement)
    evening.prices = "2 €"
    assert agreements.changed_since(session, agreement)
