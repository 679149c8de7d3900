"""The form of a variant: a name, and what it has otherwise than its tour."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext
from wtforms import DateField, RadioField, StringField
from wtforms.validators import Optional

from guinguette.models import Tour, Vehicle
from guinguette.services.fundings import Payer
from guinguette.services.scenario_settings import LESS, MORE, USUAL, ScenarioSettings
from guinguette.services.scenarios import LONGEST_NAME
from guinguette.web.forms.fields import Boxes, Kilometres, Whole, choice
from guinguette.web.forms.records import RecordForm, at_most, clean, required

_LEVELS = [
    choice(LESS, lazy_gettext("compte moins")),
    choice(USUAL, lazy_gettext("comme d’habitude")),
    choice(MORE, lazy_gettext("compte plus")),
]


class ScenarioForm(RecordForm):
    """What every variant has; ``form_of`` adds a field for each van and payer."""

    name = StringField(lazy_gettext("Nom de la variante"), [required(), at_most(LONGEST_NAME)])
    vehicles = Boxes(lazy_gettext("Véhicules qui roulent"), choices=[])
    separation_metres = Kilometres(lazy_gettext("À moins de combien de km"))
    separation_days = Whole(lazy_gettext("Jours entre eux"), least=0, most=60)
    villages = RadioField(lazy_gettext("Villages servis"), choices=_LEVELS)
    preferences = RadioField(lazy_gettext("Dates préférées"), choices=_LEVELS)
    kilometres = RadioField(lazy_gettext("Kilomètres"), choices=_LEVELS)

    tour: Tour
    base: ScenarioSettings
    payers: Sequence[Payer]
    vans: Sequence[Vehicle]

    def settings(self, span: Collection[dt.date], dates: Collection[dt.date]) -> ScenarioSettings:
        """Return what was typed, ``dates`` being those open among the days of ``span``; the rest is the base's."""
        own = {row.date for row in self.tour.dates}
        driving, chosen = {row.vehicle.slug for row in self.tour.vehicles}, set(self.vehicles.data or ())
        return replace(
            self.base,
            dates_added=frozenset(dates) - own,
            dates_dropped=frozenset(own & set(span)) - frozenset(dates),
            vehicles_added=frozenset(chosen - driving),
            vehicles_dropped=frozenset(driving - chosen),
            garage={**self.base.garage, **self._garage()},
            fundings=self._fundings(),
            separation=self._separation(),
            limits=self._limits(),
            villages=self.villages.data,
            preferences=self.preferences.data,
            kilometres=self.kilometres.data,
        )

    def named(self) -> str:
        """Return the name typed."""
        return clean(self.name.data)

    def _fundings(self) -> dict[str, int | None]:
        own = {row.epci_siren: row.evenings for row in self.tour.fundings}
        typed = {payer.siren: self[f"paie-{payer.siren}"].data for payer in self.payers}
        return {siren: evenings for siren, evenings in typed.items() if evenings != own.get(siren)}

    def _separation(self) -> tuple[int, int] | None:
        typed = self.separation_metres.data or 0, self.separation_days.data or 0
        own = self.tour.separation_metres or 0, self.tour.separation_days or 0
        return None if typed == own else typed if all(typed) else (0, 0)

    def _limits(self) -> dict[str, dict[str, int]]:
        limits = {slug: dict(most) for slug, most in self.base.limits.items()}
        for van in self.vans:
            typed = self[f"semaine-{van.slug}"].data
            of_van = limits.setdefault(van.slug, {})
            of_van.pop("max_evenings_per_week", None)
            if typed is not None and typed != van.max_evenings_per_week:
                of_van["max_evenings_per_week"] = typed
        return {slug: most for slug, most in limits.items() if most}

    def _garage(self) -> dict[str, frozenset[dt.date]]:
        garage = {}
        own = {row.vehicle.slug: row.unavailable for row in self.tour.vehicles}
        for van in self.vans:
            first, last = self[f"garage-{van.slug}"].data, self[f"retour-{van.slug}"].data
            if first is not None:
                before = self.base.garage.get(van.slug) or map(dt.date.fromisoformat, own.get(van.slug, ()))
                days = range((min(last or first, first + dt.timedelta(days=366)) - first).days + 1)
                garage[van.slug] = frozenset(before) | {first + dt.timedelta(days=n) for n in days}
        return garage


def form_of(tour: Tour, base: ScenarioSettings, vans: Sequence[Vehicle], payers: Sequence[Payer]) -> ScenarioForm:
    """Return the form of a variant that starts from ``base``, for these vans and payers."""

    class Form(ScenarioForm):
        """The form with its vans and payers."""

    for van in vans:
        setattr(Form, f"semaine-{van.slug}", Whole(lazy_gettext("Soirées par semaine, au plus"), most=7))
        setattr(Form, f"garage-{van.slug}", DateField(lazy_gettext("Au garage du"), [Optional()]))
        setattr(Form, f"retour-{van.slug}", DateField(lazy_gettext("au (compris)"), [Optional()]))
    for payer in payers:
        setattr(Form, f"paie-{payer.siren}", Whole(payer.name, least=0, most=1000))
    form = Form(data=_data(tour, base, vans))
    form.tour, form.base, form.vans, form.payers = tour, base, vans, payers
    form.vehicles.choices = [choice(van.slug, van.name) for van in vans]
    return form


def _data(tour: Tour, base: ScenarioSettings, vans: Sequence[Vehicle]) -> dict[str, Any]:
    driving = {row.vehicle.slug for row in tour.vehicles}
    fundings = {**{row.epci_siren: row.evenings for row in tour.fundings}, **base.fundings}
    metres, days = base.separation or (tour.separation_metres or 0, tour.separation_days or 0)
    weekly = {van.slug: base.limits.get(van.slug, {}).get("max_evenings_per_week", van.max_evenings_per_week)
              for van in vans}  # fmt: skip
    return {
        "vehicles": sorted((driving | base.vehicles_added) - base.vehicles_dropped),
        "separation_metres": metres or None,
        "separation_days": days or None,
        "villages": base.villages,
        "preferences": base.preferences,
        "kilometres": base.kilometres,
        **{f"semaine-{slug}": most for slug, most in weekly.items()},
        **{f"paie-{siren}": evenings for siren, evenings in fundings.items()},
    }
