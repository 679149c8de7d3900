"""What every form of a record has in common: its version, refusals beside their field, what somebody else has saved."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else has changed in one field since the page was opened, in words.

    ``before`` is unknown ("") where the page does not say how it was opened. ``mine`` is what was typed there, or ""
    where nothing was: then the form has taken over what is saved.
    """

    label: str
    before: str
    saved: str
    mine: str


class RefusingForm(FlaskForm):  # type: ignore[misc] # flask_wtf publishes no types
    """A form that shows why a service has refused what it says."""

    def refuse(self, error: DomainError) -> None:
        """Show the refusal beside the field it names, else at the head of the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(sentence(error))
        else:
            field.errors = [*field.errors, sentence(error)]


class RecordForm(RefusingForm):
    """A form on a record as it stood at ``version``. Build it with ``data`` read from the row in the same request."""

    version = IntegerField(widget=HiddenInput(), default=1)

    #: After a conflict: what somebody else has changed.
    theirs: tuple[Meanwhile, ...] = ()
    _met = False
    #: Where the form has a calendar: the level of each day as saved and as typed.
    days: tuple[MutableMapping[dt.date, str], MutableMapping[dt.date, str]] = ({}, {})

    @property
    def seen_version(self) -> int:
        """Return the version that the page was opened on (0, which no row has, where the page does not say)."""
        return self.version.data or 0

    @property
    def seen(self) -> str:
        """Return what the record was like when its page was opened, every value in words, for a hidden field."""
        if self.is_submitted() and not self._met:
            return request.form.get("seen", "")
        words = {each.name: each.show(each.saved) for each in self._values() if each.saved not in _NOTHING}
        return base64.urlsafe_b64encode(json.dumps(words).encode()).decode()

    @property
    def met_others(self) -> bool:
        """Tell whether somebody else had saved the record since the page was opened (see ``theirs``)."""
        return self._met

    def refuse(self, error: DomainError) -> None:
        """Show the refusal; after a conflict, what somebody else has saved."""
        if isinstance(error, Conflict) and error.field is None:
            self._meet_theirs()
        super().refuse(error)

    def _meet_theirs(self) -> None:
        """Note what somebody else has changed and take it over where nothing else was typed.

        The next save is a knowing one.
        """
        opened = _unpacked(self.seen)
        self._met = True
        self.theirs = tuple(found for each in self._values() if (found := each.meet(opened)))
        self.version.raw_data = None
        self.version.data = self.version.object_data

    def _values(self) -> list["_Value"]:
        """Return the value of each field and day."""
        saved, typed = self.days
        return [
            _Value(
                field.name,
                field.label.text,
                field.object_data,
                field.data,
                partial(_shown, field),
                partial(_set, field),
            )
            for field in self
            if field.name not in ("version", "csrf_token")
        ] + [
            _Value(
                day.isoformat(), long_date(day), saved.get(day), typed.get(day), _level, partial(_set_day, typed, day)
            )
            for day in sorted({*saved, *typed})
        ]


_NOTHING: tuple[Any, ...] = (None, "", [], (), False)


@dataclass(frozen=True, slots=True)
class _Value:
    """One field or day: what is saved, what was typed, how to say either, how to type another."""

    name: str
    label: str
    saved: Any
    typed: Any
    show: Callable[[Any], str]
    retype: Callable[[Any], None]

    def meet(self, opened: dict[str, str] | None) -> Meanwhile | None:
        """Return what somebody else has made of it since it read as ``opened`` says (null: nobody knows), if they have.

        Where what was typed is what was opened, nobody here has touched it, and it becomes what is saved.
        """
        saved, typed = self.show(self.saved), self.show(self.typed)
        before = "" if opened is None else opened.get(self.name, self.show(None))
        if saved in (typed, before):
            return None
        if typed != before:
            return Meanwhile(self.label, before, saved, typed)
        self.retype(self.saved)
        return Meanwhile(self.label, before, saved, "")


def _unpacked(seen: str) -> dict[str, str] | None:
    """Return what ``RecordForm.seen`` packed; null where a page of former days or somebody's own says otherwise."""
    try:
        words = json.loads(base64.urlsafe_b64decode(seen))
    except (ValueError, binascii.Error):
        return None
    return {str(name): str(text) for name, text in words.items()} if isinstance(words, dict) else None


def _set(field: Field, value: Any) -> None:
    field.data, field.raw_data = value, None


def _set_day(typed: MutableMapping[dt.date, str], day: dt.date, level: str | None) -> None:
    if level is None:
        typed.pop(day, None)
    else:
        typed[day] = level


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
