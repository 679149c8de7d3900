"""Forms of what belongs to a commune: committees, contacts, and its request in a tour."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Email, Optional

from guinguette.models import Committee, CommuneRequest, Contact
from guinguette.services.committees import KINDS, CommitteeCommand, ContactCommand
from guinguette.services.requests import MOST, RequestCommand
from guinguette.services.sites import Site
from guinguette.web.forms.fields import Boxes, Whole, choice, optional_id
from guinguette.web.forms.records import RecordForm, at_most, clean, required
from guinguette.web.forms.words import equipment_name


class CommitteeForm(RecordForm):
    """A committee, a town hall or an association."""

    kind = RadioField(lazy_gettext("C’est"), choices=[choice(kind, lazy_gettext(name)) for kind, name in KINDS.items()])
    name = StringField(lazy_gettext("Nom"), [required(), at_most(200)])
    notes = TextAreaField(lazy_gettext("Bon à savoir"), [at_most(5000)])

    @classmethod
    def of(cls, row: Committee) -> "CommitteeForm":
        """Return the form of a committee."""
        return cls(data={"kind": row.kind, "name": row.name, "notes": row.notes, "version": row.version})

    def command(self) -> CommitteeCommand:
        """Return what was typed."""
        return CommitteeCommand(name=clean(self.name.data), kind=self.kind.data, notes=clean(self.notes.data))


class ContactForm(RecordForm):
    """A person to ring."""

    name = StringField(lazy_gettext("Nom"), [required(), at_most(120)], render_kw={"autocomplete": "off"})
    role = StringField(lazy_gettext("Rôle"), [at_most(80)], render_kw={"autocomplete": "off"})
    phone = TelField(lazy_gettext("Téléphone"), [at_most(40)], render_kw={"autocomplete": "off"})
    email = EmailField(
        lazy_gettext("Adresse e-mail"),
        [Optional(), at_most(254), Email(lazy_gettext("Cette adresse n’est pas complète : relisez-la."))],
        render_kw={"autocomplete": "off"},
    )

    @classmethod
    def of(cls, row: Contact, phone: str) -> "ContactForm":
        """Return the form of a contact; ``phone`` is its number as people read it."""
        data = {"name": row.name, "role": row.role, "phone": phone, "email": row.email, "version": row.version}
        return cls(data=data)

    def command(self) -> ContactCommand:
        """Return what was typed."""
        return ContactCommand(**{name: clean(self[name].data) for name in ("name", "role", "phone", "email")})


class RequestForm(RecordForm):
    """What a commune asks of a tour."""

    evenings = Whole(lazy_gettext("Soirées souhaitées"), [required()], most=MOST["evenings"])
    min_days_between = Whole(lazy_gettext("Jours entre deux soirées"), [required()], most=MOST["min_days_between"])
    needs = Boxes(lazy_gettext("Ce qu’il faut dans ce village"), choices=[])
    vehicle_ids = Boxes(lazy_gettext("Véhicules qui peuvent y aller"), coerce=int, choices=[])
    priority = Whole(lazy_gettext("Priorité"), [required()], most=MOST["priority"])
    permit_holder_id = SelectField(lazy_gettext("Qui demande le débit de boissons"), coerce=optional_id)
    pitch_id = SelectField(lazy_gettext("Emplacement"), coerce=optional_id)
    fallback_venue_id = SelectField(lazy_gettext("Salle"), coerce=optional_id)
    notes = TextAreaField(lazy_gettext("Remarques"), [at_most(5000)])

    @classmethod
    def of(
        cls,
        row: CommuneRequest,
        *,
        equipment: list[str],
        holders: list[Committee],
        pitches: Sequence[Site],
        halls: Sequence[Site],
    ) -> "RequestForm":
        """Return the form of a request with the choices there are."""
        names = (*MOST, "permit_holder_id", "pitch_id", "fallback_venue_id", "notes", "version")
        data: dict[str, Any] = {name: getattr(row, name) for name in names}
        form = cls(data={**data, "needs": list(row.needs), "vehicle_ids": [vehicle.id for vehicle in row.vehicles]})
        form.needs.choices = [choice(name, equipment_name(name)) for name in sorted({*equipment, *row.needs})]
        form.vehicle_ids.choices = [choice(each.vehicle_id, each.vehicle.name) for each in row.tour.vehicles]
        nothing = [choice("", gettext("Pas encore choisi"))]
        form.permit_holder_id.choices = [
            choice("", gettext("Personne : aucune autorisation à demander")),
            *_choices(holders),
        ]
        form.pitch_id.choices = nothing + _choices(pitches)
        form.fallback_venue_id.choices = nothing + _choices(halls)
        return form

    def command(self) -> RequestCommand:
        """Return what was typed."""
        numbers = {name: self[name].data for name in (*MOST, "permit_holder_id", "pitch_id", "fallback_venue_id")}
        return RequestCommand(
            needs=tuple(self.needs.data or ()),
            vehicle_ids=tuple(self.vehicle_ids.data or ()),
            notes=clean(self.notes.data),
            **numbers,
        )


class AnswerForm(RecordForm):
    """Who answered, by telephone; the days are the calendar's own radio buttons."""

    answered_by = StringField(lazy_gettext("Reçu par téléphone de"), [required(), at_most(100)])


def _choices(rows: Sequence[Any]) -> list[Any]:
    return [choice(row.id, row.name) for row in rows]
