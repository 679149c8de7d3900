"""One save for every record's page: validate, act, commit; else show the form again with what was refused."""

from collections.abc import Callable
from typing import Any

from flask import flash, request
from sqlalchemy.exc import IntegrityError

from guinguette.domain.errors import N_, DomainError, InvalidInput, NotFound
from guinguette.extensions import db
from guinguette.web.errors import sentence
from guinguette.web.forms.records import RefusingForm


def saved(form: RefusingForm, act: Callable[[], Any]) -> bool:
    """Tell whether the form was sent, valid, and ``act`` done and committed.

    A refusal is rolled back and put into the form, beside the field it names. So is what somebody else, or a second
    click, has saved in the same moment and may exist only once.
    """
    if not form.validate_on_submit():
        return False
    try:
        return done(form, act)
    except IntegrityError:
        taken = N_("Le même nom vient d’être enregistré. Relisez, puis enregistrez de nouveau.")
        db.session.rollback()
        form.refuse(InvalidInput(taken, field="name"))
        return False


def done(form: RefusingForm, act: Callable[[], Any]) -> bool:
    """Tell whether ``act`` was done and committed; a refusal is rolled back and put into the valid form."""
    try:
        act()
        db.session.commit()
    except NotFound:
        raise
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    return True


def shelved(act: Callable[[], Any], done: str) -> bool:
    """Tell whether ``act`` (archiving, restoring) was done and committed; says so, or why it was refused."""
    try:
        act()
        db.session.commit()
    except NotFound:
        raise
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
        return False
    flash(done)
    return True


def posted_version() -> int:
    """Return the version that a button's own form carries (0, which no row has, where it does not)."""
    return request.form.get("version", 0, type=int)
