"""Photographs on their way in and out: as heavy as a telephone makes them, shown to those who may see them alone."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, make_response, request

from guinguette.models import Photo

_MOST_BYTES = 16 * 1024 * 1024
_View = TypeVar("_View", bound=Callable[..., Any])


def takes_photos(view: _View) -> _View:
    """Let a view receive 16 MB, when every other stops at 4."""
    view.takes_photos = True  # type: ignore[attr-defined]
    return view


def register(app: Flask) -> None:
    """Set the limit before anything reads the request."""

    @app.url_value_preprocessor
    def _limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if getattr(current_app.view_functions.get(endpoint or ""), "takes_photos", False):
            request.max_content_length = _MOST_BYTES


def sent_photo() -> bytes:
    """Return the file of the field ``photo``, empty where none was chosen."""
    file = request.files.get("photo")
    return file.read() if file else b""


def place_of(photo: Photo) -> dict[str, Any]:
    """Return the place that a photograph shows, as addresses name it: ``kind`` and ``site_id``."""
    if photo.hall_id is not None:
        return {"kind": "salle", "site_id": photo.hall_id}
    return {"kind": "emplacement", "site_id": photo.pitch_id}


def picture(photo: Photo) -> Response:
    """Answer with a photograph: its address never shows another, so the browser, and nobody between, keeps it."""
    response = make_response(photo.content)
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    return response
