"""The forms of those who ask for a visit, and of the organiser who answers."""

from collections.abc import Sequence

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from guinguette.models import Committee, Tour
from guinguette.services.committees import KINDS
from guinguette.services.visits import LONGEST_WISH, UNTICKED, Ask
from guinguette.web.forms.fields import choice, optional_id
from guinguette.web.forms.records import at_most, required


class VisitForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """Who asks for which village. ``opened`` says when the page was; nobody sees ``remark``, but robots fill it in."""

    commune = HiddenField()
    opened = HiddenField()
    remark = StringField(lazy_gettext("Laissez ce champ vide"))
    name = StringField(lazy_gettext("Votre nom"), [required()])
    role = StringField(lazy_gettext("Votre rôle"))
    phone = TelField(lazy_gettext("Votre téléphone"))
    email = EmailField(
        lazy_gettext("Votre adresse e-mail"),
        [Optional(), Length(max=254), Email(lazy_gettext("Cette adresse n’est pas complète : relisez-la."))],
    )
    wish = TextAreaField(lazy_gettext("Ce que vous imaginez"), [at_most(LONGEST_WISH)])
    consent = BooleanField(
        lazy_gettext("J’accepte que l’association garde ces renseignements pour répondre à cette demande."),
        [InputRequired(lazy_gettext(UNTICKED))],
    )

    def command(self) -> Ask:
        """Return what was typed."""
        return Ask(
            insee=self.commune.data or "",
            name=self.name.data or "",
            role=self.role.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            wish=self.wish.data or "",
            consent=self.consent.data,
        )


class WelcomeForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """Where an accepted request goes: whose contact, and perhaps into which tour."""

    committee_id = SelectField(lazy_gettext("La personne est de"), coerce=optional_id)
    kind = RadioField(lazy_gettext("C’est"), choices=[choice(kind, lazy_gettext(name)) for kind, name in KINDS.items()])
    name = StringField(lazy_gettext("Nom"))
    tour_id = SelectField(lazy_gettext("Le village entre dans"), coerce=optional_id)

    @classmethod
    def of(cls, hosts: Sequence[Committee], tours: Sequence[Tour]) -> "WelcomeForm":
        """Return the form for a request: ``hosts`` are the village's committees, ``tours`` those it may join."""
        form = cls(data={"kind": "committee", "name": gettext("Comité des fêtes"), "committee_id": _first(hosts)})
        somebody_new = choice("", gettext("Un nouveau comité, une nouvelle mairie"))
        form.committee_id.choices = [*(choice(host.id, host.name) for host in hosts), somebody_new]
        form.tour_id.choices = [
            choice("", gettext("Aucune tournée pour l’instant")),
            *(choice(tour.id, tour.name) for tour in tours),
        ]
        return form


def _first(hosts: Sequence[Committee]) -> int | None:
    return hosts[0].id if hosts else None
