"""The form of a village's fête, on a host's page: its secret address stands for the CSRF field."""

import datetime as dt
from typing import cast

from flask_babel import lazy_gettext
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Optional

from guinguette.web.forms.records import RefusingForm, at_most, clean, required

_NO_DATE = lazy_gettext("Donnez une date, par exemple 24/07/2027.")


class FeteForm(RefusingForm):
    """A fête: its name, its first day and, where it lasts, its last."""

    class Meta:
        """The host's link is the secret that a CSRF field would be."""

        csrf = False

    name = StringField(lazy_gettext("Nom de la fête"), [required(), at_most(120)], render_kw={"autocomplete": "off"})
    first = DateField(lazy_gettext("Premier jour"), [InputRequired(_NO_DATE)])
    last = DateField(lazy_gettext("Dernier jour"), [Optional()])

    def values(self) -> tuple[str, dt.date, dt.date | None]:
        """Return what was typed in a valid form: name, first day, last day."""
        return clean(self.name.data), cast(dt.date, self.first.data), self.last.data
