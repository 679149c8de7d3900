"""What every HTML page of the project must satisfy, checked on each answer that the ``client`` fixture fetches."""

from collections import Counter
from typing import Any

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_LABELLED = {"input", "select", "textarea"}
_NEEDS_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}


class LintingClient(FlaskClient):
    """A test client that fails on a page with a fault (see ``lint``)."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Fetch, and check the answer where it is HTML."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and response.status_code not in (301, 302, 303, 307, 308):
            lint(response)
        return response


def lint(response: TestResponse) -> None:
    """Fail unless the HTML answer parses strictly, needs no mercy from the CSP and can be read aloud.

    An htmx fragment (no doctype) is held to the same rules, except title, ``h1`` and language. A document whose
    policy has a nonce is folium's own: it is shown in an iframe and only its policy is ours.
    """
    policy = response.headers.get("Content-Security-Policy", "")
    assert policy, "no Content-Security-Policy"
    if "'nonce-" in policy:
        return
    html = response.get_data(as_text=True)
    whole = html.lstrip().lower().startswith("<!doctype")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(html) if whole else parser.parseFragment(html)
    elements = [e for e in tree.iter() if isinstance(e.tag, str)]
    if whole:
        _lint_document(tree, elements)
    _lint_inline(elements)
    _lint_labels(elements)
    ids = Counter(e.get("id") for e in elements if e.get("id"))
    assert not [name for name, count in ids.items() if count > 1], f"ids that stand twice: {ids.most_common(3)}"


def _lint_document(tree: Any, elements: list[Any]) -> None:
    assert tree.get("lang"), "<html> has no lang"
    titles = [_text(e) for e in tree.find("head").iter("title")]
    assert len(titles) == 1, f"{len(titles)} titles"
    assert titles[0], "an empty title"
    headings = [e for e in elements if e.tag == "h1"]
    assert len(headings) == 1, f"{len(headings)} h1"
    assert _text(headings[0]), "an empty h1"


def _lint_inline(elements: list[Any]) -> None:
    for element in elements:
        assert element.tag != "style", "an inline <style>"
        if element.tag == "script" and element.get("type") != "application/ld+json":  # data, which no policy runs
            assert element.get("src"), "an inline <script>"
        for name in element.attrib:
            assert name != "style", f"an inline style on <{element.tag}>"
            assert not str(name).startswith("on"), f"{name} on <{element.tag}>"


def _lint_labels(elements: list[Any]) -> None:
    named = {e.get("for") for e in elements if e.tag == "label" and (_text(e) or e.get("aria-label"))}
    inside = {id(inner) for e in elements if e.tag == "label" and _text(e) for inner in e.iter()}
    for element in elements:
        if element.tag not in _LABELLED or element.get("type") in _NEEDS_NO_LABEL:
            continue
        labelled = (
            element.get("id") in named - {None}
            or id(element) in inside
            or element.get("aria-label")
            or element.get("aria-labelledby")
        )
        assert labelled, f"<{element.tag} name={element.get('name')}> has no label"


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()
