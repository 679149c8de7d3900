"""Forms of an evening: why it changes, when it comes instead, what people will find there."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from guinguette.domain.errors import DomainError
from guinguette.models import Committee, Evening, EveningChange, FallbackVenue, Pitch, Vehicle
from guinguette.services.evenings import REASON_LENGTH, Programme
from guinguette.services.options import NOTE_LENGTH
from guinguette.web.forms.fields import choice
from guinguette.web.forms.records import RecordForm

_LONG = lazy_gettext("C’est trop long de quelques mots : raccourcissez.")


def _integer_or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


class VersionedForm(RecordForm):
    """Carries the version of the evening that was read, and how far its history was."""

    read_until = IntegerField(widget=HiddenInput())

    @property
    def grave(self) -> bool:
        """Tell whether what was typed cannot be taken back."""
        return False

    #: After a conflict: what has happened to the evening since its page was opened.
    meanwhile: tuple[EveningChange, ...] = ()

    def note_meanwhile(self, evening: Evening) -> None:
        """Keep what its history says since the page was opened (of a page that does not tell: its last line)."""
        last = self.read_until.data
        self.meanwhile = tuple(c for c in evening.history if last is not None and c.id > last) or tuple(
            evening.history[-1:]
        )


def last_change(evening: Evening) -> int:
    """Return how far an evening's history is: the number of its last line."""
    return evening.history[-1].id if evening.history else 0


class NothingToSay(VersionedForm):
    """A change that needs no word."""


class ReasonForm(VersionedForm):
    """Why: the villagers will read it."""

    reason = StringField(
        lazy_gettext("Pourquoi"),
        [
            InputRequired(lazy_gettext("Dites pourquoi en quelques mots : les villageois le liront.")),
            Length(max=REASON_LENGTH, message=_LONG),
        ],
    )


class PostponeForm(ReasonForm):
    """Another date, perhaps another van (by id), and whether the village has agreed."""

    date = DateField(
        lazy_gettext("Nouvelle date"), [InputRequired(lazy_gettext("Donnez la nouvelle date, par exemple 24/07/2027."))]
    )
    vehicle_id = SelectField(
        lazy_gettext("Véhicule"), [InputRequired(lazy_gettext("Choisissez un véhicule."))], coerce=int
    )

    agreed = BooleanField(lazy_gettext("Le comité et la mairie sont d’accord avec cette date"))

    def offer(self, vehicles: list[Vehicle]) -> None:
        """Set which vans may come."""
        self.vehicle_id.choices = [choice(vehicle.id, vehicle.name) for vehicle in vehicles]


class OptionForm(VersionedForm):
    """Until when the host may answer."""

    expires_on = DateField(
        lazy_gettext("Réponse attendue jusqu’au"),
        [InputRequired(lazy_gettext("Donnez le dernier jour, par exemple 24/07/2027."))],
    )


class AnswerForm(VersionedForm):
    """What the host has said, and who said it."""

    answer = RadioField(
        lazy_gettext("La réponse du village"),
        choices=[
            choice("accepted", lazy_gettext("Oui, la date convient")),
            choice("countered", lazy_gettext("Pas ce jour-là, mais un autre")),
            choice("refused", lazy_gettext("Non : la date redevient libre")),
        ],
        validators=[InputRequired(lazy_gettext("Choisissez oui ou non."))],
    )
    counter_date = DateField(lazy_gettext("Le jour que propose le village"), [Optional()])
    note = StringField(lazy_gettext("Ce qu’il ajoute"), [Length(max=NOTE_LENGTH, message=_LONG)])
    answered_by = StringField(
        lazy_gettext("Reçu par"),
        [
            InputRequired(lazy_gettext("Dites qui a répondu, par exemple « téléphone de Mme Petit ».")),
            Length(max=200, message=_LONG),
        ],
    )

    @property
    def grave(self) -> bool:
        """A refusal calls the evening off."""
        return bool(self.answer.data == "refused")

    def refuse(self, error: DomainError) -> None:
        """Show what is wrong with the day that the village offers beside the field where it is typed."""
        if error.field == "date":
            error.field = "counter_date"
        super().refuse(error)


class AttendanceForm(VersionedForm):
    """How many came, where somebody has counted."""

    attendance = IntegerField(
        lazy_gettext("Combien de personnes sont venues"),
        [Optional(), NumberRange(min=0, message=lazy_gettext("Donnez un nombre de personnes, en chiffres."))],
    )


class ProgrammeForm(VersionedForm):
    """What people will find there: hours, places, and the words of the page."""

    starts_at = TimeField(lazy_gettext("Début"), [InputRequired(lazy_gettext("Donnez une heure, par exemple 18:00."))])
    ends_at = TimeField(lazy_gettext("Fin"), [InputRequired(lazy_gettext("Donnez une heure, par exemple 22:00."))])
    pitch_id = SelectField(lazy_gettext("Emplacement"), coerce=_integer_or_none)
    fallback_venue_id = SelectField(lazy_gettext("Salle s’il pleut"), coerce=_integer_or_none)
    permit_holder_id = SelectField(lazy_gettext("Qui demande le débit de boissons"), coerce=_integer_or_none)
    artists = StringField(lazy_gettext("Artistes"), [Length(max=200, message=_LONG)])
    partner = StringField(lazy_gettext("Avec qui"), [Length(max=200, message=_LONG)])
    food = StringField(lazy_gettext("À manger et à boire"), [Length(max=300, message=_LONG)])
    prices = StringField(lazy_gettext("Prix"), [Length(max=200, message=_LONG)])
    payment = StringField(lazy_gettext("Moyens de paiement"), [Length(max=200, message=_LONG)])
    description = TextAreaField(lazy_gettext("Un mot de plus"), [Length(max=5000, message=_LONG)])

    def offer(self, pitches: list[Pitch], halls: list[FallbackVenue], holders: Sequence[Committee]) -> None:
        """Set which places the commune has, and who may hold the permit."""
        nowhere = [choice("", lazy_gettext("Pas encore choisi"))]
        self.pitch_id.choices = nowhere + [choice(pitch.id, pitch.name) for pitch in pitches]
        self.fallback_venue_id.choices = nowhere + [choice(hall.id, hall.name) for hall in halls]
        nobody = [choice("", lazy_gettext("Personne : aucune autorisation à demander"))]
        self.permit_holder_id.choices = nobody + [choice(holder.id, holder.name) for holder in holders]

    def command(self) -> Programme:
        """Return what was typed."""
        return Programme(
            starts_at=_time(self.starts_at.data),
            ends_at=_time(self.ends_at.data),
            pitch_id=self.pitch_id.data,
            fallback_venue_id=self.fallback_venue_id.data,
            permit_holder_id=self.permit_holder_id.data,
            **{name: (getattr(self, name).data or "").strip() for name in _TEXTS},
        )


_TEXTS = ("artists", "partner", "food", "prices", "payment", "description")


def _time(value: dt.time | None) -> dt.time:
    assert value is not None, "validated first"  # noqa: S101
    return value


def programme_form(
    evening: Evening, pitches: list[Pitch], halls: list[FallbackVenue], holders: Sequence[Committee]
) -> ProgrammeForm:
    """Return the form filled with what the evening has, or with what was posted."""
    form = ProgrammeForm(obj=evening, data={"read_until": last_change(evening)})
    form.offer(pitches, halls, holders)
    return form
