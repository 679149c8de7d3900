"""The design system on one page, for whoever draws the next piece. Never served in production."""

import datetime as dt
from dataclasses import replace

from flask import Blueprint, render_template
from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from guinguette.domain.clock import today
from guinguette.domain.states import EveningState, Venue
from guinguette.publishing.tour import PublishedEvening, PublishedPlace
from guinguette.web.edge import edge
from guinguette.web.forms.fields import choice
from guinguette.web.tokens import measured, palettes

blueprint = Blueprint("design", __name__)

_NOON = dt.datetime(2027, 6, 1, 12, tzinfo=dt.UTC)


class _Specimen(Form):
    """A form that is wrong wherever it can be."""

    name = StringField("Nom du village", [InputRequired("Il manque le nom du village.")])
    phone = StringField("Votre numéro de portable", [Length(min=10, message="Il manque un chiffre.")])
    scope = SelectField("Pour", choices=[choice("all", "Toute la tournée"), choice("one", "Mon village")])
    when = RadioField("Quand", choices=[choice("eve", "La veille"), choice("change", "Si elle change")], default="eve")
    agreed = BooleanField("J’accepte de recevoir ces SMS", [InputRequired("Cochez la case pour continuer.")])


@blueprint.get("/design")
def page() -> str:
    """Show type, spaces, colours with their contrasts, and every piece with its name and its use."""
    form = _Specimen(data={"phone": "06123"})
    form.validate()
    schemes = [("Le jour", "day"), ("La nuit", "night"), ("L’affiche, à toute heure", "fixed")]
    return render_template(
        "design.html",
        form=form,
        evenings=_evenings(),
        measures=[(title, measured(scheme)) for title, scheme in schemes],
        colours=[(title, palettes()[scheme]) for title, scheme in schemes],
    )


def _evenings() -> list[PublishedEvening]:
    """Return an invented evening in each state that people see."""
    day = today(edge().clock)
    first = PublishedEvening(
        id="specimen", insee="52182", commune="Éclaron", postcode="52290", epci="", epci_name="", lat=48.57, lon=4.85,
        date=day + dt.timedelta(days=3), starts_at=dt.time(18), ends_at=dt.time(22), state=EveningState.CONFIRMED,
        venue=Venue.PITCH, vehicle="", sequence=0, created_at=_NOON, updated_at=_NOON,
        pitch=PublishedPlace(name="Place de l’Église", address="52290 Éclaron", access="Sol plat"),
        hall=PublishedPlace(name="Salle des fêtes", address="4 rue du Lac"),
        artists="Les Souliers vernis", food="Planches du comité", prices="Sirop 1 €",
    )  # fmt: skip
    later = first.date + dt.timedelta(days=14)
    postponed = replace(first, commune="Montier-en-Der", state=EveningState.POSTPONED, postponed_to_date=later)
    return [
        first,
        replace(first, commune="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson", state=EveningState.OPTION),
        replace(first, commune="Wassy", venue=Venue.HALL, change_note="Des orages sont annoncés."),
        replace(first, commune="Chavanges", state=EveningState.CANCELLED, change_note="Canicule."),
        postponed,
    ]
