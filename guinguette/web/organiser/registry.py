"""The registry's lists, the same for every kind: search, filters, archives, and one change to the rows ticked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import DomainError
from guinguette.extensions import db
from guinguette.models import Tour
from guinguette.services import tours
from guinguette.services.registry import (
    KINDS,
    BulkChange,
    BulkPreview,
    Filters,
    Kind,
    Tools,
    apply_bulk,
    build,
    found,
    preview_bulk,
)
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.words import equipment_name
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor
from guinguette.web.presenting import lower_first
from guinguette.web.site_words import power_words

#: Where each kind's list is, and a row's own page.
LISTS = {
    "comites": "organiser.list_committees",
    "contacts": "organiser.list_contacts",
    "emplacements": "organiser.list_sites",
    "salles": "organiser.list_halls",
    "vehicules": "organiser.list_vehicles",
    "communes": "organiser.tour_communes",
}
_PAGES: dict[str, Callable[[Any], str]] = {
    "comites": lambda row: url_for("organiser.committee", committee_id=row.id),
    "contacts": lambda row: url_for("organiser.contact", contact_id=row.id),
    "emplacements": lambda row: url_for("organiser.site", kind="emplacement", site_id=row.id),
    "salles": lambda row: url_for("organiser.site", kind="salle", site_id=row.id),
    "vehicules": lambda row: url_for("organiser.vehicle", slug=row.slug),
    "communes": lambda row: url_for("organiser.tour_commune", slug=row.tour.slug, insee=row.commune_insee),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: its name, the facts beside it, what it lacks, and its own page."""

    row: Any
    name: str
    facts: list[str]
    lacks: list[str]
    address: str


def kind_of(word: str, slug: str | None = None) -> tuple[Kind, Tour | None]:
    """Return a kind with the tour it belongs to, if any. Raises ``NotFound``."""
    tour = tours.get(db.session, slug) if slug else None
    return build(db.session, word, tools(), tour), tour


def tools() -> Tools:
    """Return who acts in the registry, and with what."""
    return Tools(actor=actor(), clock=edge().clock, vault=edge().vault)


def list_address(word: str, slug: str | None) -> str:
    """Return the path of a kind's list."""
    return url_for(LISTS[word], slug=slug)


def listed(word: str, slug: str | None = None, **more: Any) -> str:
    """Show the list of a kind, with what is asked for in the address; ``more`` goes to the template."""
    kind, tour = kind_of(word, slug)
    filters = filters_asked()
    rows = found(kind, filters)
    return render_template(
        "organisation/registre.html",
        kind=kind,
        tour=tour,
        title=gettext(KINDS[word]),
        filters=filters,
        found=rows,
        lines=[_line(kind, row) for row in rows.rows],
        home=list_address(word, slug),
        **more,
    )


def filters_asked() -> Filters:
    """Return the filters that the address names."""
    asked = request.args
    return Filters(
        text=asked.get("cherche", "").strip()[:80],
        epci=asked.get("epci", ""),
        lacks=asked.get("manque", ""),
        answered=asked.get("reponse", ""),
        archived="archives" in asked,
    )


def _line(kind: Kind, row: Any) -> Line:
    village, name = kind.labels(row)
    facts = [name] if village and name else []
    lacks = [gettext(words) for words, lacking in kind.lacks.values() if lacking(row)]
    return Line(row, village or name, [*facts, *_FACTS[kind.word](row)], lacks, _PAGES[kind.word](row))


def _of_request(row: Any) -> list[str]:
    return [
        ngettext("%(num)s soirée", "%(num)s soirées", row.evenings),
        *([gettext("priorité %(level)s", level=row.priority)] if row.priority > 1 else []),
        *(lower_first(equipment_name(need)) for need in row.needs),
        *([gettext("a répondu")] if row.answered_at else []),
    ]


_FACTS: dict[str, Callable[[Any], list[str]]] = {
    "comites": lambda row: [each.name for each in row.contacts if not each.archived_at],
    "contacts": lambda row: [text for text in (row.role, row.committee.name) if text],
    "emplacements": lambda row: [text for text in (row.address, power_words(row), _people(row.capacity)) if text],
    "salles": lambda row: [text for text in (row.address, _people(row.capacity)) if text],
    "vehicules": lambda row: [
        text
        for text in (
            row.description,
            gettext("dépôt à %(place)s", place=row.depot_name),
            *map(equipment_name, row.equipment),
        )
        if text
    ],
    "communes": _of_request,
}


def _people(capacity: int | None) -> str:
    return ngettext("%(num)s personne", "%(num)s personnes", capacity) if capacity else ""


@blueprint.get("/contacts")
def list_contacts() -> str:
    """List the people to ring."""
    return listed("contacts")


@blueprint.get("/salles")
def list_halls() -> str:
    """List the halls."""
    return listed("salles")


@blueprint.post("/registre/<word>/lot")
@blueprint.post("/tournees/<slug>/registre/<word>/lot")
def change_many(word: str, slug: str | None = None) -> Response | str:
    """Ask what shall change for the rows ticked, show what that does, and do it on confirmation."""
    kind, tour = kind_of(word, slug)
    ticked, change = _ticked(), _change(kind)
    if not ticked:
        flash(gettext("Cochez au moins une fiche."), "stop")
        return redirect(list_address(word, slug))
    preview, refusal = None, None
    if change.values or change.shelve or "relire" in request.form:
        try:
            if "confirmer" in request.form:
                _told(apply_bulk(db.session, kind, ticked, change, edge().clock), kind)
                return redirect(list_address(word, slug))
            preview = preview_bulk(db.session, kind, ticked, change, edge().clock)
        except DomainError as error:
            db.session.rollback()
            refusal = error
    return render_template(
        "organisation/registre_lot.html",
        kind=kind,
        tour=tour,
        title=gettext(KINDS[word]),
        home=list_address(word, slug),
        ticked=ticked,
        change=change,
        preview=preview,
        refusal=refusal,
        said=sentence,
        name_of=lambda row: ", ".join(filter(None, kind.labels(row))),
    )


def _ticked() -> list[tuple[int, int]]:
    """Return the rows ticked as (id, version), or all that the list showed where « toutes » is."""
    name = "vu" if "toutes" in request.form else "ligne"
    pairs = [value.split(":") for value in request.form.getlist(name)]
    return [(int(pair[0]), int(pair[1])) for pair in pairs if len(pair) == 2 and all(part.isdigit() for part in pair)]  # noqa: PLR2004


def _change(kind: Kind) -> BulkChange:
    """Return what was ticked as changing, each with its typed value; of a column that may not, nothing."""
    changing = request.form.getlist("changer")
    values = {
        column.field: ",".join(value.strip() for value in request.form.getlist(f"v-{column.field}"))
        for column in kind.columns
        if column.bulk and column.field in changing
    }
    shelve = request.form.get("rayon", "")
    return BulkChange(values=values, shelve=shelve if shelve in ("archiver", "restaurer") else "")


def _told(done: BulkPreview, kind: Kind) -> None:
    """Commit, and say how many rows are written and which were left alone, with why."""
    names = {part.row.id: ", ".join(filter(None, kind.labels(part.row))) for part in done.refused}
    db.session.commit()
    count = len(done.changing)
    flash(ngettext("%(num)s fiche est enregistrée.", "%(num)s fiches sont enregistrées.", count), "ok")
    for part in done.refused:
        reason = sentence(part.refusal) if part.refusal else ""
        flash(gettext("%(name)s : %(reason)s", name=names[part.row.id], reason=reason), "stop")
