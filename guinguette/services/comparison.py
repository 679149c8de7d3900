"""Plans of one tour side by side: what each serves, drives, costs and how fairly, and where they differ."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import CommuneRequest, Plan, PlannedEvening, Tour
from guinguette.services import fairness, planning, requests, rules

FEWEST, MOST = 2, 3
#: The dated settings behind litres, CO₂ and euros.
PRICES = ("litres_per_100_km", "grams_co2_per_litre", "cents_per_litre", "euros_per_evening")
SAME, OTHER, SOME, NONE = "same", "other", "some", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A plan in figures. ``short`` are evenings wished for and not planned; ``supposed`` those on dates not agreed to.

    ``fairness`` is Jain's index over each village's share of what it asks, in percent: 100 where all have the same
    share, 100/n where one of n has everything. ``again`` counts the villages that have nothing, as last time.
    """

    plan: Plan
    served: int
    asked: int
    evenings: int
    short: int
    preferred: int
    if_need_be: int
    supposed: int
    metres: int
    litres: int
    co2_kg: int
    euros: int
    fairness: int
    again: int


@dataclass(frozen=True, slots=True)
class Village:
    """A village's evenings in each plan, in the order of the plans, and how they compare.

    ``kind``: "same" in all plans, on "other" dates or vans, more in "some" plans than in others, "none" in any.
    """

    request: CommuneRequest
    evenings: tuple[tuple[PlannedEvening, ...], ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two or three plans of a tour, their figures and the villages in order of their first evening."""

    figures: list[Figures]
    villages: list[Village]

    @property
    def different(self) -> list[Village]:
        """Return the villages for which it matters which plan is chosen."""
        return [village for village in self.villages if village.kind in (OTHER, SOME)]


def chosen(session: Session, tour: Tour, plan_ids: Iterable[int]) -> list[Plan]:
    """Return these plans of the tour, each once. Raises ``InvalidInput`` unless they are two or three."""
    plans = [planning.get_plan(session, plan_id) for plan_id in dict.fromkeys(plan_ids)]
    plans = [plan for plan in plans if plan.tour_id == tour.id and plan.status in ("optimal", "feasible")]
    if not FEWEST <= len(plans) <= MOST:
        raise InvalidInput(N_("Cochez deux ou trois plans de cette tournée."))
    return plans


def compare(session: Session, tour: Tour, plans: Sequence[Plan], clock: Clock) -> Comparison:
    """Return the plans side by side, on the requests as they stand now and at today's prices."""
    asking = session.scalars(
        select(CommuneRequest)
        .where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None))
        .options(selectinload(CommuneRequest.availabilities))
    ).all()
    last_time = fairness.passed_over_last_time(session, tour)
    prices = {key: rules.value(session, key, today(clock)) for key in PRICES}
    figures = [_figures(plan, asking, last_time, prices) for plan in plans]
    return Comparison(figures, _villages(plans, asking))


def _figures(
    plan: Plan, asking: Sequence[CommuneRequest], last_time: frozenset[str], prices: Mapping[str, int]
) -> Figures:
    had = Counter(line.commune_insee for line in plan.evenings)
    blank = {request.commune_insee: requests.left_out(request) for request in asking}
    levels = {(r.commune_insee, row.date): row.level for r in asking for row in r.availabilities}
    answers = Counter(
        levels.get((line.commune_insee, line.date), blank.get(line.commune_insee, "yes")) for line in plan.evenings
    )
    metres = plan.metres or 0
    centilitres = metres * prices["litres_per_100_km"] / 1000
    fuel = centilitres * prices["cents_per_litre"] / 10_000
    return Figures(
        plan=plan,
        served=len(had),
        asked=len(asking),
        evenings=len(plan.evenings),
        short=sum(wish.missing for wish in plan.unserved),
        preferred=answers["yes"],
        if_need_be=answers["if_need_be"],
        supposed=answers["no"],
        metres=metres,
        litres=round(centilitres / 100),
        co2_kg=round(centilitres * prices["grams_co2_per_litre"] / 100_000),
        euros=round(fuel + len(plan.evenings) * prices["euros_per_evening"]),
        fairness=_jain([had[request.commune_insee] / request.evenings for request in asking]),
        again=sum(request.commune_insee in last_time and not had[request.commune_insee] for request in asking),
    )


def _jain(shares: Sequence[float]) -> int:
    squares = sum(share * share for share in shares)
    return round(100 * sum(shares) ** 2 / (len(shares) * squares)) if squares else 0


def _villages(plans: Sequence[Plan], asking: Sequence[CommuneRequest]) -> list[Village]:
    of_plans = [_by_village(plan) for plan in plans]
    found = [_village(request, of_plans) for request in asking]
    never = dt.date.max
    return sorted(
        found,
        key=lambda village: (
            min((line.date for lines in village.evenings for line in lines), default=never),
            village.request.commune.search_key,
        ),
    )


def _by_village(plan: Plan) -> dict[str, list[PlannedEvening]]:
    lines: dict[str, list[PlannedEvening]] = defaultdict(list)
    for line in plan.evenings:
        lines[line.commune_insee].append(line)
    return lines


def _village(request: CommuneRequest, of_plans: Sequence[Mapping[str, list[PlannedEvening]]]) -> Village:
    evenings = tuple(tuple(lines.get(request.commune_insee, ())) for lines in of_plans)
    places = [{(line.date, line.vehicle_id) for line in lines} for lines in evenings]
    if not any(places):
        kind = NONE
    elif len({len(each) for each in places}) > 1:
        kind = SOME
    else:
        kind = SAME if all(each == places[0] for each in places) else OTHER
    return Village(request, evenings, kind)
