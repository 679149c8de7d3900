"""The form of a van."""

from typing import Any

from flask_babel import lazy_gettext
from wtforms import StringField

from guinguette.domain.text import slugify
from guinguette.models import Vehicle
from guinguette.services.vehicles import VehicleCommand
from guinguette.web.forms.fields import Boxes, Degrees, Kilometres, Whole, choice
from guinguette.web.forms.records import RecordForm, at_most, clean, required
from guinguette.web.forms.words import equipment_name

_NAMES = ("name", "description", "depot_name", "depot_lat", "depot_lon", "nights_out", "max_leg_metres",
          "max_evenings_per_week", "max_days_in_row", "cruise_km_per_hour")  # fmt: skip


class VehicleForm(RecordForm):
    """A van, its depot, and the limits of its crew."""

    name = StringField(lazy_gettext("Nom"), [required(), at_most(80)])
    description = StringField(lazy_gettext("Description"), [at_most(200)])
    depot_name = StringField(lazy_gettext("Dépôt"), [required(), at_most(120)])
    depot_lat = Degrees(lazy_gettext("Latitude du dépôt"), [required()], most=90)
    depot_lon = Degrees(lazy_gettext("Longitude du dépôt"), [required()], most=180)
    equipment = Boxes(lazy_gettext("À bord"), choices=[])
    other_equipment = StringField(lazy_gettext("Autre matériel"), [at_most(200)])
    nights_out = Whole(lazy_gettext("Nuits hors du dépôt, au plus"), [required()], least=0, most=60)
    max_leg_metres = Kilometres(lazy_gettext("Plus long trajet, en kilomètres"))
    max_evenings_per_week = Whole(lazy_gettext("Soirées par semaine, au plus"), most=7)
    max_days_in_row = Whole(lazy_gettext("Jours de suite, au plus"), most=60)
    cruise_km_per_hour = Whole(lazy_gettext("Vitesse de croisière, en km/h"), [required()], least=10, most=130)

    @classmethod
    def of(cls, row: Vehicle | None, known: list[str]) -> "VehicleForm":
        """Return the form of a van, or of a new one; ``known`` are the names of equipment there are."""
        data: dict[str, Any] = {"nights_out": 1, "cruise_km_per_hour": 70}
        if row is not None:
            data = {**{name: getattr(row, name) for name in _NAMES}, "version": row.version}
            data["equipment"] = list(row.equipment)
        form = cls(data=data)
        form.equipment.choices = [choice(name, equipment_name(name)) for name in known]
        return form

    def command(self) -> VehicleCommand:
        """Return what was typed."""
        others = (slugify(word) for word in (self.other_equipment.data or "").split(","))
        names = (*(self.equipment.data or ()), *others)
        values = {name: self[name].data for name in _NAMES}
        texts = {name: clean(values[name]) for name in ("name", "description", "depot_name")}
        return VehicleCommand(**{**values, **texts, "equipment": tuple(dict.fromkeys(filter(None, names)))})
