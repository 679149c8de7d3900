"""The forms of those who look at what we keep about them."""

from flask import request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, StringField, TelField
from wtforms.validators import InputRequired

from guinguette.services.own_data import Ticked


class AskForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """The number or the e-mail address that a code is sent to."""

    phone = TelField(lazy_gettext("Votre numéro de portable"))
    email = EmailField(lazy_gettext("Votre adresse e-mail"))


class ProveForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """The code, and the number or the e-mail address it was sent to."""

    phone = HiddenField()
    email = HiddenField()
    code = StringField(lazy_gettext("Le code à six chiffres"))


class EraseForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """A box, for what is erased does not come back."""

    sure = BooleanField(
        lazy_gettext("Oui, tout effacer pour de bon"),
        [InputRequired(lazy_gettext("Cochez la case pour tout effacer."))],
    )


class ChoicesForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """The boxes of each subscription, named after its id; those that the page showed are in ``shown``."""

    @staticmethod
    def ticked() -> dict[int, Ticked]:
        """Return what is wanted, by the id of the subscription."""
        sent = request.form
        return {
            int(row): Ticked(f"kept-{row}" in sent, f"week_ahead-{row}" in sent, f"new_evenings-{row}" in sent)
            for row in sent.getlist("shown")
            if row.isdigit() and len(row) < 10  # noqa: PLR2004 -- an id fits into 32 bits
        }
