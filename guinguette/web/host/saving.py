"""A host's save: as the desk's, but another answer that came meanwhile to another question does not stop it."""

from collections.abc import Callable
from typing import Any

from guinguette.web.forms.records import RecordForm
from guinguette.web.saving import saved


def kept(form: RecordForm, act: Callable[[], Any]) -> bool:
    """Tell whether the form was sent, valid, and ``act`` done and committed.

    A record is asked piece by piece, by several people. Where somebody has saved it since the page was opened, but not
    what this form shows, the answer is kept all the same, on the new version.
    """
    if saved(form, act):
        return True
    if not form.met_others or form.theirs:
        return False
    form.form_errors.clear()
    return saved(form, act)
