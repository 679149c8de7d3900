"""Forms of hosts. None has a CSRF field: the secret is in the address, and the door has nothing to protect."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TelField
from wtforms.validators import Email, Optional

from guinguette.models import Contact
from guinguette.services.committees import ContactCommand
from guinguette.web.forms.records import RecordForm, at_most, clean, required


class DoorForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """The number or e-mail address that a link is asked for by."""

    class Meta:
        """Without a session."""

        csrf = False

    address = StringField(lazy_gettext("Votre numéro de portable ou votre adresse e-mail"))


class ReferentForm(RecordForm):
    """Somebody who answers for a village: themselves, a colleague, or who follows them."""

    class Meta:
        """Without a session."""

        csrf = False

    name = StringField(
        lazy_gettext("Prénom et nom"), [required(), at_most(120)], render_kw={"autocomplete": "off", "required": True}
    )
    role = StringField(lazy_gettext("Rôle"), [at_most(80)], render_kw={"autocomplete": "off"})
    phone = TelField(
        lazy_gettext("Numéro de portable"), [at_most(40)], render_kw={"autocomplete": "off", "inputmode": "tel"}
    )
    email = EmailField(
        lazy_gettext("Adresse e-mail"),
        [Optional(), at_most(254), Email(lazy_gettext("Cette adresse n’est pas complète : relisez-la."))],
        render_kw={"autocomplete": "off", "inputmode": "email"},
    )

    @classmethod
    def of(cls, contact: Contact, **data: Any) -> "ReferentForm":
        """Return the form that changes or replaces a contact; what is known of the addresses is not shown."""
        return cls(data={"version": contact.version, **data})

    def command(self) -> ContactCommand:
        """Return what was typed."""
        return ContactCommand(**{name: clean(self[name].data) for name in ("name", "role", "phone", "email")})
