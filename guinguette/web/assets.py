"""Static addresses that carry their content's hash, so that a phone keeps each file until it changes."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

_YEAR_SECONDS = 31_536_000


def asset(path: str) -> str:
    """Return the address of ``static/<path>``, with eight characters of its hash (``/static/css/x.css?v=1a2b3c4d``)."""
    file = Path(current_app.static_folder or "") / path
    version = _digest(file, file.stat().st_mtime_ns) if file.is_file() else None
    return url_for("static", filename=path, v=version)


@cache
def _digest(file: Path, _modified_ns: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def register(app: Flask) -> None:
    """Give the templates ``asset`` and let browsers keep what is versioned, and the typefaces, for a year."""
    app.jinja_env.globals["asset"] = asset

    @app.after_request
    def _keep(response: Response) -> Response:
        # A stylesheet names the typefaces, so their address cannot carry a hash; theirs never change under a name.
        lasting = request.args.get("v") or request.path.endswith(".woff2")
        if request.endpoint == "static" and lasting and response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        return response
