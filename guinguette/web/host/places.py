"""A village's places: what is known and what is missing, one question a page."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, NotFound
from guinguette.extensions import db
from guinguette.services import halls, photos, referents, site_sheet, sites
from guinguette.services.sites import Site
from guinguette.web.edge import edge
from guinguette.web.forms.records import clean
from guinguette.web.forms.sites import SITE_FORMS, HallForm, KeysForm, NewPlaceForm, PhotoForm
from guinguette.web.host import NO_CSRF, blueprint, host
from guinguette.web.host.saving import kept
from guinguette.web.organiser.placing import outline_of, placing, tiles, with_map
from guinguette.web.organiser.sites import people_of
from guinguette.web.uploads import sent_photo, takes_photos

_KIND = "any(emplacement, salle)"


@blueprint.get("/lieux")
def places() -> str:
    """Show each place of the village, what is known of it, and what is missing."""
    commune, clock = host().commune, edge().clock
    sheet = site_sheet.sheet(db.session, commune, clock)
    return render_template(
        "comite/lieux.html",
        host=host(),
        sheet=sheet,
        pictures={site: photos_of(site) for _, site, _ in sheet.groups if site},
        expected=site_sheet.expected_public(db.session, commune, today(clock)),
        requests=site_sheet.requests_of(db.session, commune, clock),
        clashes=halls.to_come_in(db.session, commune.insee, clock),
    )


@blueprint.route(f"/lieux/<{_KIND}:kind>/nouveau", methods=["GET", "POST"])
def new_place(kind: str) -> Response | str:
    """Ask what the pitch or the hall is called, then the rest of it."""
    form = NewPlaceForm(data={"name": gettext("Salle des fêtes") if kind == "salle" else ""}, meta=NO_CSRF)
    made: list[Site] = []
    name, commune = clean(form.name.data), host().commune
    if kept(form, lambda: made.append(site_sheet.create(db.session, kind, commune, name, by=host().by()))):
        return redirect(url_for("host.place", kind=kind, site_id=made[0].id, key="place", suite=1))
    return render_template("comite/lieu_nouveau.html", host=host(), form=form, kind=kind)


@blueprint.route(f"/lieux/<{_KIND}:kind>/<int:site_id>/<key>", methods=["GET", "POST"])
def place(kind: str, site_id: int, key: str) -> Response:
    """Ask one question about a place; with ``?suite=1``, then the next that has no answer."""
    site, question = own_site(kind, site_id), site_sheet.question(kind, key)
    if "unknown" in request.form:
        site_sheet.not_known(db.session, kind, site, key, by=host().by())
        db.session.commit()
        return _onwards(kind, key)
    form = SITE_FORMS[kind].of(site, people_of(host().commune, site.keys_contact), meta=NO_CSRF)
    form.only(question.fields)
    placed = placing(form, host().commune) if key == "place" else None
    if placed is None and kept(form, lambda: _answer(kind, site, key, form)):
        return _onwards(kind, key)
    return _page(kind, site, question, form=form, placing=placed, keys=KeysForm(formdata=None, meta=NO_CSRF))


def _answer(kind: str, site: Site, key: str, form: HallForm) -> None:
    site_sheet.answer(db.session, kind, site, key, form.values(), form.seen_version, by=host().by())


@blueprint.post(f"/lieux/<{_KIND}:kind>/<int:site_id>/cles/nouveau")
def new_keys(kind: str, site_id: int) -> Response:
    """Write down somebody who has the keys and was not known, among the contacts of the host's own committee."""
    site, form = own_site(kind, site_id), KeysForm(meta=NO_CSRF)
    if kept(form, lambda: _hand_keys(kind, site, form)):
        return _onwards(kind, "keys")
    own = SITE_FORMS[kind].of(site, people_of(host().commune, site.keys_contact), meta=NO_CSRF)
    own.only(("keys_contact_id",))
    return _page(kind, site, site_sheet.question(kind, "keys"), form=own, keys=form)


def _hand_keys(kind: str, site: Site, form: KeysForm) -> None:
    name, phone = clean(form.new_name.data), clean(form.phone.data)
    person = referents.add_keyholder(db.session, host().contact, name, phone, edge().vault)
    values = {"keys_contact_id": person.id}
    site_sheet.answer(db.session, kind, site, "keys", values, site.version, by=host().by())


@blueprint.route(f"/lieux/<{_KIND}:kind>/<int:site_id>/photo", methods=["GET", "POST"])
@takes_photos
def place_photo(kind: str, site_id: int) -> Response:
    """Show the photographs of a place, and take another."""
    site, form = own_site(kind, site_id), PhotoForm(meta=NO_CSRF)
    if kept(form, lambda: photos.add(db.session, sent_photo(), by=host().by(), **_of(site))):
        flash(gettext("La photo est là."))
        return redirect(url_for("host.place_photo", kind=kind, site_id=site_id, suite=request.args.get("suite")))
    question = site_sheet.question("emplacement", "photo")
    return _page(kind, site, question, form=form, pictures=photos_of(site))


@blueprint.get("/lieux/contour.json")
def outline() -> Response:
    """Give the outline that the map of a place shows where there are no tiles."""
    return outline_of(host().commune)


def own_site(kind: str, site_id: int) -> Site:
    """Return a place in use of this village. Raises ``NotFound``, whether it is another's or nobody's."""
    site = sites.get(db.session, kind, site_id)
    if site.commune_insee != host().commune.insee or site.archived_at is not None:
        raise NotFound(N_("Ce lieu n’existe pas."))
    return site


def photos_of(site: Site) -> Any:
    """Return the photographs of a place."""
    return photos.of(db.session, **_of(site))


def _of(site: Site) -> dict[str, Any]:
    return {"hall" if isinstance(site, sites.KINDS["salle"]) else "pitch": site}


def _onwards(kind: str, key: str) -> Response:
    """Go on to the next question without an answer where one is answering them all, else back to the places."""
    following = site_sheet.sheet(db.session, host().commune, edge().clock).after(kind, key)
    if "suite" not in request.args or following is None:
        flash(gettext("C’est enregistré."))
        return redirect(url_for("host.places"))
    return redirect(address_of(following))


@blueprint.app_template_global("piece_address")
def address_of(piece: site_sheet.Piece, *, onwards: bool = True) -> str:
    """Return the page of a question; ``onwards``, it leads to the next one without an answer."""
    if piece.site is None:
        return url_for("host.new_place", kind=piece.kind)
    more: dict[str, Any] = {"suite": 1} if onwards else {}
    if piece.question.key == "photo":
        return url_for("host.place_photo", kind=piece.kind, site_id=piece.site.id, **more)
    return url_for("host.place", kind=piece.kind, site_id=piece.site.id, key=piece.question.key, **more)


def _page(kind: str, site: Site, question: site_sheet.Question, **shown: Any) -> Response:
    sheet = site_sheet.sheet(db.session, host().commune, edge().clock)
    following = sheet.after(kind, question.key) if "suite" in request.args else None
    values = {"kind": kind, "site": site, "question": question, "sheet": sheet, "following": following, **shown}
    expected = site_sheet.expected_public(db.session, host().commune, today(edge().clock))
    return with_map(
        render_template(
            "comite/lieu_question.html",
            host=host(),
            commune=host().commune,
            tiles=tiles(),
            outline_address=url_for("host.outline"),
            expected=expected,
            **values,
        )
    )
