"""Plans side by side: their figures, where they differ evening by evening, and both on one map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_decimal, gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, DomainError, NotFound
from guinguette.extensions import db
from guinguette.models import PlannedEvening, Tour
from guinguette.publishing.map import MapStop
from guinguette.services import comparison, planning, rule_changes, tours
from guinguette.services.comparison import NONE, OTHER, SAME, SOME, Comparison, Figures, Village
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.maps import map_response
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import request_address
from guinguette.web.organiser.progress import gap_percent, kilometres
from guinguette.web.presenting import long_date

LETTERS = ("A", "B", "C")
#: How a village compares: its mark (the shapes of guinguette.css), and the word beside it.
KINDS: dict[str, tuple[str, str]] = {
    SAME: ("ok", N_("Pareil dans chaque plan")),
    OTHER: ("rep", N_("Autre date ou autre véhicule")),
    SOME: ("att", N_("Plus de soirées dans un plan que dans l’autre")),
    NONE: ("ann", N_("Aucune soirée")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A measure: its name, what it means, its value in each plan, and in which plans it is at its best."""

    name: str
    values: list[str]
    best: frozenset[int] = frozenset()
    help: str = ""


@blueprint.get("/tournees/<slug>/comparer")
def compare(slug: str) -> Response | str:
    """Put two or three plans (``?plans=1,2,3``) side by side."""
    tour = tours.get(db.session, slug)
    try:
        found = _compared(tour)
    except DomainError as error:
        flash(sentence(error), "stop")
        return redirect(url_for("organiser.tour_scenarios", slug=slug))
    day = today(edge().clock)
    return render_template(
        "organisation/comparer.html",
        tour=tour,
        comparison=found,
        columns=list(zip(LETTERS, (each.plan for each in found.figures), strict=False)),
        rows=rows_of(found.figures),
        kinds=KINDS,
        counts={kind: sum(village.kind == kind for village in found.villages) for kind in KINDS},
        desk=planning.latest_plan(db.session, tour),
        prices=[rule_changes.find(db.session, key, day) for key in comparison.PRICES],
    )


@blueprint.get("/tournees/<slug>/comparer/carte")
def compare_map(slug: str) -> Response:
    """Answer with the plans on one map, for the frame of the page."""
    tour = tours.get(db.session, slug)
    stops = stops_of(tour, _compared(tour))
    if not stops:
        raise NotFound(N_("Ces plans n’ont aucune soirée à montrer."))
    return map_response(stops, title=gettext("Carte des plans comparés"))


def _compared(tour: Tour) -> Comparison:
    asked = ",".join(request.args.getlist("plans")).split(",")
    plans = comparison.chosen(db.session, tour, [int(each) for each in asked if each.isdecimal()])
    return comparison.compare(db.session, tour, plans, edge().clock)


def rows_of(figures: Sequence[Figures]) -> list[Row]:
    """Return the table of the plans' figures."""

    def row(
        name: str, value: Callable[[Figures], float], say: Callable[[Figures], str], *, best: int = 0, note: str = ""
    ) -> Row:
        numbers = [best * value(each) for each in figures]
        tops = {n for n, number in enumerate(numbers) if number == max(numbers)}
        marked = frozenset(tops) if best and len(tops) < len(figures) else frozenset()
        return Row(name, [say(each) for each in figures], marked, note)

    number = format_decimal
    rows = [
        row(gettext("Villages servis"), lambda f: f.served,
            lambda f: gettext("%(served)s sur %(asked)s", served=f.served, asked=f.asked), best=1),
        row(gettext("Soirées"), lambda f: f.evenings, lambda f: number(f.evenings), best=1),
        row(gettext("Soirées demandées qui manquent"), lambda f: f.short, lambda f: number(f.short), best=-1),
        row(gettext("Sur une date préférée (« oui »)"), lambda f: f.preferred / (f.evenings or 1),
            lambda f: _share(f.preferred, f.evenings), best=1),
        row(gettext("Sur une date « si besoin »"), lambda f: f.if_need_be / (f.evenings or 1),
            lambda f: _share(f.if_need_be, f.evenings), best=-1),
        row(gettext("Sur une date à demander au village"), lambda f: f.supposed, lambda f: number(f.supposed), best=-1),
        row(gettext("Route"), lambda f: f.metres, lambda f: kilometres(f.metres), best=-1),
        row(gettext("Carburant"), lambda f: f.litres, lambda f: gettext("%(n)s litres", n=number(f.litres)), best=-1),
        row(gettext("CO₂"), lambda f: f.co2_kg, lambda f: gettext("%(n)s kg", n=number(f.co2_kg)), best=-1),
        row(gettext("Coût"), lambda f: f.euros, lambda f: gettext("%(n)s €", n=number(f.euros)), best=-1,
            note=gettext("Carburant et équipe.")),
        row(gettext("Équité"), lambda f: f.fairness, lambda f: gettext("%(n)s sur 100", n=f.fairness), best=1,
            note=gettext("100 : chaque village reçoit la même part de ce qu’il demande.")),
        row(gettext("Villages sans soirée, comme la fois d’avant"), lambda f: f.again, lambda f: number(f.again),
            best=-1),
        row(gettext("Ce qu’un autre plan gagnerait au plus"), lambda f: 0, _gap,
            note=gettext("Sous les mêmes réglages : c’est ce que le calcul a prouvé.")),
    ]  # fmt: skip
    return [each for each in rows if any(f.supposed for f in figures) or each is not rows[5]]


def _share(part: int, whole: int) -> str:
    return str(gettext("%(n)s (%(percent)s %%)", n=part, percent=round(100 * part / whole) if whole else 0))


def _gap(each: Figures) -> str:
    cost, bound = each.plan.cost, each.plan.bound
    if cost is None or bound is None or bound <= 0:
        return str(gettext("on ne sait pas"))
    if cost <= bound:
        return str(gettext("rien, c’est prouvé"))
    return str(gettext("%(percent)s %%", percent=gap_percent(cost, bound)))


def evening_words(lines: Sequence[PlannedEvening]) -> list[str]:
    """Return « samedi 3 juillet, Lucette » for each evening of a village, or that there is none."""
    none = [str(gettext("aucune soirée"))]
    return [f"{long_date(line.date)}, {line.vehicle.name}" for line in lines] or none


def stops_of(tour: Tour, found: Comparison) -> list[MapStop]:
    """Return the villages for the map: the shape says how the plans compare, the bubble what each of them plans."""
    return [
        stop
        for number, village in enumerate(found.villages, start=1)
        if (place := _place(village)) is not None
        for stop in _stops(tour, village, number, place)
    ]


def _stops(tour: Tour, village: Village, number: int, place: tuple[float, float]) -> list[MapStop]:
    mark, word = KINDS[village.kind]
    said = [(word, "")] if village.kind == NONE else [
        (when, gettext("Plan %(letter)s", letter=letter))
        for letter, lines in zip(LETTERS, village.evenings, strict=False)
        for when in evening_words(lines)
    ]  # fmt: skip
    return [
        MapStop(
            lat=place[0],
            lon=place[1],
            label=village.request.commune.name,
            when=gettext(when) if not plan else when,
            state=plan,
            url=request_address(tour, village.request.commune_insee),
            number=number,
            mark=mark,
        )
        for when, plan in said
    ]


def _place(village: Village) -> tuple[float, float] | None:
    for point in (village.request.pitch, village.request.commune):
        if point is not None and point.lat is not None and point.lon is not None:
            return point.lat, point.lon
    return None


blueprint.add_app_template_filter(evening_words)
