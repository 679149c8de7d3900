"""The form of what a village tells once its evening is over."""

from flask_babel import lazy_gettext
from wtforms import TextAreaField

from guinguette.services.reports import MOST_PEOPLE, Told
from guinguette.web.forms.fields import Whole
from guinguette.web.forms.records import RecordForm, at_most, clean

_LENGTH = 4000


class ReportForm(RecordForm):
    """How many came, what went wrong, a word: each may stay empty."""

    attendance = Whole(lazy_gettext("Combien de personnes sont venues"), least=0, most=MOST_PEOPLE)
    incidents = TextAreaField(lazy_gettext("Un souci à signaler"), [at_most(_LENGTH)])
    word = TextAreaField(lazy_gettext("Un mot sur la soirée"), [at_most(_LENGTH)])

    def told(self) -> Told:
        """Return what was typed."""
        return Told(attendance=self.attendance.data, incidents=clean(self.incidents.data), word=clean(self.word.data))
