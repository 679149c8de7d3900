"""The form of when villages are to answer, and of the nudges until then."""

import datetime as dt
from typing import cast

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, StringField
from wtforms.validators import ValidationError

from guinguette.domain.tables import whole_number
from guinguette.models import Tour
from guinguette.services.dates_asked import USUAL_NUDGES
from guinguette.web.forms.records import RecordForm, required


class ScheduleForm(RecordForm):
    """The last day to answer, and so many days before it: "21, 7, 2"."""

    answer_by = DateField(lazy_gettext("Répondre jusqu’au"), [required()])
    nudge_days = StringField(
        lazy_gettext("Relancer, jours avant"), render_kw={"inputmode": "text", "autocomplete": "off"}
    )

    @classmethod
    def of(cls, tour: Tour, proposed: dt.date | None) -> "ScheduleForm":
        """Return the form of a tour, filled with what is usual where nobody has said anything yet."""
        nudges = tour.nudge_days if tour.answer_by or tour.nudge_days else USUAL_NUDGES
        return cls(
            data={
                "answer_by": tour.answer_by or proposed,
                "nudge_days": ", ".join(str(days) for days in nudges),
                "version": tour.version,
            }
        )

    def validate_nudge_days(self, field: StringField) -> None:
        """Refuse what are no numbers."""
        if None in self._typed_days():
            raise ValidationError(gettext("Écrivez des nombres de jours, par exemple 21, 7, 2."))
        field.data = ", ".join(str(days) for days in self._typed_days())

    def command(self) -> tuple[dt.date, list[int]]:
        """Return the last day and the days before it."""
        days = [days for days in self._typed_days() if days is not None]
        return cast(dt.date, self.answer_by.data), days

    def _typed_days(self) -> list[int | None]:
        typed = (self.nudge_days.data or "").replace(";", ",").replace(" ", ",").split(",")
        return [whole_number(each) for each in typed if each.strip()]
