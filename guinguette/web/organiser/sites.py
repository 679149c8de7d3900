"""Pitches and halls."""

from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.models import Commune, Contact, Evening, Pitch
from guinguette.services import communes, halls, hosts, photos, site_sheet, sites
from guinguette.web.edge import edge
from guinguette.web.forms.sites import SITE_FORMS, BookingForm, HallForm
from guinguette.web.organiser import archives, blueprint, registry
from guinguette.web.organiser.desk import actor
from guinguette.web.organiser.placing import Placing, placing, tiles, with_map
from guinguette.web.presenting import long_date
from guinguette.web.saving import saved

_KIND = "any(emplacement, salle)"


@blueprint.get("/emplacements")
def list_sites() -> str:
    """List the pitches in use, or with ``?archives=1`` those put aside."""
    return registry.listed("emplacements")


@blueprint.route(f"/communes/<insee>/<{_KIND}:kind>/nouveau", methods=["GET", "POST"])
def new_site(insee: str, kind: str) -> Response:
    """Add a pitch or a hall to a commune."""
    commune = communes.get(db.session, insee)
    form = SITE_FORMS[kind].of(None, people_of(commune), name=gettext("Salle des fêtes") if kind == "salle" else "")
    placed = placing(form, commune)
    if placed is None and saved(form, lambda: sites.create(db.session, kind, insee, form.command())):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.commune", insee=insee))
    return _page(form, kind, commune, None, placed)


@blueprint.route(f"/<{_KIND}:kind>/<int:site_id>", methods=["GET", "POST"])
def site(kind: str, site_id: int) -> Response:
    """Show and change a pitch or a hall."""
    row = sites.get(db.session, kind, site_id)
    form = SITE_FORMS[kind].of(row, people_of(row.commune, row.keys_contact))
    corrected: list[Evening] = []
    placed = placing(form, row.commune)
    if placed is None and saved(form, lambda: corrected.extend(_correct(row, form))):
        flash(" ".join([gettext("C’est enregistré."), *_followed(corrected)]))
        return redirect(url_for("organiser.commune", insee=row.commune_insee))
    return _page(form, kind, row.commune, row, placed)


def people_of(commune: Commune, chosen: Contact | None = None) -> list[Contact]:
    """Return who may have a key in a commune: its contacts in use, and whoever has it already."""
    people = hosts.to_ring(db.session, [commune.insee]).get(commune.insee, [])
    return [*people, *([chosen] if chosen and chosen not in people else [])]


def _page(form: HallForm, kind: str, commune: Commune, row: sites.Site | None, placed: Placing | None) -> Response:
    shown = {"form": form, "kind": kind, "commune": commune, "row": row, "placing": placed}
    address = url_for("organiser.outline", insee=commune.insee)
    return with_map(
        render_template("organisation/emplacement.html", tiles=tiles(), outline_address=address, **shown, **_more(row))
    )


def _more(row: sites.Site | None) -> dict[str, Any]:
    """Return what a place's page shows under its form: its photographs, and the days on which a hall is taken."""
    if row is None:
        return {}
    if isinstance(row, Pitch):
        return {"pictures": photos.of(db.session, pitch=row)}
    return {
        "pictures": photos.of(db.session, hall=row),
        "bookings": halls.coming(db.session, row, edge().clock),
        "booking": BookingForm(formdata=None),
        "expected": site_sheet.expected_public(db.session, row.commune, today(edge().clock)),
    }


def _correct(row: sites.Site, form: HallForm) -> list[Evening]:
    return sites.edit(db.session, row, form.command(), form.seen_version, actor=actor(), clock=edge().clock)


def _followed(evenings: list[Evening]) -> Iterator[str]:
    """Say how many evenings online follow a correction, and that nobody is told by SMS."""
    if evenings:
        yield ngettext(
            "%(num)s soirée à venir est corrigée en ligne, le %(day)s.",
            "%(num)s soirées à venir sont corrigées en ligne, la première le %(day)s.",
            len(evenings),
            day=long_date(evenings[0].date),
        )
        yield gettext(
            "Aucun SMS ne part : si les gens doivent aller ailleurs, choisissez l’autre lieu sur la page de la soirée."
        )


@blueprint.post(f"/<{_KIND}:kind>/<int:site_id>/<any(archiver, restaurer):action>")
def shelve_site(kind: str, site_id: int, action: str) -> Response:
    """Put a pitch or a hall aside, or bring it back."""
    row = sites.get(db.session, kind, site_id)
    archives.shelve(row, action)
    return redirect(url_for("organiser.commune", insee=row.commune_insee))
