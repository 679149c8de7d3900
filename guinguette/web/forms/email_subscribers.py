"""The forms of those who want e-mails: address and consent, then the code that came."""

import datetime as dt

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, StringField
from wtforms.validators import InputRequired

from guinguette.services.email_subscriptions import BACKUP_CONSENT, CONSENT, UNTICKED, AddBackup, SubscribeByEmail
from guinguette.web.forms.subscribers import AlertForm


class EmailForm(AlertForm):
    """An address, what one wants to hear of, and a box that nobody has ticked beforehand."""

    email = EmailField(lazy_gettext("Votre adresse e-mail"))
    consent = BooleanField(lazy_gettext(CONSENT), [InputRequired(lazy_gettext(UNTICKED))])

    def command(self, locale: str) -> SubscribeByEmail:
        """Return what was asked for."""
        return SubscribeByEmail(
            email=self.email.data or "",
            scope=self.scope.data or "",
            consent=self.consent.data,
            wording=self.ticked_words(CONSENT),
            locale=locale,
            week_ahead=self.week_ahead.data,
            new_evenings=self.new_evenings.data,
        )


class BackupForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """An address beside a number, and its own box."""

    email = EmailField(lazy_gettext("Votre adresse e-mail"))
    consent = BooleanField(lazy_gettext(BACKUP_CONSENT), [InputRequired(lazy_gettext(UNTICKED))])

    def command(self, locale: str, *, phone_hash: str, proved_at: dt.datetime) -> AddBackup:
        """Return what was asked for, beside the number that was proved."""
        return AddBackup(
            email=self.email.data or "",
            consent=self.consent.data,
            wording=str(self.consent.label.text),
            locale=locale,
            phone_hash=phone_hash,
            proved_at=proved_at,
        )


class EmailCodeForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """The code, and the address it was sent to."""

    email = HiddenField()
    code = StringField(lazy_gettext("Le code à six chiffres"))
