"""The organisers' own words for the messages: a list of all texts, and a page where one is written with a preview."""

from itertools import groupby
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import InvalidInput
from guinguette.domain.sms_text import replaced, transliterate
from guinguette.extensions import db
from guinguette.publishing.message_texts import FIELDS, OPTIONAL, shown
from guinguette.services import own_texts
from guinguette.services.message_preview import preview
from guinguette.services.wording import translator
from guinguette.web.association import association
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.messages import WordsForm
from guinguette.web.language import languages, page_language
from guinguette.web.organiser import blueprint
from guinguette.web.saving import posted_version, saved, shelved


@blueprint.get("/messages/textes")
def message_texts() -> str:
    """List every text in every language, those to villagers first."""
    found = own_texts.listing(db.session, languages())
    groups = [(audience, list(group)) for audience, group in groupby(found, key=lambda each: each[1].audience)]
    return render_template("organisation/message_textes.html", groups=groups, in_words=_in_words)


@blueprint.route("/messages/textes/<key>/<language>", methods=["GET", "POST"])
def message_text(key: str, language: str) -> Response | str:
    """Write a text. The buttons "preview" and "plain" (in letters that an SMS has) show it and keep nothing."""
    wording = _wording(key, language)
    form = WordsForm.of(wording)
    if "plain" in request.form:
        form.text.data = transliterate(form.text.data or "")
    elif "preview" not in request.form and saved(form, lambda: _save(wording, form)):
        flash(gettext("C’est enregistré. Les prochains messages le diront ainsi."), "ok")
        return redirect(url_for("organiser.message_texts") + f"#{key}")
    return render_template(
        "organisation/message_texte.html",
        form=form,
        wording=wording,
        built_in=_in_words(wording.built_in),
        set_aside=_in_words(wording.set_aside),
        lacks=_in_words("{" + wording.lacks + "}") if wording.lacks else "",
        fields=[(_in_words("{" + name + "}"), FIELDS[name].becomes, name in OPTIONAL) for name in _fields(wording)],
        **_previewed(wording, form.text.data or ""),
    )


@blueprint.post("/messages/textes/<key>/<language>/apercu")
def message_text_preview(key: str, language: str) -> str:
    """Answer htmx with what the text that is being typed would look like and cost."""
    wording = _wording(key, language)
    typed = request.form.get("text", "")
    return render_template("organisation/_message_apercu.html", wording=wording, **_previewed(wording, typed))


@blueprint.post("/messages/textes/<key>/<language>/origine")
def reset_message_text(key: str, language: str) -> Response:
    """Go back to the built-in words."""
    wording = _wording(key, language)
    shelved(
        lambda: own_texts.reset(db.session, key, language, version=posted_version()),
        gettext("Le texte d’origine est de retour."),
    )
    return redirect(url_for("organiser.message_text", key=wording.key, language=language))


def _wording(key: str, language: str) -> own_texts.Wording:
    if language not in languages():
        abort(404)
    return own_texts.get(db.session, key, language)


def _save(wording: own_texts.Wording, form: WordsForm) -> None:
    own_texts.save(
        db.session,
        wording.key,
        wording.locale,
        form.text.data or "",
        version=form.seen_version,
        names=page_language(),
        public_url=edge().settings.public_url,
    )


def _previewed(wording: own_texts.Wording, typed: str) -> dict[str, Any]:
    """Return the ``preview`` of what was typed, or the ``refusal`` that saving it would meet.

    ``shortens``: some of it gives way where it is too long. ``mends``: it has letters itself that an SMS has not.
    """
    tools = edge()
    url = tools.settings.public_url
    try:
        text = own_texts.checked(wording.key, typed, wording.locale, names=page_language(), public_url=url)
    except InvalidInput as error:
        return {"preview": None, "refusal": sentence(error)}
    found = preview(
        db.session,
        wording.key,
        wording.locale,
        text,
        clock=tools.clock,
        public_url=url,
        phone=association().phone,
        replies=tools.settings.receives_sms,
    )
    shortens = any("{" + name + "}" in text for name in ("place", "why", "note", "dates"))
    return {"preview": found, "refusal": "", "shortens": shortens, "mends": bool(replaced(text))}


def _fields(wording: own_texts.Wording) -> list[str]:
    return list(dict.fromkeys(wording.template.fields))


def _in_words(text: str) -> str:
    """Return a text with its fields' names in the language of the page."""
    return shown(text, translator(page_language()))
