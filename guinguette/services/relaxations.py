"""What could be relaxed so that a wish is served: each reason has its ways, a set of reasons one of each together."""

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product
from typing import Any

from geopy.distance import great_circle
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.models import Evening, Plan, UnservedWish, Vehicle
from guinguette.services.scenario_settings import Agreed, ScenarioSettings, frame_of
from guinguette.services.season import Frame

#: Labour law (Code du travail, L3132-1): no more evenings than this in a week, whoever asks.
MOST_DAYS = 6
_MOST_WAYS = 3  # as many buttons as a person reads


@dataclass(frozen=True, slots=True)
class Step:
    """One relaxation: its ``kind``, what it is about (ids, days) by name, and the settings that make it."""

    kind: str
    settings: ScenarioSettings
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return what names it in a form."""
        return ":".join([self.kind, *(str(value) for value in self.about.values())])


@dataclass(frozen=True, slots=True)
class Way:
    """Steps that together remove all the reasons of a wish."""

    steps: tuple[Step, ...]

    @property
    def key(self) -> str:
        """Return what names it in a form."""
        return "+".join(step.key for step in self.steps)

    def added_to(self, settings: ScenarioSettings) -> ScenarioSettings:
        """Return the settings with exactly this relaxed too."""
        for step in self.steps:
            settings = settings.also(step.settings)
        return settings


class Relaxer:
    """The ways to serve what a plan has left unserved; reads the vans and the other tours once."""

    def __init__(self, session: Session, plan: Plan, clock: Clock) -> None:
        self._session, self._plan, self._day = session, plan, today(clock)
        self._settings = ScenarioSettings.from_json(plan.settings)

    def ways(self, wish: UnservedWish, why: Callable[[dict[str, Any]], str]) -> list[Way]:
        """Return at most three ways, none where a reason cannot be relaxed (the law, another tour, a past date).

        ``why`` says a reason in words: an exception is signed with them.
        """
        options = [list(self._options(wish, reason, why(reason))) for reason in wish.reasons]
        if not options:
            return []
        # two vans for two reasons would be one van too many
        distinct = (Way(tuple({step.key: step for step in steps}.values())) for steps in product(*options))
        return list(islice({way.key: way for way in distinct}.values(), _MOST_WAYS))

    def _options(self, wish: UnservedWish, reason: dict[str, Any], why: str) -> Iterator[Step]:
        rule, words = str(reason["rule"]), str(reason["detail"]).split()
        if rule == "quota" and words[0].startswith("epci-"):
            siren = words[0].removeprefix("epci-")
            more = self._frame.fundings.get(siren, 0) + 1
            yield Step("funding", ScenarioSettings(fundings={siren: more}), {"siren": siren})
        elif rule in ("weekly_rest", "days_in_row"):
            yield from self._one_more(rule, words[0])
        elif rule == "leg":
            yield from self._longer_leg(*words[:3])
        elif wish.date is not None and wish.vehicle is not None and wish.date > self._day:
            yield from self._there(wish, rule, words, why, wish.date, wish.vehicle)

    def _there(
        self, wish: UnservedWish, rule: str, words: Sequence[str], why: str, day: dt.date, van: Vehicle
    ) -> Iterator[Step]:
        """Yield what concerns the evening itself that the reasons stand in the way of."""
        insee, when = wish.commune_insee, {"insee": wish.commune_insee, "day": day}
        if rule == "cost":
            kept = Agreed(insee=insee, date=day, vehicle=van.slug)
            yield Step("serve", ScenarioSettings(exceptions=(kept,)), {**when, "vehicle": van.slug})
        elif rule in ("separation", "spacing", "equipment"):
            made = Agreed(insee=insee, date=day, vehicle=van.slug, waived=(rule,), why=why)
            yield Step(f"exception-{rule}", ScenarioSettings(exceptions=(made,)), {**when, "vehicle": van.slug})
        elif rule == "allowed_vehicle":
            allowed = ScenarioSettings(allowed={insee: frozenset({van.slug})})
            yield Step("allow", allowed, {"insee": insee, "vehicle": van.slug})
        elif rule == "one_per_vehicle":
            yield from self._another(insee, day)
        elif rule == "open_date" and insee in words and len(words) > 1 and not self._elsewhere(insee, day):
            yield Step("answer", ScenarioSettings(answers={insee: frozenset({day})}), when)
        elif rule == "open_date" and van.slug in words and not self._elsewhere(van.id, day):
            left = frozenset(dt.date.fromisoformat(each) for each in self._garage(van)) - {day}
            yield Step("garage", ScenarioSettings(garage={van.slug: left}), {"vehicle": van.slug, "day": day})

    def _another(self, insee: str, day: dt.date) -> Iterator[Step]:
        """Yield another van on that date, and another date of that week, where there is one."""
        driving = {van.id for van, _ in self._frame.vans}
        for van in self._fleet:
            if van.id not in driving and not self._elsewhere(van.id, day):
                yield Step("vehicle", ScenarioSettings(vehicles_added=frozenset({van.slug})), {"vehicle": van.slug})
        monday = day - dt.timedelta(days=day.weekday())
        week = [monday + dt.timedelta(days=n) for n in range(7)]
        closed = [each for each in week if each > self._day and each not in self._frame.dates]
        for near in sorted(closed, key=lambda each: (abs(each - day), -each.toordinal()))[:1]:
            opened = frozenset({near})
            settings = ScenarioSettings(dates_added=opened, answers={insee: opened})
            yield Step("date", settings, {"day": near, "insee": insee})

    def _one_more(self, rule: str, slug: str) -> Iterator[Step]:
        name = {"weekly_rest": "max_evenings_per_week", "days_in_row": "max_days_in_row"}[rule]
        for van, _ in self._frame.vans:
            most = self._settings.limits.get(slug, {}).get(name, getattr(van, name))
            if van.slug == slug and most is not None and most < MOST_DAYS:
                settings = ScenarioSettings(limits={slug: {name: most + 1}})
                yield Step(rule, settings, {"vehicle": slug, "most": most + 1})

    def _longer_leg(self, slug: str, origin: str, destination: str) -> Iterator[Step]:
        """Yield the limit that this leg needs, in whole kilometres, as far as it was in the run."""
        if self._plan.run is None:
            return
        metres = _metres(self._plan.run.season, origin, destination)
        if metres is not None:
            needed = math.ceil(metres / 1000) * 1000
            settings = ScenarioSettings(limits={slug: {"max_leg_metres": needed}})
            yield Step("leg", settings, {"vehicle": slug, "metres": needed})

    @cached_property
    def _frame(self) -> Frame:
        return frame_of(self._session, self._plan.tour, self._settings)

    @cached_property
    def _fleet(self) -> Sequence[Vehicle]:
        return self._session.scalars(select(Vehicle).where(Vehicle.archived_at.is_(None)).order_by(Vehicle.id)).all()

    @cached_property
    def _taken(self) -> set[tuple[int | str, dt.date]]:
        other = (Evening.tour_id != self._plan.tour_id, Evening.state.not_in(["cancelled", "postponed"]))
        rows = self._session.execute(select(Evening.vehicle_id, Evening.commune_insee, Evening.date).where(*other))
        return {pair for van, insee, day in rows for pair in ((van, day), (insee, day))}

    def _elsewhere(self, whom: int | str, day: dt.date) -> bool:
        return (whom, day) in self._taken

    def _garage(self, van: Vehicle) -> list[str]:
        return next((list(days) for each, days in self._frame.vans if each.id == van.id), [])


def _metres(season: dict[str, Any], origin: str, destination: str) -> float | None:
    """Return how far two of the season's places are apart (season-format.md, "Travel"), null where one is not there."""
    places = {each["id"]: number for number, each in enumerate(season.get("locations", []))}
    if origin not in places or destination not in places:
        return None
    start, end = places[origin], places[destination]
    if season["travel"]["kind"] == "matrix":
        return float(season["travel"]["metres"][start][end])
    ends = [(season["locations"][place]["lat"], season["locations"][place]["lon"]) for place in (start, end)]
    return float(great_circle(*ends).m * season["travel"]["detour"])
