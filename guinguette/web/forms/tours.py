"""Forms of a tour: its settings, its opening, its vans, its fundings."""

import datetime as dt
from typing import Any, cast

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, DateField, HiddenField, StringField, TextAreaField, TimeField

from guinguette.models import Tour, Vehicle
from guinguette.services.tours import TourCommand, TourSettings
from guinguette.web.forms.fields import Boxes, Kilometres, Whole, choice
from guinguette.web.forms.records import RecordForm, at_most, clean, required
from guinguette.web.forms.words import equipment_name


class TourForm(RecordForm):
    """A tour's settings."""

    name = StringField(lazy_gettext("Nom"), [required(), at_most(120)])
    starts_at = TimeField(lazy_gettext("Début des soirées"), [required()])
    ends_at = TimeField(lazy_gettext("Fin des soirées"), [required()])
    hall_required = BooleanField(lazy_gettext("Toutes les soirées ont lieu dans la salle"))
    needs = Boxes(lazy_gettext("Ce qu’il faut dans chaque village"), choices=[])
    separation_metres = Kilometres(lazy_gettext("À moins de combien de km"))
    separation_days = Whole(lazy_gettext("Jours entre eux"), least=0, most=60)
    presentation = TextAreaField(lazy_gettext("Présentation pour les villageois"), [at_most(5000)])

    @classmethod
    def of(cls, tour: Tour, equipment: list[str]) -> "TourForm":
        """Return the form of a tour; ``equipment`` are the names there are."""
        form = cls(data={**_settings_of(tour), "version": tour.version})
        form.offer(equipment)
        return form

    def offer(self, equipment: list[str]) -> None:
        """Set which equipment may be needed."""
        self.needs.choices = [choice(name, equipment_name(name)) for name in equipment]

    def settings(self) -> TourSettings:
        """Return what was typed."""
        return TourSettings(
            name=clean(self.name.data),
            starts_at=cast(dt.time, self.starts_at.data),
            ends_at=cast(dt.time, self.ends_at.data),
            hall_required=self.hall_required.data,
            needs=tuple(self.needs.data or ()),
            separation_metres=self.separation_metres.data,
            separation_days=self.separation_days.data,
            presentation=clean(self.presentation.data),
        )

    def command(self) -> TourSettings | TourCommand:
        """Return what was typed."""
        return self.settings()


class NewTourForm(TourForm):
    """What opens a tour."""

    season = HiddenField()
    first = DateField(lazy_gettext("Premier jour"), [required()])
    last = DateField(lazy_gettext("Dernier jour"), [required()])
    weekdays = Boxes(lazy_gettext("Soirs de la semaine"), coerce=int, choices=[])
    public_holidays = BooleanField(lazy_gettext("Ajouter les jours fériés"))
    vehicle_ids = Boxes(lazy_gettext("Véhicules"), coerce=int, choices=[])

    @classmethod
    def proposing(cls, proposal: TourCommand, equipment: list[str], vehicles: list[Vehicle]) -> "NewTourForm":
        """Return the form filled with a proposal."""
        names = ("season", "first", "last", "weekdays", "public_holidays", "vehicle_ids")
        data: dict[str, Any] = {name: getattr(proposal, name) for name in names}
        form = cls(data={**_settings_of(proposal.settings), **data})
        form.offer(equipment)
        days = (gettext("lundi"), gettext("mardi"), gettext("mercredi"), gettext("jeudi"), gettext("vendredi"),
                gettext("samedi"), gettext("dimanche"))  # fmt: skip
        form.weekdays.choices = [choice(number, day) for number, day in enumerate(days)]
        form.vehicle_ids.choices = [choice(vehicle.id, vehicle.name) for vehicle in vehicles]
        return form

    def command(self) -> TourCommand:
        """Return what was typed."""
        return TourCommand(
            settings=self.settings(),
            season=self.season.data or "",
            first=cast(dt.date, self.first.data),
            last=cast(dt.date, self.last.data),
            weekdays=frozenset(self.weekdays.data or ()),
            public_holidays=self.public_holidays.data,
            vehicle_ids=tuple(self.vehicle_ids.data or ()),
        )


class VehiclesForm(RecordForm):
    """Which vans drive a tour."""

    vehicle_ids = Boxes(lazy_gettext("Véhicules de la tournée"), coerce=int, choices=[])

    @classmethod
    def of(cls, tour: Tour, vehicles: list[Vehicle]) -> "VehiclesForm":
        """Return the form of a tour; ``vehicles`` are those in use."""
        form = cls(data={"vehicle_ids": [row.vehicle_id for row in tour.vehicles], "version": tour.version})
        everyone = {vehicle.id: vehicle for vehicle in (*vehicles, *(row.vehicle for row in tour.vehicles))}
        form.vehicle_ids.choices = [choice(vehicle.id, vehicle.name) for vehicle in everyone.values()]
        return form

    def command(self) -> tuple[int, ...]:
        """Return the ids of the vans chosen."""
        return tuple(self.vehicle_ids.data or ())


def fundings_form(tour: Tour, names: dict[str, str]) -> RecordForm:
    """Return a form with one number per EPCI (``names`` by siren); its ``command()`` maps siren to evenings."""
    fields = {siren: Whole(name, least=0, most=1000) for siren, name in names.items()}

    class FundingsForm(RecordForm):
        """How many evenings each EPCI pays for; empty is no limit."""

        def command(self) -> dict[str, int]:
            """Return the evenings by siren of those filled in."""
            return {siren: self[siren].data for siren in names if self[siren].data is not None}

    for siren, field in fields.items():
        setattr(FundingsForm, siren, field)
    stored = {funding.epci_siren: funding.evenings for funding in tour.fundings}
    return FundingsForm(data={**stored, "version": tour.version})


def _settings_of(row: Tour | TourSettings) -> dict[str, Any]:
    needs = row.default_needs if isinstance(row, Tour) else row.needs
    names = ("name", "starts_at", "ends_at", "hall_required", "separation_metres", "separation_days", "presentation")
    return {**{name: getattr(row, name) for name in names}, "needs": list(needs)}
