"""Season and plan files: read JSON with errors that name the place, write it back."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from .errors import FormatError, PlanError, SeasonError, within
from .plan import Evening, Plan, Reason, Unserved
from .season import (
    Commune,
    Costs,
    GreatCircle,
    Location,
    Lock,
    Matrix,
    Promise,
    Quota,
    Season,
    Separation,
    Vehicle,
    text,
)

SEASON_FORMAT, PLAN_FORMAT = "guinguette-season/1", "guinguette-plan/1"

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_Item = TypeVar("_Item")


class _Doubled(dict[str, Any]):
    """An object of the file in which `key` stands twice; kept until its place is known."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    doubled = _Doubled(result)
    seen: set[str] = set()
    doubled.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return doubled


def load_json(path: Path, error: type[FormatError]) -> Any:
    """The JSON value in a file. Raises `error` for anything that is not strict JSON, OSError as it comes."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
        value = json.loads(content, object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise error("", "is not UTF-8 text") from None
    except json.JSONDecodeError as bad:
        raise error(f"line {bad.lineno}, column {bad.colno}", f"not JSON ({bad.msg})") from None
    except ValueError:  # Python's limit on the digits of a whole number
        raise error("", "holds a number with too many digits") from None
    except RecursionError:
        raise error("", "is nested too deeply") from None
    _refuse_doubles_and_nan(value, error)
    return value


def _refuse_doubles_and_nan(value: Any, error: type[FormatError]) -> None:
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:  # a list, not recursion: files may be nested as deeply as json allows
        place, item = waiting.pop()
        if isinstance(item, _Doubled):
            raise error(place, f"the key {json.dumps(item.key)} stands twice")
        if isinstance(item, float) and not math.isfinite(item):
            raise error(place, "must be a finite number")
        if isinstance(item, dict):
            waiting.extend((f"{place}.{key}" if place else key, child) for key, child in item.items())
        elif isinstance(item, list) and set(map(type, item)) != {int}:  # most of a big file is rows of a matrix
            waiting.extend((f"{place}[{index}]", child) for index, child in enumerate(item))


class _Fields:
    """One JSON object whose keys are known beforehand."""

    def __init__(
        self, value: Any, *, required: str, optional: str = "", error: type[FormatError] = SeasonError
    ) -> None:
        self._error = error
        if not isinstance(value, Mapping):
            raise error("", "must be an object")
        known = required.split() + optional.split()
        for key in value:
            if key not in known:
                raise error("", f"unknown key {json.dumps(key)}")
        for key in required.split():
            if key not in value:
                raise error(key, "is missing")
        for key in known:
            if key in value and value[key] is None and error is SeasonError:
                raise error(key, "must not be null")
        self._value = value

    def __contains__(self, key: str) -> bool:
        return key in self._value

    def any(self, key: str, default: Any = None) -> Any:
        return self._value.get(key, default)

    def string(self, key: str) -> str:
        value = self._value[key]
        with within(""):
            _text(key, value, self._error)
        return str(value)

    def words(self, key: str, *, distinct: bool = False) -> list[str]:
        found = self.each(key, lambda value: _word(value, self._error))
        if distinct and len(set(found)) < len(found):
            double = next(i for i, word in enumerate(found) if word in found[:i])
            raise self._error(f"{key}[{double}]", f'"{found[double]}" is named twice')
        return found

    def day(self, key: str) -> date:
        with within(key):
            return _day(self._value[key], self._error)

    def days(self, key: str) -> tuple[date, ...]:
        return tuple(self.each(key, lambda value: _day(value, self._error)))

    def each(self, key: str, read: Callable[[Any], _Item]) -> list[_Item]:
        value = self._value.get(key, [])
        if not isinstance(value, (list, tuple)):
            raise self._error(key, "must be a list")
        result = []
        for index, item in enumerate(value):
            with within(f"{key}[{index}]"):
                result.append(read(item))
        return result

    def one(self, key: str, read: Callable[[Any], _Item]) -> _Item:
        with within(key):
            return read(self._value[key])

    def given(self, *keys: str) -> dict[str, Any]:
        """Those of `keys` that the object has: the others take the default of the dataclass."""
        return {key: self._value[key] for key in keys if key in self._value}


def _text(place: str, value: Any, error: type[FormatError]) -> None:
    try:
        text(place, value)
    except SeasonError as bad:
        raise error(bad.place, bad.message) from None


def _word(value: Any, error: type[FormatError]) -> str:
    _text("", value, error)
    return str(value)


def _day(value: Any, error: type[FormatError]) -> date:
    if not isinstance(value, str) or not _ISO_DAY.match(value):
        raise error("", "must be a date such as 2026-05-07")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise error("", "no such date") from None


def parse_season(value: Any) -> Season:
    """A season from the object of its file. Raises SeasonError, which names the place."""
    fields = _Fields(
        value,
        required="format name dates locations travel vehicles communes",
        optional="separation quotas locked baseline costs",
    )
    if fields.any("format") != SEASON_FORMAT:
        raise SeasonError("format", f'must be "{SEASON_FORMAT}"')
    return Season(
        name=fields.string("name"),
        dates=fields.days("dates"),
        locations=tuple(fields.each("locations", _location)),
        travel=fields.one("travel", _travel),
        vehicles=tuple(fields.each("vehicles", _vehicle)),
        communes=tuple(fields.each("communes", _commune)),
        separation=fields.one("separation", _separation) if "separation" in fields else None,
        quotas=tuple(fields.each("quotas", _quota)),
        locked=tuple(fields.each("locked", _lock)),
        baseline=tuple(fields.each("baseline", _promise)),
        costs=fields.one("costs", _costs) if "costs" in fields else Costs(),
    )


def _location(value: Any) -> Location:
    fields = _Fields(value, required="id lat lon")
    return Location(id=fields.string("id"), lat=fields.any("lat"), lon=fields.any("lon"))


def _travel(value: Any) -> GreatCircle | Matrix:
    if not isinstance(value, Mapping):
        raise SeasonError("", "must be an object")
    kind = value.get("kind")
    if kind == "great_circle":
        return GreatCircle(detour=_Fields(value, required="kind detour").any("detour"))
    if kind == "matrix":
        return Matrix(metres=tuple(_Fields(value, required="kind metres").each("metres", _row)))
    raise SeasonError("kind", 'must be "great_circle" or "matrix"')


def _row(value: Any) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)):
        raise SeasonError("", "must be a list")
    return tuple(value)


def _vehicle(value: Any) -> Vehicle:
    limits = ("nights_out", "max_leg_metres", "max_evenings_per_week", "max_days_in_row")
    fields = _Fields(value, required="id depot", optional="dates equipment " + " ".join(limits))
    return Vehicle(
        id=fields.string("id"),
        depot=fields.string("depot"),
        dates=fields.days("dates") if "dates" in fields else None,
        equipment=frozenset(fields.words("equipment")),
        **fields.given(*limits),
    )


def _commune(value: Any) -> Commune:
    fields = _Fields(
        value,
        required="id location evenings",
        optional="availability min_days_between needs vehicles priority",
    )
    return Commune(
        id=fields.string("id"),
        location=fields.string("location"),
        evenings=fields.any("evenings"),
        availability=fields.one("availability", _availability) if "availability" in fields else None,
        needs=frozenset(fields.words("needs")),
        vehicles=frozenset(fields.words("vehicles", distinct=True)) if "vehicles" in fields else None,
        **fields.given("min_days_between", "priority"),
    )


def _availability(value: Any) -> dict[date, str]:
    if not isinstance(value, Mapping):
        raise SeasonError("", "must be an object")
    answers: dict[date, str] = {}
    for key, answer in value.items():
        try:  # no `within`: a country's season has a hundred thousand answers, and their places take longer than they
            day = _day(key, SeasonError)
            if not isinstance(answer, str):
                raise SeasonError("", 'must be "yes", "if_need_be" or "no"')
        except SeasonError as error:
            raise SeasonError(f"[{json.dumps(key, ensure_ascii=False)}]", error.message) from None
        answers[day] = answer
    return answers


def _separation(value: Any) -> Separation:
    fields = _Fields(value, required="metres days")
    return Separation(metres=fields.any("metres"), days=fields.any("days"))


def _quota(value: Any) -> Quota:
    fields = _Fields(value, required="id communes max", optional="from to")
    return Quota(
        id=fields.string("id"),
        communes=frozenset(fields.words("communes", distinct=True)),
        maximum=fields.any("max"),
        first=fields.day("from") if "from" in fields else None,
        last=fields.day("to") if "to" in fields else None,
    )


def _lock(value: Any) -> Lock:
    fields = _Fields(value, required="commune date", optional="vehicle waived")
    return Lock(
        commune=fields.string("commune"),
        date=fields.day("date"),
        vehicle=fields.string("vehicle") if "vehicle" in fields else None,
        waived=frozenset(fields.words("waived")),
    )


def _promise(value: Any) -> Promise:
    fields = _Fields(value, required="commune date")
    return Promise(commune=fields.string("commune"), date=fields.day("date"))


def _costs(value: Any) -> Costs:
    names = ("no_evening", "missing", "if_need_be", "moved")
    return Costs(**_Fields(value, required="", optional=" ".join(names)).given(*names))


def parse_plan(value: Any) -> Plan:
    """A plan from the object of its file. Raises PlanError, which names the place.

    `reasons`, `conflicts`, `metres`, `bound`, `seconds_to_plan` and `seed` may be absent: other programs'
    plans are to be checked too.
    """
    fields = _Fields(
        value,
        required="format status cost evenings unserved",
        optional="bound metres seconds_to_plan seed conflicts",
        error=PlanError,
    )
    if fields.any("format") != PLAN_FORMAT:
        raise PlanError("format", f'must be "{PLAN_FORMAT}"')
    return Plan(
        status=fields.string("status"),
        cost=fields.any("cost"),
        bound=fields.any("bound"),
        metres=fields.any("metres"),
        seconds_to_plan=fields.any("seconds_to_plan", 0.0),
        seed=fields.any("seed", 0),
        evenings=tuple(fields.each("evenings", _evening)),
        unserved=tuple(fields.each("unserved", _unserved)),
        conflicts=tuple(fields.each("conflicts", _reason)),
    )


def _evening(value: Any) -> Evening:
    fields = _Fields(value, required="commune date vehicle", error=PlanError)
    return Evening(fields.string("commune"), fields.day("date"), fields.string("vehicle"))


def _unserved(value: Any) -> Unserved:
    fields = _Fields(value, required="commune missing", optional="reasons", error=PlanError)
    return Unserved(fields.string("commune"), fields.any("missing"), tuple(fields.each("reasons", _reason)))


def _reason(value: Any) -> Reason:
    fields = _Fields(value, required="rule detail", optional="sentence", error=PlanError)
    sentence = fields.string("sentence") if "sentence" in fields else ""
    return Reason(fields.string("rule"), fields.string("detail"), sentence)
