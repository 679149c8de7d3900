"""A day's driving in words: « 42 km, 51 min », and the way there and home."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext
from sqlalchemy.orm import Session

from guinguette.models import Evening, Plan, PlannedEvening
from guinguette.publishing.words import drive_words, duration_words
from guinguette.services import planning
from guinguette.services.evening_queries import alive_evenings
from guinguette.services.planning import Drive, Key
from guinguette.services.wording import translator
from guinguette.web.language import page_language
from guinguette.web.organiser import blueprint


@blueprint.app_template_filter()
def duration(seconds: int) -> str:
    """Return « 51 min » or « 1 h 05 »."""
    return duration_words(seconds, translator(page_language()))


@blueprint.app_template_filter()
def driven(drives: Iterable[Drive]) -> str:
    """Return « 42 km, 51 min », and that it is estimated where a time does not come from a road server."""
    drives = list(drives)
    metres, seconds = sum(drive.metres for drive in drives), sum(drive.seconds for drive in drives)
    timed, locale = all(drive.by_road for drive in drives), page_language()
    return drive_words(metres, seconds, by_road=timed, translate=translator(locale), locale=locale)


@blueprint.app_template_filter()
def by_road(drives: dict[Key, tuple[Drive, ...]]) -> bool:
    """Tell whether all of these times come from a road server."""
    return all(drive.by_road for day in drives.values() for drive in day)


@blueprint.app_template_filter()
def at_the_wheel(drives: dict[Key, tuple[Drive, ...]]) -> str:
    """Return how long all of these take."""
    return duration(sum(drive.seconds for day in drives.values() for drive in day))


def drives_of_plan(session: Session, plan: Plan) -> dict[Key, tuple[Drive, ...]]:
    """Return the drives of each of the plan's evenings."""
    return planning.day_drives(session, plan.tour, plan.evenings)


def drives_of_line(session: Session, line: PlannedEvening) -> tuple[Drive, ...]:
    """Return the drives of one of a plan's evenings: none where nobody has placed its village."""
    plan = line.plan
    van = [each for each in plan.evenings if each.vehicle_id == line.vehicle_id]
    key = (line.commune_insee, line.date, line.vehicle_id)
    return planning.day_drives(session, plan.tour, van).get(key, ())


def day_of(session: Session, evening: Evening) -> list[str]:
    """Return the day's driving of an evening, in all and then each way; nothing where it does not take place."""
    alive = [each for each in alive_evenings(session, evening.tour) if each.vehicle_id == evening.vehicle_id]
    found = planning.day_drives(session, evening.tour, alive)
    drives = found.get((evening.commune_insee, evening.date, evening.vehicle_id), ())
    names = {each.commune_insee: each.commune.name for each in alive} | {"": evening.vehicle.depot_name}
    return [driven(drives), *_ways(drives, names)] if drives else []


def _ways(drives: Sequence[Drive], names: dict[str, str]) -> list[str]:
    ways = (
        gettext(
            "de %(origin)s à %(destination)s : %(driven)s",
            origin=names[drive.origin],
            destination=names[drive.destination],
            driven=driven([drive]),
        )
        for drive in drives
    )
    return [str(way) for way in ways]
