"""The form of a signed paper list, and of the look-up of one address."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField

from guinguette.services.paper_lists import Sheet
from guinguette.services.scopes import Group


class PaperListForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """The lines, and what holds for all of them."""

    lines = TextAreaField(lazy_gettext("Les lignes de la feuille"), render_kw={"rows": 8, "spellcheck": "false"})
    scope = SelectField(lazy_gettext("Pour quelles soirées ?"), validate_choice=False)
    signed_on = DateField(lazy_gettext("Signée le"))
    collected_by = StringField(lazy_gettext("Qui a fait signer"))
    kept_at = StringField(lazy_gettext("Où la feuille est gardée"))
    has_wording = BooleanField(lazy_gettext("La feuille porte cette phrase, et chacun a signé"))
    only_right = BooleanField(lazy_gettext("Enregistrer les lignes justes, sans les autres"))

    def offer(self, groups: list[Group]) -> None:
        """Set what can be chosen, under titles."""
        self.scope.choices = {
            gettext(group.title): [
                (choice.scope, gettext(choice.message).format(**choice.values)) for choice in group.choices
            ]
            for group in groups
        }

    def sheet(self, by: str) -> Sheet:
        """Return what was typed."""
        return Sheet(
            lines=self.lines.data or "",
            scope=self.scope.data or "",
            signed_on=self.signed_on.data,
            collected_by=self.collected_by.data or "",
            kept_at=self.kept_at.data or "",
            has_wording=self.has_wording.data,
            by=by,
        )


class FindForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """A number or an e-mail."""

    address = StringField(lazy_gettext("Numéro ou adresse électronique"))
