"""A village's evenings: a date is accepted, refused, or another one offered; what has been agreed, on paper."""

from collections.abc import Callable

from flask import Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, NotFound
from guinguette.extensions import db
from guinguette.models import DateOption, Evening
from guinguette.publishing import agreements as papers
from guinguette.publishing.agreements import Terms
from guinguette.services import agreements, counter_offers, host_evenings, open_options, options, other_dates, reports
from guinguette.services.wording import translator
from guinguette.web.agreements import sheet
from guinguette.web.edge import edge
from guinguette.web.forms.host_evenings import HostForm, OtherDayForm, WordForm, opened
from guinguette.web.host import blueprint, host, own_evening
from guinguette.web.language import page_language
from guinguette.web.saving import done

_Answer = Redirect | str | tuple[str, int]


@blueprint.get("/soirees")
def evenings() -> str:
    """List the evenings of the village."""
    found = host_evenings.of_commune(db.session, host().commune.insee, edge().clock)
    return render_template(
        "comite/soirees.html", host=host(), evenings=found, asked=host_evenings.asked, offered=open_options.counter
    )


@blueprint.get("/soirees/<evening_id>")
def evening(evening_id: str) -> str:
    """Show an evening: what is asked, what is agreed, what has changed since."""
    return _page(own_evening(evening_id))


@blueprint.post("/soirees/<evening_id>/oui")
def accept(evening_id: str) -> _Answer:
    """Take the date."""
    return _said_at_once(evening_id, WordForm, lambda shown, form: _answer(shown, form, accepted=True))


@blueprint.post("/soirees/<evening_id>/accord")
def agree_again(evening_id: str) -> _Answer:
    """Agree to what has changed since."""
    return _said_at_once(
        evening_id,
        HostForm,
        _agree_again,
    )


@blueprint.route("/soirees/<evening_id>/non", methods=["GET", "POST"])
def refuse(evening_id: str) -> _Answer:
    """Ask once more, then refuse the date."""
    shown = own_evening(evening_id)
    form = opened(WordForm, shown)
    if _done(form, lambda: _answer(shown, form, accepted=False)):
        return redirect(url_for("host.evening", evening_id=evening_id))
    return render_template("comite/soiree_non.html", host=host(), evening=shown, form=form, option=_asked(shown))


@blueprint.route("/soirees/<evening_id>/autre-jour", methods=["GET", "POST"])
def offer_another_day(evening_id: str) -> _Answer:
    """Offer another day instead."""
    shown = own_evening(evening_id)
    form = opened(OtherDayForm, shown)
    form.offer(other_dates.free_days(db.session, shown, edge().clock))
    if _done(form, lambda: _offer(shown, form)):
        return redirect(url_for("host.evening", evening_id=evening_id))
    return render_template(
        "comite/soiree_autre_jour.html",
        host=host(),
        evening=shown,
        form=form,
        option=_asked(shown),
        day=today(edge().clock),
    )


@blueprint.get("/soirees/<evening_id>/accord-<int:number>.pdf")
def agreement(evening_id: str, number: int) -> Response:
    """Answer with a version of the agreement on one page. Raises ``NotFound``."""
    return sheet(own_evening(evening_id), number)


def _asked(shown: Evening) -> DateOption:
    """Return the option that waits. Raises ``NotFound`` where there is none: the page was kept from before."""
    option = host_evenings.asked(shown)
    if option is None:
        raise NotFound(N_("Cette date n’attend plus de réponse : rouvrez la soirée."))
    return option


def _page(shown: Evening, form: HostForm | None = None, refusal: str = "") -> str:
    language, agreed = page_language(), agreements.latest(db.session, shown)
    translate, now = translator(language), agreements.terms_of(db.session, shown)
    then = Terms.from_json(agreed.terms) if agreed else now
    form = form or opened(WordForm, shown)
    form.show(shown, now.digest)
    return render_template(
        "comite/soiree.html",
        host=host(),
        evening=shown,
        option=host_evenings.asked(shown),
        last=shown.options[-1] if shown.options else None,
        counter=open_options.counter(shown),
        terms=papers.lines(now, translate, language),
        agreed=agreed,
        signed=papers.signed(agreements.signature(agreed)) if agreed else "",
        changed=papers.changed(then, now, translate, language),
        form=form,
        refusal=refusal,
        told=reports.of(db.session, shown) is not None,
        over=edge().clock.now() >= reports.ended_at(shown),
    )


def _agree_again(shown: Evening, form: HostForm) -> None:
    agreements.refuse_unread(db.session, shown, form.terms.data or "")
    agreements.agree_again(db.session, shown, host().by(), form.version.data or 0)


def _answer(shown: Evening, form: WordForm, *, accepted: bool) -> None:
    act = host().act(form.version.data)
    if accepted:
        options.to_answer(shown, act)  # why there is nothing to answer any more says more than that something changed
        agreements.refuse_unread(db.session, shown, form.terms.data or "")
    options.answer(
        db.session,
        shown,
        act,
        accepted=accepted,
        answered_by=host().actor,
        how="link",
        note=form.note.data or "",
    )


def _offer(shown: Evening, form: OtherDayForm) -> None:
    counter_offers.offer(
        db.session,
        shown,
        host().act(form.version.data),
        date=form.chosen,
        answered_by=host().actor,
        how="link",
        note=form.note.data or "",
    )


def _said_at_once(evening_id: str, kind: type[HostForm], act: Callable[[Evening, HostForm], object]) -> _Answer:
    """Do what one button says, and show the evening; or show it with why not."""
    shown = own_evening(evening_id)
    form = opened(kind, shown)
    if _done(form, lambda: act(shown, form)):
        return redirect(url_for("host.evening", evening_id=evening_id))
    return _page(shown, form if isinstance(form, WordForm) else None, " ".join(form.form_errors)), 409


def _done(form: HostForm, act: Callable[[], object]) -> bool:
    """Tell whether the form was sent, valid, and ``act`` done; what it has written to anybody leaves."""
    if not form.validate_on_submit() or not done(form, act):
        return False
    edge().jobs.send_due()
    return True
