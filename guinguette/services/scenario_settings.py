"""What a variant changes of its tour's season: a value that JSON holds, and pure functions from season to season."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import Tour, Vehicle
from guinguette.services.season import Frame

LESS, USUAL, MORE = "less", "usual", "more"
LEVELS = (LESS, USUAL, MORE)
#: By how much a level multiplies what counts: a village without evening, a date « si besoin », a kilometre.
FACTORS = {"villages": 5, "preferences": 4, "kilometres": 2}
LIMITS = ("max_leg_metres", "max_evenings_per_week", "max_days_in_row")
_LONGEST_WHY = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """An evening that a variant holds to, on a van (slug), whatever rules of ``waived`` it breaks, and ``why``."""

    insee: str
    date: dt.date
    vehicle: str
    waived: tuple[str, ...] = ()
    why: str = ""

    def held_values(self, *, by: str, at: dt.datetime) -> dict[str, Any]:
        """Return what a line of a plan says of it (``models.holding``)."""
        if not self.waived:
            return {"pinned": True}
        signed = {"waived_why": self.why[:_LONGEST_WHY], "waived_by": by, "waived_at": at}
        return {"pinned": True, "waived": " ".join(self.waived), **signed}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSettings:
    """What a variant has otherwise than its tour; the defaults change nothing. Vans by slug, villages by INSEE code.

    ``garage`` replaces a van's days at the garage, ``fundings`` an EPCI's evenings (by siren; null: no limit),
    ``separation`` the tour's (metres, days; 0 and 0: none), ``limits`` those of a van (``LIMITS``). ``answers`` are
    dates on which a village is supposed to be free, if need be, ``allowed`` the vans that it is supposed to take too.
    ``villages``, ``kilometres``, ``preferences`` weigh (``LEVELS``).
    """

    dates_added: frozenset[dt.date] = frozenset()
    dates_dropped: frozenset[dt.date] = frozenset()
    vehicles_added: frozenset[str] = frozenset()
    vehicles_dropped: frozenset[str] = frozenset()
    garage: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    fundings: Mapping[str, int | None] = field(default_factory=dict)
    separation: tuple[int, int] | None = None
    limits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    answers: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    exceptions: tuple[Agreed, ...] = ()
    villages: str = USUAL
    kilometres: str = USUAL
    preferences: str = USUAL

    def __post_init__(self) -> None:
        wrong = [name for name in FACTORS if getattr(self, name) not in LEVELS]
        wrong += [siren for siren, evenings in self.fundings.items() if evenings is not None and evenings < 0]
        wrong += [n for each in self.limits.values() for n, most in each.items() if n not in LIMITS or most < 1]
        wrong += [str(day) for day in self.dates_added & self.dates_dropped]
        wrong += sorted(self.vehicles_added & self.vehicles_dropped)
        if self.separation is not None and min(self.separation) < 0:
            wrong.append("separation")
        if wrong:
            raise InvalidInput(N_("Ces réglages de variante ne sont pas possibles : {names}."), names=", ".join(wrong))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ScenarioSettings":
        """Return the settings that ``to_json`` wrote. Raises ``InvalidInput`` on anything else."""
        try:
            return cls(**{name: _READ[name](found) for name, found in value.items()})
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            unreadable = N_("Ces réglages de variante ne se lisent pas : {reason}.")
            raise InvalidInput(unreadable, reason=f"{type(error).__name__}: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """Return what differs from the defaults, as JSON values in one order."""
        empty = type(self)()
        changed = (each.name for each in fields(self) if getattr(self, each.name) != getattr(empty, each.name))
        return {name: _written(getattr(self, name)) for name in changed}

    def also(self, more: "ScenarioSettings") -> "ScenarioSettings":
        """Return both together: where they contradict each other ``more`` is right; exceptions add up."""
        values: dict[str, Any] = {}
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(more, each.name)
            if isinstance(mine, frozenset):
                values[each.name] = mine | theirs
            elif isinstance(mine, Mapping):
                values[each.name] = {key: _both(mine.get(key), theirs.get(key)) for key in {**mine, **theirs}}
            elif each.name != "exceptions":
                values[each.name] = mine if theirs in (None, USUAL) else theirs
        for mapping in ("garage", "fundings"):  # these replace
            values[mapping] = {**getattr(self, mapping), **getattr(more, mapping)}
        for name in ("dates", "vehicles"):  # the later word on each is the one that counts
            values[f"{name}_added"] -= getattr(more, f"{name}_dropped")
            values[f"{name}_dropped"] -= getattr(more, f"{name}_added")
        return type(self)(**values, exceptions=_agreed((*self.exceptions, *more.exceptions)))


def _both(mine: Any, theirs: Any) -> Any:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return {**mine, **theirs} if isinstance(mine, Mapping) else mine | theirs


def _agreed(evenings: tuple[Agreed, ...]) -> tuple[Agreed, ...]:
    found: dict[tuple[str, dt.date], Agreed] = {}
    for each in evenings:
        before = found.get((each.insee, each.date))
        waived = {*(before.waived if before else ()), *each.waived}
        why = " ".join(dict.fromkeys(filter(None, (before.why if before else "", each.why))))
        found[each.insee, each.date] = replace(each, waived=tuple(sorted(waived)), why=why)
    return tuple(found.values())


def frame_of(session: Session, tour: Tour, settings: ScenarioSettings) -> Frame:
    """Return what there is to plan with in the variant: the tour's dates, vans and fundings, less or more."""
    own = Frame.of(tour)
    known = {van.slug for van, _ in own.vans}
    added = session.scalars(
        select(Vehicle).where(Vehicle.slug.in_(settings.vehicles_added - known)).order_by(Vehicle.id)
    )
    vans = [(van, garage) for van, garage in own.vans if van.slug not in settings.vehicles_dropped]
    vans += [(van, ()) for van in added]
    fundings = {**own.fundings, **settings.fundings}
    garage = {slug: sorted(day.isoformat() for day in days) for slug, days in settings.garage.items()}
    return Frame(
        dates=(own.dates | settings.dates_added) - settings.dates_dropped,
        vans=tuple((van, garage.get(van.slug, days)) for van, days in vans),
        fundings={siren: evenings for siren, evenings in fundings.items() if evenings is not None},
    )


def applied(season: Mapping[str, Any], settings: ScenarioSettings) -> dict[str, Any]:
    """Return the season (season-format.md) under the variant's rules and weights; ``season`` is left as it is.

    Dates, vans and fundings are those of ``frame_of`` already, but an announced evening to come has kept a dropped
    date alive: it goes too. What is past, and locked for that, stays.
    """
    locked = {lock["date"] for lock in season["locked"]}
    gone = {day.isoformat() for day in settings.dates_dropped} - locked
    result = {
        **season,
        "dates": [day for day in season["dates"] if day not in gone],
        "vehicles": [{**van, **settings.limits.get(van["id"], {})} for van in season["vehicles"]],
        "communes": [_commune(commune, settings) for commune in season["communes"]],
        "costs": costs(season["costs"], settings),
    }
    if settings.separation is not None:
        metres, days = settings.separation
        result["separation"] = {"metres": metres, "days": days}
    return result


def _commune(commune: Mapping[str, Any], settings: ScenarioSettings) -> dict[str, Any]:
    result, insee = dict(commune), commune["id"]
    supposed = {day.isoformat(): "if_need_be" for day in settings.answers.get(insee, ())}
    result["availability"] = dict(sorted({**supposed, **commune["availability"]}.items()))
    if "vehicles" in commune:
        result["vehicles"] = sorted({*commune["vehicles"], *settings.allowed.get(insee, ())})
    return result


def costs(usual: Mapping[str, int], settings: ScenarioSettings) -> dict[str, int]:
    """Return the season's costs (metre-equivalents) at the variant's levels; a kilometre itself always costs 1,000.

    It counts for more by everything else counting for less.
    """
    villages, preferences = _factor(settings, "villages"), _factor(settings, "preferences")
    road = _factor(settings, "kilometres")
    factors = {"no_evening": villages, "missing": villages, "if_need_be": preferences, "moved": 1.0}
    return {name: round(cost * factors[name] / road) for name, cost in usual.items()}


def _factor(settings: ScenarioSettings, name: str) -> float:
    factor = FACTORS[name]
    return {LESS: 1 / factor, USUAL: 1.0, MORE: float(factor)}[getattr(settings, name)]


def with_exceptions(
    season: Mapping[str, Any], settings: ScenarioSettings, lost: Collection[Agreed] = ()
) -> dict[str, Any]:
    """Return the season with the variant's own evenings locked, rules waived, but for those that it cannot have.

    Those that incidents take, ``lost``, are locked only where they are pinned all the same.
    """
    locks = {(lock["commune"], lock["date"]): dict(lock) for lock in season["locked"]}
    villages, vans = ({each["id"] for each in season[name]} for name in ("communes", "vehicles"))
    for made in settings.exceptions:
        key = made.insee, made.date.isoformat()
        if made in lost and key not in locks:
            continue
        if made.insee in villages and made.vehicle in vans and key[1] in season["dates"]:
            lock = locks.setdefault(key, {"commune": made.insee, "date": key[1], "vehicle": made.vehicle})
            lock["waived"] = sorted({*lock.get("waived", ()), *made.waived})
    return {**season, "locked": list(locks.values())}


def _written(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Agreed):
        return {each.name: _written(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, frozenset):
        return sorted(_written(each) for each in value)
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _written(value[key]) for key in sorted(value)}
    return value


def _days(value: list[str]) -> frozenset[dt.date]:
    return frozenset(dt.date.fromisoformat(day) for day in value)


def _each(read: Callable[[Any], Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda value: {str(key): read(found) for key, found in value.items()}


def _evening(value: Mapping[str, Any]) -> Agreed:
    return Agreed(**{**value, "date": dt.date.fromisoformat(value["date"]), "waived": tuple(value["waived"])})


_READ: dict[str, Callable[[Any], Any]] = {
    "dates_added": _days,
    "dates_dropped": _days,
    "vehicles_added": frozenset,
    "vehicles_dropped": frozenset,
    "garage": _each(_days),
    "fundings": _each(lambda value: None if value is None else int(value)),
    "separation": lambda value: (int(value[0]), int(value[1])),
    "limits": _each(_each(int)),
    "answers": _each(_days),
    "allowed": _each(frozenset),
    "exceptions": lambda value: tuple(_evening(each) for each in value),
    **dict.fromkeys(FACTORS, str),
}
