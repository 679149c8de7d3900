"""Forms of pitches and halls: the whole record for the desk, one question of it for a host."""

from collections.abc import Collection, Iterable
from typing import Any, cast

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField

from guinguette.domain.site_words import PLUGS, SIGNALS, YES_NO
from guinguette.domain.text import upper_first
from guinguette.models import Contact
from guinguette.services.sites import HALL_FIELDS, PITCH_FIELDS, Site, SiteCommand
from guinguette.web.forms.fields import Boxes, Degrees, Whole, choice, optional_id
from guinguette.web.forms.records import RecordForm, at_most, clean, required


def _choices(words: dict[str, str]) -> list[Any]:
    return [choice(value, lazy_gettext(word)) for value, word in words.items()]


def _one_of(label: Any, words: dict[str, str]) -> SelectField:
    return SelectField(label, default="", choices=[choice("", lazy_gettext("inconnu")), *_choices(words)])


class HallForm(RecordForm):
    """A hall."""

    #: The fields of a command that it has.
    asked: tuple[str, ...] = HALL_FIELDS
    name = StringField(lazy_gettext("Nom"), [required(), at_most(200)])
    address = StringField(lazy_gettext("Adresse"), [at_most(250)])
    capacity = Whole(lazy_gettext("Nombre de personnes"), most=100_000)
    lat = Degrees(lazy_gettext("Latitude"), most=90)
    lon = Degrees(lazy_gettext("Longitude"), most=180)
    accessible = _one_of(lazy_gettext("Accès en fauteuil roulant"), YES_NO)
    keys_contact_id = SelectField(lazy_gettext("Qui a les clés"), coerce=optional_id)

    @classmethod
    def of(cls, row: Site | None, people: Iterable[Contact], *, meta: Any = None, **data: Any) -> "HallForm":
        """Return the form of a site, or of a new one that begins with ``data``; ``people`` may have its keys."""
        if row is not None:
            data = {name: getattr(row, name) for name in cls.asked} | {"version": row.version}
        form = cls(data=data, meta=meta)
        if isinstance(form, PitchForm):
            form.power.choices = [choice(name, upper_first(gettext(word))) for name, word in PLUGS.items()]
        form.keys_contact_id.choices = [choice("", gettext("inconnu")), *(choice(p.id, p.name) for p in people)]
        return form

    def only(self, names: Collection[str]) -> None:
        """Leave these fields and the version, as for one question."""
        for name in list(self._fields):
            if name not in names and name not in ("version", "csrf_token"):
                del self[name]

    def values(self) -> dict[str, Any]:
        """Return what was typed, by field of a command."""
        return {name: _typed(self[name]) for name in self.asked if name in self._fields}

    def command(self) -> SiteCommand:
        """Return what was typed."""
        return SiteCommand(**self.values())


class PitchForm(HallForm):
    """A pitch: a hall's fields, the plugs, what is there, and the way in."""

    asked = PITCH_FIELDS
    power = Boxes(lazy_gettext("Prises"), choices=[])
    power_metres = Whole(lazy_gettext("Mètres jusqu’à la prise"), least=0, most=2_000)
    power_supply = StringField(lazy_gettext("Électricité, en quelques mots"), [at_most(200)])
    water = _one_of(lazy_gettext("Eau potable"), YES_NO)
    toilets = _one_of(lazy_gettext("Toilettes"), YES_NO)
    parking = Whole(lazy_gettext("Voitures qui peuvent se garer"), least=0, most=10_000)
    coverage = _one_of(lazy_gettext("Réseau mobile"), SIGNALS)
    access = TextAreaField(lazy_gettext("Accès, clés, stationnement"), [at_most(5000)])


SITE_FORMS: dict[str, type[HallForm]] = {"emplacement": PitchForm, "salle": HallForm}


class BookingForm(RecordForm):
    """A day on which a hall is somebody else's."""

    date = DateField(lazy_gettext("Jour"), [required()], format=["%Y-%m-%d", "%d/%m/%Y"])  # typed, on an old phone
    what = StringField(lazy_gettext("Pour quoi"), [at_most(120)])


class NewPlaceForm(RecordForm):
    """A pitch or a hall that nobody has written down yet."""

    name = StringField(lazy_gettext("Nom"), [required(), at_most(200)])


class PhotoForm(RecordForm):
    """A photograph on its way in."""

    photo = FileField(lazy_gettext("Photo"), [FileRequired(lazy_gettext("Choisissez une photo."))])


class KeysForm(RecordForm):
    """Somebody who has the keys and is not among the village's contacts yet."""

    new_name = StringField(lazy_gettext("Son nom"), [required(), at_most(120)], render_kw={"autocomplete": "off"})
    phone = StringField(
        lazy_gettext("Son téléphone"), [required(), at_most(40)], render_kw={"autocomplete": "off", "inputmode": "tel"}
    )


class NeedsForm(RecordForm):
    """What a village's evening needs of the van."""

    needs = Boxes(lazy_gettext("Ce que le camion doit avoir"), choices=[])


class HolderForm(RecordForm):
    """Who asks for the temporary bar."""

    permit_holder_id = RadioField(lazy_gettext("Qui demande la buvette"), coerce=optional_id)


def _typed(field: Any) -> Any:
    if isinstance(field, Boxes):
        return tuple(field.data or ())
    return clean(field.data) if isinstance(field, StringField) else cast(Any, field.data)
