"""The form of an incident: what broke, from when to when, and the sentence for the villagers."""

import datetime as dt
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from guinguette.domain.errors import N_
from guinguette.models import Tour
from guinguette.services.evenings import REASON_LENGTH
from guinguette.services.incidents import Report
from guinguette.web.forms.fields import choice, optional_id
from guinguette.web.forms.records import RefusingForm

#: By the word in the address: the kind, its name, its icon, its help, and the sentence that is proposed.
KINDS: dict[str, tuple[str, str, str, str, str]] = {
    "panne": (
        "breakdown",
        N_("Un camion est en panne"),
        "cle",
        N_("Ses soirées vont à l’autre camion, à une autre date, ou tombent."),
        N_("Le camion est en panne."),
    ),
    "salle": (
        "hall",
        N_("Une salle n’est plus libre"),
        "dep",
        N_("Et la soirée ne peut pas se tenir dehors."),
        N_("La salle n’est pas disponible."),
    ),
    "intemperies": (
        "storm",
        N_("Le temps l’interdit"),
        "pluie",
        N_("Tempête, canicule, neige : partout, pour un camion ou dans un village."),
        N_("Tempête annoncée."),
    ),
    "comite": (
        "committee",
        N_("Un comité ne peut pas"),
        "equipe",
        N_("Le village ne peut recevoir personne ces jours-là."),
        N_("Le comité a un empêchement."),
    ),
}
_NAMES = {kind: name for kind, name, *_ in KINDS.values()}
_SIGNS = {kind: sign for kind, _, sign, *_ in KINDS.values()}


def kind_name(kind: str) -> str:
    """Return what a kind of incident is called."""
    return str(gettext(_NAMES[kind]))


def kind_sign(kind: str) -> str:
    """Return the icon of a kind of incident."""
    return _SIGNS[kind]


class IncidentForm(RefusingForm):
    """What broke. A field that the kind does not need is not there."""

    vehicle_id = SelectField(lazy_gettext("Véhicule"), coerce=optional_id)
    commune_insee = SelectField(lazy_gettext("Village"))
    first = DateField(lazy_gettext("Du"), [InputRequired(lazy_gettext("Donnez une date, par exemple 24/07/2027."))])
    last = DateField(
        lazy_gettext("Au, ce jour compris"), [InputRequired(lazy_gettext("Donnez une date, par exemple 24/07/2027."))]
    )
    reason = StringField(
        lazy_gettext("Ce que liront les villageois"),
        [
            InputRequired(lazy_gettext("Dites pourquoi en quelques mots : les villageois le liront.")),
            Length(max=REASON_LENGTH, message=lazy_gettext("C’est trop long de quelques mots : raccourcissez.")),
        ],
    )

    @classmethod
    def of(cls, kind: str, tour: Tour, proposed: dict[str, Any]) -> "IncidentForm":
        """Return the form of a kind for this tour, filled with what was ``proposed`` until it is sent."""
        form = cls(data=proposed)
        everywhere = [choice("", gettext("Partout"))] if kind == "storm" else []
        form.vehicle_id.choices = [
            *([choice("", gettext("Tous les véhicules"))] if kind == "storm" else []),
            *(choice(item.vehicle_id, item.vehicle.name) for item in tour.vehicles),
        ]
        standing = [request for request in tour.requests if request.archived_at is None]
        form.commune_insee.choices = everywhere + [
            choice(request.commune_insee, request.commune.name)
            for request in sorted(standing, key=lambda request: request.commune.search_key)
        ]
        if kind in ("hall", "committee"):
            del form.vehicle_id
        if kind == "breakdown":
            del form.commune_insee
        return form

    def command(self, kind: str) -> Report:
        """Return what was typed."""
        return Report(
            kind=kind,
            first=_day(self.first.data),
            last=_day(self.last.data),
            reason=self.reason.data or "",
            vehicle_id=self.vehicle_id.data if self.vehicle_id else None,
            commune_insee=(self.commune_insee.data or None) if self.commune_insee else None,
        )


def _day(value: dt.date | None) -> dt.date:
    assert value is not None, "validated first"  # noqa: S101
    return value
