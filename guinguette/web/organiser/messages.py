"""Every message with its life: what has left, what waits, what went wrong and what to do, what it all cost."""

import datetime as dt
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_currency, gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import PARIS
from guinguette.domain.errors import Conflict
from guinguette.extensions import db
from guinguette.services import evening_queries, gateways, message_costs, message_log, reconciling
from guinguette.services.message_log import Filters
from guinguette.services.messages import NEVER_LEFT
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.organiser import blueprint
from guinguette.web.organiser import message_words as words
from guinguette.web.organiser.desk import act
from guinguette.web.presenting import hours, long_date

#: What stands in the address, and what it is called in ``Filters``.
_NAMES = {
    "etat": "state",
    "nature": "kind",
    "voie": "channel",
    "tournee": "tour",
    "village": "insee",
    "soiree": "evening_id",
    "erreur": "error",
}


@blueprint.get("/messages")
def list_messages() -> str:
    """List the messages, those looked for, and above them how each way out stands and what went wrong lately."""
    filters = _filters()
    found = message_log.find(db.session, filters, number=request.args.get("page", 1, type=int))
    return render_template(
        "organisation/messages.html",
        filters=filters,
        found=found,
        ways=[gateways.status(db.session, channel, edge().clock) for channel in words.CHANNELS],
        troubles=troubles(),
        choices=_choices(filters),
        evening=evening_queries.get(db.session, filters.evening_id) if filters.evening_id else None,
        address=lambda **changed: messages_address(filters, **changed),
    )


@blueprint.get("/messages/<message_id>")
def message(message_id: str) -> str:
    """Show one message: to whom (masked), its text, its life, what went wrong and what to do."""
    shown = message_log.get(db.session, message_id)
    never_left = shown.state == "failed" and shown.error == NEVER_LEFT
    return render_template("organisation/message.html", message=shown, never_left=never_left)


@blueprint.post("/messages/<message_id>/renvoyer")
def send_again(message_id: str) -> Response:
    """Queue once more what the provider says it never had, or say why not."""
    shown = message_log.get(db.session, message_id)
    try:
        reconciling.send_again(db.session, shown, act())
        db.session.commit()
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "stop")
    else:
        edge().jobs.send_due()
        flash(gettext("Il repart."), "ok")
    return redirect(url_for("organiser.message", message_id=message_id))


@blueprint.get("/messages/couts")
def message_costs_page() -> str:
    """Show what the SMS have cost, by tour and by funder."""
    costs = message_costs.by_tour(db.session)
    return render_template(
        "organisation/messages_couts.html", costs=costs, total=message_costs.total(cost.total for cost in costs)
    )


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the organisers' templates the words of messages and how the ways out stand."""
    return {
        "words": words,
        "messages_address": messages_address,
        "in_euros": lambda amount: format_currency(amount, "EUR"),
        "short_instant": short_instant,
        "ways_held_up": ways_held_up,
        "sms_left": sms_left,
    }


def ways_held_up() -> list[gateways.Status]:
    """Return how those channels stand by which not everything leaves that is due."""
    standing = [gateways.status(db.session, channel, edge().clock) for channel in words.CHANNELS]
    return [one for one in standing if not one.flowing]


def sms_left() -> int | None:
    """Return how many segments today's budget still lets leave that are not urgent; null where there is no budget."""
    now = gateways.standing(db.session, "sms", edge().clock)
    return None if now.budget is None else max(0, now.budget - now.spent)


def messages_address(filters: Filters | None = None, **changed: Any) -> str:
    """Return the path of the list with these filters (fields of ``Filters``, or ``page``)."""
    page = changed.pop("page", None)
    wanted = asdict(replace(filters or Filters(), **changed))
    named = {name: wanted[field] or None for name, field in _NAMES.items()}
    return url_for("organiser.list_messages", **named, jour=wanted["day"], page=page)


def short_instant(at: dt.datetime) -> str:
    """Return « mercredi 9 juin, 12 h 05 », as a table has room for."""
    local = at.astimezone(PARIS)
    return f"{long_date(local.date())}, {hours(local.time())}"


def troubles() -> list[tuple[str, str, int, Filters]]:
    """Return what went wrong lately: what happened, what to do, how many times, and the filters that show them."""
    lines = []
    raw = message_log.troubles(db.session, edge().clock)
    raw.sort(key=lambda one: (words.what_happened(one.error), one.channel, one.state))
    for (what, channel, state), same in groupby(
        raw, key=lambda one: (words.what_happened(one.error), one.channel, one.state)
    ):
        alike = list(same)
        todo = words.what_to_do(state, alike[0].error)
        wanted = Filters(state=state, channel=channel, error=_common(alike[0].error))
        lines.append((what or words.state_name(state), todo, sum(one.count for one in alike), wanted))
    return sorted(lines, key=lambda line: -line[2])


def _common(error: str) -> str:
    """Return by what alike errors are found: their code where they have one, else all they say."""
    code = error.partition(" ")[0]
    return code if code.isdigit() else error


def _choices(filters: Filters) -> list[tuple[str, str, str, str, list[tuple[str, str]]]]:
    """Return what the lists of the filters offer: name, label, « Toutes », what is chosen, (value, word)."""
    all_of_them = gettext("Toutes")
    kinds = [(kind, words.kind_name(kind)) for kind in message_log.kinds(db.session)]
    channels = [(channel, gettext(name)) for channel, name in words.CHANNELS.items()]
    tours = [(tour.slug, tour.name) for tour in message_log.tours(db.session)]
    villages = [(commune.insee, commune.name) for commune in message_log.villages(db.session, filters.tour)]
    return [
        ("nature", gettext("Nature"), all_of_them, filters.kind, kinds),
        ("voie", gettext("SMS ou e-mail"), gettext("SMS et e-mails"), filters.channel, channels),
        ("tournee", gettext("Tournée"), all_of_them, filters.tour, tours),
        ("village", gettext("Village"), gettext("Tous"), filters.insee, villages),
    ]


def _filters() -> Filters:
    asked = {field: request.args.get(name, "") for name, field in _NAMES.items()}
    if asked["state"] not in words.STATES:
        asked["state"] = ""
    return Filters(**asked, day=request.args.get("jour", type=dt.date.fromisoformat))
