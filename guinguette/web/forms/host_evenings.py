"""What a host answers about an evening. The secret is in the address: these forms need no CSRF field."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from guinguette.models import Evening
from guinguette.services.options import NOTE_LENGTH
from guinguette.web.forms.fields import choice
from guinguette.web.forms.records import RefusingForm, at_most
from guinguette.web.presenting import long_date

#: What stands for a day that is not in the list.
OTHER = "autre"


class HostForm(RefusingForm):
    """A form on an evening as it stood at ``version``, and on the ``terms`` that were read beside it (their digest)."""

    class Meta:
        """No CSRF field."""

        csrf = False

    version = IntegerField(widget=HiddenInput())
    terms = StringField(widget=HiddenInput())

    def show(self, evening: Evening, terms: str) -> None:
        """Stand on the evening and the terms as they are shown now, whatever was posted."""
        self.version.data, self.version.raw_data, self.terms.data = evening.version, None, terms


class WordForm(HostForm):
    """Yes or no, with a word for the association."""

    note = TextAreaField(
        lazy_gettext("Un mot pour l’association"),
        [at_most(NOTE_LENGTH)],
    )


class OtherDayForm(WordForm):
    """Which day instead: one on which the van is free, or any other."""

    day = RadioField(lazy_gettext("Quel jour vous convient ?"), [InputRequired(lazy_gettext("Choisissez un jour."))])
    date = DateField(lazy_gettext("L’autre jour"), [Optional()])

    def offer(self, days: Sequence[dt.date]) -> None:
        """Set which days are shown."""
        listed = [choice(day.isoformat(), long_date(day)) for day in days]
        self.day.choices = [*listed, choice(OTHER, lazy_gettext("Un autre jour"))]

    @property
    def chosen(self) -> dt.date | None:
        """Return the day that was chosen, or null where the other one was not given."""
        found: dt.date | None = self.date.data
        return found if self.day.data == OTHER else dt.date.fromisoformat(self.day.data)


def opened(form: type[HostForm], evening: Evening) -> Any:
    """Return a form on the evening as it stands, or as it was posted."""
    return form(data={"version": evening.version})
