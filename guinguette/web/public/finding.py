"""A village by its name: for whoever has no JavaScript, keeps the position to themselves, or asks for a friend."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.services import finding, published
from guinguette.web.edge import edge
from guinguette.web.language import public_url
from guinguette.web.public import blueprint


@blueprint.get("/villages")
def search() -> ResponseReturnValue:
    """Lead to the village that ``?q=`` names, or offer those that it may mean, each with its nearest evening."""
    typed = " ".join(request.args.get("q", "").split())
    asked = "".join(each for each in typed if each.isprintable())  # what no page may hold
    now = today(edge().clock)
    coming = published.upcoming(published.latest(db.session), now)
    found, more = finding.villages(db.session, asked, coming, today=now)
    if len(found) == 1:
        return redirect(public_url("public.commune", insee=found[0].commune.insee))
    return render_template(
        "public/villages.html",
        asked=asked,
        found=found,
        more=more,
        meant=None if found or not asked else finding.meant(asked, coming),
        longest=finding.LONGEST,
    )
