"""The form of a letter: every part of it is plain text that people correct."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from guinguette.publishing.official_letters import Letter
from guinguette.web.forms.records import at_most, clean, required

_HEAD, _SUBJECT, _BODY = 600, 200, 8000


class LetterForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """Who writes, to whom, when, about what, and the text."""

    sender = TextAreaField(lazy_gettext("Qui écrit"), [required(), at_most(_HEAD)])
    recipient = TextAreaField(lazy_gettext("À qui"), [at_most(_HEAD)])
    dated = StringField(lazy_gettext("Lieu et date, ou numéro"), [at_most(_SUBJECT)])
    subject = TextAreaField(lazy_gettext("Objet"), [required(), at_most(_SUBJECT)])
    body = TextAreaField(lazy_gettext("Le texte"), [required(), at_most(_BODY)])

    def letter(self) -> Letter:
        """Return what stands in the form."""
        parts: dict[str, Any] = {name: clean(self[name].data) for name in Letter.__dataclass_fields__}
        return Letter(**parts)
