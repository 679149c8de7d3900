"""Forms of the ways out: why nothing may leave, how much more may leave today."""

from flask_babel import lazy_gettext
from wtforms import StringField

from guinguette.web.forms.fields import Whole
from guinguette.web.forms.records import RecordForm, required


class PauseForm(RecordForm):
    """Why: whoever opens the desk reads it."""

    reason = StringField(lazy_gettext("Pourquoi"), [required()])


class RaiseForm(RecordForm):
    """So many more segments, today only."""

    segments = Whole(lazy_gettext("Envois de plus, aujourd’hui seulement"), [required()], least=1)
