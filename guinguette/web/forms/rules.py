"""The form of a rule's new value."""

from flask_babel import lazy_gettext
from wtforms import DateField, StringField

from guinguette.services.rule_changes import Rule, RuleCommand
from guinguette.web.forms.fields import Whole
from guinguette.web.forms.records import RecordForm, at_most, clean, required


class RuleForm(RecordForm):
    """A value, the day it takes force, its source."""

    value = Whole(lazy_gettext("Nouvelle valeur"), [required()], least=0)
    valid_from = DateField(lazy_gettext("À partir du"), [required()])
    source = StringField(lazy_gettext("D’après"), [required(), at_most(300)])

    @classmethod
    def of(cls, rule: Rule) -> "RuleForm":
        """Return the form of a rule, on the value in force."""
        return cls(data={"value": rule.value})

    def command(self) -> RuleCommand:
        """Return what was typed."""
        assert self.value.data is not None  # noqa: S101 the field is required
        assert self.valid_from.data is not None  # noqa: S101
        return RuleCommand(value=self.value.data, valid_from=self.valid_from.data, source=clean(self.source.data))
