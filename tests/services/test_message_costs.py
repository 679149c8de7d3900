"""What the SMS cost: counted once, at the price of their day, for whoever funds the evenings."""

import datetime as dt
from decimal import Decimal

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import RuleSetting
from guinguette.services import message_costs, rules
from tests import factories as make
from tests.fakes import NOW


def test_costs_by_tour_and_funder(session: Session, vault: Vault) -> None:
    """Only what left is paid; the parts make the whole; e-mails are free; codes belong to no tour."""
    rules.ensure_defaults(session)
    tour = make.make_tour(session)
    epcis = [make.make_epci(session, name=name) for name in ("CC du Bocage", "CA du Der")]
    evenings = [make.make_evening(session, tour=tour, commune=make.make_commune(session, epci=epci)) for epci in epcis]
    person = make.make_subscriber(session, vault=vault)

    def message(number: int, **values: object) -> None:
        make.make_message(session, subscriber=person, number=number, claimed_at=NOW, **values)

    message(1, evening=evenings[0], state="delivered", segments=2)
    message(2, evening=evenings[1], state="sent")
    message(3, evening=evenings[1], state="failed", provider_id="SM1")  # left, and was lost at the operator's
    message(4, evening=evenings[1], state="failed")  # never left
    message(5, evening=evenings[1], state="queued")
    message(6, evening=evenings[1], state="sent", channel="email", segments=0)
    message(7, kind="code", state="uncertain")
    [costs, none] = message_costs.by_tour(session)
    assert costs.tour is tour
    assert [(c.name, c.messages, c.segments, c.euros) for c in costs.funders] == [
        ("CA du Der", 2, 2, Decimal("0.16")),
        ("CC du Bocage", 1, 2, Decimal("0.16")),
    ]
    assert (costs.total.messages, costs.total.segments, costs.total.euros) == (3, 4, Decimal("0.32"))
    assert (none.tour, none.total.segments) == (None, 1)


def test_each_day_has_its_price(session: Session, vault: Vault) -> None:
    """A new contract does not change what was paid before it; its first day is that of Paris."""
    person = make.make_subscriber(session, vault=vault)
    session.add(RuleSetting(key="sms_price", value=50, valid_from=dt.date(2027, 6, 9), source="contrat"))
    midnight = dt.datetime(2027, 6, 8, 22, tzinfo=dt.UTC)
    for number, at in enumerate((midnight - dt.timedelta(minutes=1), midnight)):
        make.make_message(session, subscriber=person, number=number, state="sent", claimed_at=at)
    assert message_costs.by_tour(session)[0].total.euros == Decimal("0.13")
