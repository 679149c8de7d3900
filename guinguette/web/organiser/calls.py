"""Who has heard of a change and who has not: the evening's count, and the call list that volunteers tick."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from guinguette.adapters.phone_numbers import spaced
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.extensions import db
from guinguette.models import Evening
from guinguette.services import calls, evening_queries, reach
from guinguette.services.reach import News, Reach
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.organiser import blueprint

#: What may have become of those who have not heard the news, in the order in which it is said.
NOT_YET = ("sms_waiting", "email_waiting", "sent", "uncertain", "to_ring", "unanswered", "stopped", "lost")
_NO_NEWS = N_("Cette soirée n’a rien de nouveau à annoncer : il n’y a personne à appeler.")


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the organisers' templates ``reach_of(evening)``."""
    return {"reach_of": reach_of, "not_yet": NOT_YET, "spaced": spaced}


def reach_of(evening: Evening) -> Reach | None:
    """Return whom the evening's latest news has reached, null where nobody was to be told of any."""
    news = reach.latest_news(db.session, evening.id)
    return reach.of(db.session, news) if news else None


@blueprint.get("/soirees/<evening_id>/joints")
def evening_reach(evening_id: str) -> str:
    """Answer htmx with how many have heard the news by now."""
    shown = evening_queries.get(db.session, evening_id)
    if (reached := reach_of(shown)) is None:
        raise NotFound(_NO_NEWS)
    return render_template("organisation/_joints.html", evening=shown, reached=reached)


@blueprint.get("/messages/appels")
def list_calls() -> str:
    """List the evenings to come about which somebody is to be rung."""
    return render_template("organisation/appels.html", waiting=calls.waiting(db.session, edge().clock))


@blueprint.get("/soirees/<evening_id>/appels")
def call_list(evening_id: str) -> str:
    """Show whom to ring about the evening's latest news, village by village; the one page with numbers in full."""
    shown = evening_queries.get(db.session, evening_id)
    return _page(shown, _news(shown))


@blueprint.post("/soirees/<evening_id>/appels")
def record_call(evening_id: str) -> Response | tuple[str, int]:
    """Write down how a call went, as the button says that was touched (``call``: a subscriber's id and a state)."""
    shown = evening_queries.get(db.session, evening_id)
    news = _news(shown)
    person, _, state = request.form.get("call", "").partition(":")
    by = request.form.get("by", "")
    try:
        calls.record(db.session, news, int(person) if person.isdigit() else 0, state, by=by, clock=edge().clock)
    except InvalidInput as error:
        db.session.rollback()
        return _page(shown, news, refusal=sentence(error)), 400
    db.session.commit()
    return redirect(
        url_for(
            "organiser.call_list",
            evening_id=evening_id,
            par=by,
            tous=request.args.get("tous"),
            village=request.args.get("village"),
            _anchor=f"personne-{person}",
        )
    )


def _news(evening: Evening) -> News:
    found = reach.latest_news(db.session, evening.id)
    if found is None:
        raise NotFound(_NO_NEWS)
    return found


def _key(village: calls.Village) -> str:
    """Return what stands for a village in the address; « tournee » for those of none."""
    return village.commune.insee if village.commune else "tournee"


def _page(evening: Evening, news: News, *, refusal: str = "") -> str:
    pending = request.args.get("tous") == "1"
    villages = calls.of(db.session, news, edge().vault, pending=pending)
    one = request.args.get("village")
    return render_template(
        "organisation/appels_soiree.html",
        evening=evening,
        reached=reach.of(db.session, news),
        villages=villages,
        shown=[each for each in villages if _key(each) == one] or villages,
        key=_key,
        pending=pending,
        doubtful=calls.pending(db.session, news),
        by=request.form.get("by", request.args.get("par", "")),
        refusal=refusal,
    )
