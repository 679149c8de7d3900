"""The forms of those who want to be told: number and consent, then the code that came."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField, TelField
from wtforms.validators import InputRequired

from guinguette.services.scopes import Group
from guinguette.services.subscriptions import CONSENT, NEW_EVENINGS, UNTICKED, WEEK_AHEAD, Confirm, Subscribe


def offered(groups: list[Group]) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of a list of scopes, under titles."""
    return {
        gettext(group.title): [
            (choice.scope, gettext(choice.message).format(**choice.values)) for choice in group.choices
        ]
        for group in groups
    }


class AlertForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """What one wants to hear of, in boxes that nobody has ticked; each way of being told adds its own consent."""

    scope = SelectField(lazy_gettext("Pour quelles soirées ?"), validate_choice=False)
    week_ahead = BooleanField(lazy_gettext(WEEK_AHEAD))
    new_evenings = BooleanField(lazy_gettext(NEW_EVENINGS))

    def offer(self, groups: list[Group]) -> None:
        """Set what can be chosen, under titles."""
        self.scope.choices = offered(groups)

    def ticked_words(self, consent: str) -> str:
        """Return what stands beside the ticked boxes in the reader's language, the ``consent`` first."""
        more = ((self.week_ahead.data, WEEK_AHEAD), (self.new_evenings.data, NEW_EVENINGS))
        ticked = [consent, *(words for is_ticked, words in more if is_ticked)]
        return "\n".join(gettext(words) for words in ticked)


class SubscribeForm(AlertForm):
    """A number, what one wants to hear of, and a box that nobody has ticked beforehand."""

    phone = TelField(lazy_gettext("Votre numéro de portable"))
    consent = BooleanField(lazy_gettext(CONSENT), [InputRequired(lazy_gettext(UNTICKED))])

    def command(self, locale: str) -> Subscribe:
        """Return what was asked for."""
        return Subscribe(
            phone=self.phone.data or "",
            scope=self.scope.data or "",
            consent=self.consent.data,
            wording=self.ticked_words(CONSENT),
            locale=locale,
            week_ahead=self.week_ahead.data,
            new_evenings=self.new_evenings.data,
        )


class CodeForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """The code, and the number it was sent to."""

    phone = HiddenField()
    code = StringField(lazy_gettext("Le code à six chiffres"))

    def command(self, locale: str) -> Confirm:
        """Return what was typed."""
        return Confirm(phone=self.phone.data or "", code=self.code.data or "", locale=locale)
