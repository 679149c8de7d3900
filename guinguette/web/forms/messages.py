"""The form of a message's words."""

from flask_babel import lazy_gettext
from wtforms import TextAreaField

from guinguette.publishing.message_texts import shown
from guinguette.services.own_texts import Wording
from guinguette.services.wording import translator
from guinguette.web.forms.records import RecordForm, required
from guinguette.web.language import page_language


class WordsForm(RecordForm):
    """The words, with the fields' names as the reader's language has them."""

    text = TextAreaField(lazy_gettext("Le texte"), [required()])

    @classmethod
    def of(cls, wording: Wording) -> "WordsForm":
        """Return the form of the words in force."""
        text = shown(wording.text, translator(page_language()))
        return cls(data={"text": text, "version": wording.version})
