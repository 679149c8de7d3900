"""The organisers' calendar of what is left to do. Whoever has its secret address reads it: calendars cannot sign in."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext

from guinguette.extensions import db
from guinguette.publishing import desk_calendar
from guinguette.publishing.desk_calendar import Reminder
from guinguette.publishing.words import day_words
from guinguette.services import deadlines, feed_keys
from guinguette.services.deadlines import Task
from guinguette.web.edge import edge
from guinguette.web.feeds import answer
from guinguette.web.language import FRENCH

blueprint = Blueprint("desk_feed", __name__, url_prefix="/organisation/agenda")


@blueprint.get("/<key>.ics")
def tasks(key: str) -> Response:
    """Everything that is left to do in the tours in use; what is done or over is not there any more."""
    feed_keys.check(db.session, key)
    base = edge().settings.public_url
    body = desk_calendar.render(
        [_reminder(task, base) for task in deadlines.of_everything(db.session, edge().clock) if task.done is None],
        name=gettext("Guinguette mobile : à faire"),
        description=gettext("Ce qui reste à faire pour chaque soirée."),
        url=base + url_for("organiser.home"),
        source_url=base + url_for("desk_feed.tasks", key=key),
    )
    response = answer(body, last_modified=None)
    response.cache_control.private = True
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _reminder(task: Task, base: str) -> Reminder:
    evening = task.evening
    where = gettext("%(commune)s, %(day)s", commune=evening.commune.name, day=day_words(evening.date, FRENCH))
    why = gettext(task.why).format(**task.values)
    url = base + url_for("organiser.evening", evening_id=evening.id)
    facts = (
        gettext("Qui : %(who)s", who=gettext(task.who)),
        f"{why} ({gettext(task.source)})" if task.source else why,
        evening.tour.name,
        url,
    )
    return Reminder(
        uid=f"{evening.id}-{task.kind}@guinguette-mobile",
        title=f"{gettext(task.title)}\u00a0: {where}",
        description="\n".join(facts),
        url=url,
        due_on=task.due_on,
        due_time=task.due_time,
        place=evening.commune.name,
        sequence=evening.sequence,
        changed_at=task.changed_at,
    )
