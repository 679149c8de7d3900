"""A letter on its way out, for hosts and organisers alike: corrected on a page, taken away as PDF or as text."""

from flask import Response

from guinguette.domain.text import slugify
from guinguette.extensions import limiter
from guinguette.models import Evening
from guinguette.publishing import official_letters
from guinguette.publishing.official_letters import Letter
from guinguette.web.edge import edge

#: How many one address may have printed: each takes a core for a moment.
_PRINTS = "30 per minute"


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
