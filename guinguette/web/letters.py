"""A letter on its way out, for hosts and organisers alike: corrected on a page, taken away as PDF or as text."""

from flask import Response

from guinguette.domain.text import slugify
from guinguette.extensions import db, limiter
from guinguette.models import Contact, Evening
from guinguette.publishing import official_letters
from guinguette.publishing.official_letters import Letter
from guinguette.services import official_letters as use_cases
from guinguette.web.association import association
from guinguette.web.edge import edge

#: How many one address may have printed: each takes a core for a moment.
_PRINTS = "30 per minute"


def prepared(evening: Evening, kind: str, writer: Contact | None = None) -> Letter:
    """Return the draft of a letter (``services.official_letters.prepared``). Raises ``NotFound``."""
    we, tools = association(), edge()
    return use_cases.prepared(
        db.session, evening, kind, association=we, clock=tools.clock, vault=tools.vault, writer=writer
    )


def download(letter: Letter, evening: Evening, kind: str, file: str) -> Response:
    """Answer with the letter as a file (``file`` is pdf or txt) that nobody keeps on its way."""
    made = _print(letter) if file == "pdf" else letter.as_text().encode()
    response = Response(made, mimetype="application/pdf" if file == "pdf" else "text/plain")
    name = f"{kind}-{slugify(evening.commune.name)}-{evening.date}.{file}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@limiter.limit(_PRINTS)
def _print(letter: Letter) -> bytes:
    return official_letters.pdf(letter, at=edge().clock.now())
