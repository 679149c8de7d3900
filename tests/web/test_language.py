"""Sentences in the language of the page."""

import pytest
from flask import Flask
from flask_babel import gettext, ngettext


@pytest.mark.parametrize(
    ("path", "number", "text"),
    [
        ("/", 0, "0 soirée à venir."),
        ("/", 1, "1 soirée à venir."),
        ("/", 2, "2 soirées à venir."),
        ("/organisation/", 0, "0 soirée à venir."),
    ],
)
def test_french_counts_zero_as_singular(app: Flask, path: str, number: int, text: str) -> None:
    """In views and in templates alike."""
    with app.test_request_context(path):
        assert ngettext("%(num)s soirée à venir.", "%(num)s soirées à venir.", number) == text
        page = app.jinja_env.from_string("{{ ngettext('%(num)s soirée à venir.', '%(num)s soirées à venir.', n) }}")
        assert page.render(n=number) == text


def test_another_language_has_its_catalogue(app: Flask) -> None:
    """English says "0 villages"."""
    with app.test_request_context("/en/"):
        assert gettext("Annulée") == "Cancelled"
        assert ngettext("%(num)s village", "%(num)s villages", 0) == "0 villages"
    with app.test_request_context("/"):
        assert gettext("Annulée") == "Annulée"
