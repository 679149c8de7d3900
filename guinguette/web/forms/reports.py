"""The form of what a village tells once its evening is over."""

from typing import Any

from flask_babel import lazy_gettext
from wtforms import StringField, TextAreaField

from guinguette.models import Evening, EveningReport
from guinguette.services.reports import MOST_PEOPLE, Told
from guinguette.web.forms.fields import Whole
from guinguette.web.forms.records import RecordForm, at_most, clean, required

_LENGTH, _NAME = 4000, 200


class ReportForm(RecordForm):
    """How many came, what went wrong, a word: each may stay empty."""

    attendance = Whole(lazy_gettext("Combien de personnes sont venues"), least=0, most=MOST_PEOPLE)
    incidents = TextAreaField(lazy_gettext("Un souci à signaler"), [at_most(_LENGTH)])
    word = TextAreaField(lazy_gettext("Un mot sur la soirée"), [at_most(_LENGTH)])

    def told(self) -> Told:
        """Return what was typed."""
        return Told(attendance=self.attendance.data, incidents=clean(self.incidents.data), word=clean(self.word.data))


class PhoneReportForm(ReportForm):
    """The same, told on the telephone."""

    told_by = StringField(lazy_gettext("Reçu par"), [required(), at_most(_NAME)])


def told_before(evening: Evening, report: EveningReport | None) -> dict[str, Any]:
    """Return what a form opens with: what was told, else what the desk has counted."""
    if report is None:
        return {"version": 0, "attendance": evening.attendance, "incidents": "", "word": ""}
    return {
        "version": report.version,
        "attendance": evening.attendance,
        "incidents": report.incidents,
        "word": report.word,
    }
