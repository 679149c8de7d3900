"""What every form of a record has in common: its version, refusals beside their field, what somebody else has saved."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, IntegerField
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import HiddenInput

from guinguette.domain.errors import Conflict, DomainError
from guinguette.web.errors import sentence
from guinguette.web.presenting import long_date


class _Filled(InputRequired):
    """Something must have been typed; blanks are nothing, zero is something."""

    def __call__(self, form: Any, field: Any) -> None:
        if isinstance(field.data, str) and not field.data.strip():
            field.errors[:] = []
            raise StopValidation(str(self.message))
        super().__call__(form, field)


def required() -> InputRequired:
    """Return the validator of a field that must be filled in."""
    return _Filled(lazy_gettext("Ce champ est à remplir."))


def at_most(length: int) -> Length:
    """Return the validator of a text that must fit its column."""
    return Length(max=length, message=lazy_gettext("C’est trop long : %(max)d caractères au plus."))


def clean(text: str | None) -> str:
    """Return a typed text without the blanks around it."""
    return (text or "").strip()


class RecordForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """A form on a record as it stood at ``version``. Build it with ``data`` read from the row in the same request."""

    version = IntegerField(widget=HiddenInput(), default=1)

    #: After a conflict: for each field that somebody else has changed, its label, what is saved now, what was typed.
    theirs: tuple[tuple[str, str, str], ...] = ()
    _met = False
    #: Where the form has a calendar: the level of each day as saved and as typed.
    days: tuple[Mapping[dt.date, str], Mapping[dt.date, str]] = ({}, {})

    @property
    def seen_version(self) -> int:
        """Return the version that the page was opened on (0, which no row has, where the page does not say)."""
        return self.version.data or 0

    @property
    def seen(self) -> str:
        """Return what the record was like when its page was opened, each value as a short hash: ``name=hash …``."""
        if self.is_submitted() and not self._met:
            return request.form.get("seen", "")
        return " ".join(f"{name}={_hash(saved)}" for name, _, saved, _, _ in self._values())

    def refuse(self, error: DomainError) -> None:
        """Show the refusal beside the field it names, else at the head of the form."""
        if isinstance(error, Conflict) and error.field is None:
            self._meet_theirs()
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(sentence(error))
        else:
            field.errors = [*field.errors, sentence(error)]

    def _meet_theirs(self) -> None:
        """Note what somebody else has changed, and let the next save be a knowing one."""
        opened = dict(part.rpartition("=")[::2] for part in self.seen.split())
        nothing = _hash(None) if opened else ""  # a day without answer was not listed; a page that lists nothing is old
        self._met = True
        self.theirs = tuple(
            (label, show(saved), show(typed))
            for name, label, saved, typed, show in self._values()
            if (saved or None) != (typed or None) and opened.get(name, nothing) != _hash(saved)
        )
        self.version.raw_data = None
        self.version.data = self.version.object_data

    def _values(self) -> list[tuple[str, str, Any, Any, Callable[[Any], str]]]:
        """Return of each field and day its name, its label, what is saved, what was typed, and how to say either."""
        saved, typed = self.days
        return [
            (field.name, field.label.text, field.object_data, field.data, partial(_shown, field))
            for field in self
            if field.name not in ("version", "csrf_token")
        ] + [
            (day.isoformat(), long_date(day), saved.get(day), typed.get(day), _level)
            for day in sorted({*saved, *typed})
        ]


def _hash(value: Any) -> str:
    """Return a short mark of a value; nothing in any of its forms has the same."""
    return hashlib.sha256(repr(value or None).encode()).hexdigest()[:8]


def _level(level: str | None) -> str:
    words = {"yes": gettext("oui"), "if_need_be": gettext("si besoin"), "no": gettext("non")}
    return words.get(level or "") or cast(str, gettext("rien"))


def _shown(field: Field, value: Any) -> str:
    """Return a field's value in words."""
    if value in (None, "", [], ()):
        return cast(str, gettext("rien"))
    if isinstance(value, bool):
        return cast(str, gettext("oui") if value else gettext("non"))
    if hasattr(field, "show"):
        return cast(str, field.show(value))
    chosen = value if isinstance(value, list | tuple | set | frozenset) else [value]
    names = {str(choice.value): str(choice.label) for choice in getattr(field, "choices", None) or ()}
    return ", ".join(
        names.get(str(each), each.strftime("%H:%M") if isinstance(each, dt.time) else str(each)) for each in chosen
    )
