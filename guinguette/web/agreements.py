"""An agreement as a file, for the host and for the association."""

from flask import Response, make_response

from guinguette.domain.text import slugify
from guinguette.extensions import db
from guinguette.models import Evening
from guinguette.publishing import agreements as papers
from guinguette.publishing.agreements import Terms
from guinguette.services import agreements
from guinguette.web import association


def sheet(evening: Evening, number: int) -> Response:
    """Return a version of an evening's agreement as a PDF. Raises ``NotFound``."""
    found = agreements.get(db.session, evening, number)
    terms = Terms.from_json(found.terms)
    answer = make_response(papers.sheet(terms, agreements.signature(found), phone=association.association().phone))
    name = f"accord-{slugify(terms.commune)}-{terms.date}-v{number}.pdf"
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
