"""What the SMS have cost: by tour and, within each, by the intercommunality whose villages were told."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import ColumnElement, case, func, literal, literal_column, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import paris_instant
from guinguette.models import Commune, Epci, Evening, Message, RuleSetting, Tour
from guinguette.services import rules

#: What left is paid, whatever became of it; what the provider refused at once, and so never named, is not.
_PAID = Message.state.in_(("sent", "delivered", "uncertain")) | (
    (Message.state == "failed") & Message.provider_id.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Cost:
    """So many SMS, which the provider counts as so many ``segments``, and what they cost in euros."""

    name: str
    messages: int
    segments: int
    euros: Decimal


@dataclass(frozen=True, slots=True)
class TourCost:
    """A tour's SMS (``tour`` is null for those about none: codes, answers), and what each EPCI had of them."""

    tour: Tour | None
    total: Cost
    funders: list[Cost] = field(default_factory=list)


def by_tour(session: Session) -> list[TourCost]:
    """Return what has been spent, tour by tour, the newest first, each with its funders (EPCI) by name.

    A message of several evenings' villages belongs to its evening's; one about no evening (a nudge) to no funder.
    """
    tour_id = func.coalesce(Evening.tour_id, Message.tour_id)
    price = _price(session)
    funder = func.coalesce(Epci.name, literal_column("''"))  # a parameter would make it two expressions to PostgreSQL
    rows = session.execute(
        select(
            tour_id,
            funder,
            func.count(),
            func.sum(Message.segments),
            func.sum(Message.segments * price),
        )
        .select_from(Message)
        .outerjoin(Evening, Evening.id == Message.evening_id)
        .outerjoin(Commune, Commune.insee == Evening.commune_insee)
        .outerjoin(Epci, Epci.siren == Commune.epci_siren)
        .where(Message.channel == "sms", _PAID)
        .group_by(tour_id, funder)
    ).all()
    spent: dict[int | None, list[Cost]] = {}
    for id_, name, messages, segments, thousandths in rows:
        spent.setdefault(id_, []).append(Cost(name, messages, segments, Decimal(thousandths) / 1000))
    tours = {tour.id: tour for tour in session.scalars(select(Tour).where(Tour.id.in_([i for i in spent if i])))}
    order = sorted(spent, key=lambda id_: (id_ is None, -(id_ or 0)))
    return [
        TourCost(tours.get(id_) if id_ else None, total(spent[id_]), sorted(spent[id_], key=_by_name)) for id_ in order
    ]


def total(costs: Iterable[Cost]) -> Cost:
    """Return the sum of costs."""
    parts = list(costs)
    return Cost(
        "",
        sum(part.messages for part in parts),
        sum(part.segments for part in parts),
        sum((part.euros for part in parts), Decimal(0)),
    )


def _by_name(cost: Cost) -> tuple[bool, str]:
    return not cost.name, cost.name


def _price(session: Session) -> ColumnElement[int]:
    """Return the price of a segment, in thousandths of a euro, on the day that a message was claimed."""
    first = rules.value(session, "sms_price", dt.date.min)
    dated = session.execute(
        select(RuleSetting.valid_from, RuleSetting.value)
        .where(RuleSetting.key == "sms_price")
        .order_by(RuleSetting.valid_from.desc())
    ).all()
    if not dated:
        return literal(first)
    left = func.coalesce(Message.claimed_at, Message.created_at)
    return case(*((left >= paris_instant(day, dt.time()), value) for day, value in dated), else_=first)
