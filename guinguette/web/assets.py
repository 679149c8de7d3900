"""Static addresses that carry their content's hash, so that a phone keeps each file until it changes."""

import hashlib
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path

import brotli
from flask import Flask, Response, current_app, request, url_for

_YEAR_SECONDS = 31_536_000
#: What every page is dressed in, in this order. One request instead of three: on a slow network each costs a journey.
_BASE = ("vendor/pico/pico.min.css", "css/tokens.css", "css/guinguette.css", "css/finding.css")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def asset(path: str) -> str:
    """Return the address of ``static/<path>``, with eight characters of its hash (``/static/css/x.css?v=1a2b3c4d``)."""
    file = Path(current_app.static_folder or "") / path
    version = _digest(file, file.stat().st_mtime_ns) if file.is_file() else None
    return url_for("static", filename=path, v=version)


def base_stylesheet() -> str:
    """Return the address of the stylesheets of ``_BASE`` in one, with the hash of what it sends."""
    return url_for("stylesheet", v=_version(_base()))


def _base() -> str:
    folder = Path(current_app.static_folder or "")
    return _joined(str(current_app.static_url_path), *((f, f.stat().st_mtime_ns) for f in map(folder.joinpath, _BASE)))


@cache
def _joined(static_path: str, *files: tuple[Path, int]) -> str:
    """Return the files one after the other, without comments, for an address outside the folder ``css/``."""
    text = "\n".join(file.read_text(encoding="utf-8") for file, _modified_ns in files)
    return _COMMENT.sub("", text).replace("url(../", f"url({static_path}/")


@cache
def _version(text: str) -> str:
    """Return eight characters of its hash, once for each text: every page names it."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@cache
def _small(text: str) -> bytes:
    """Compress with patience, once: under 14 kB it comes in the first packets a server may send unanswered."""
    small: bytes = brotli.compress(text.encode(), mode=brotli.MODE_TEXT, quality=11)
    return small


@cache
def _digest(file: Path, _modified_ns: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def register(app: Flask) -> None:
    """Give the templates both functions; let browsers keep what is versioned, and the typefaces, for a year."""
    app.jinja_env.globals.update({"asset": asset, "base_stylesheet": base_stylesheet})

    @app.get("/pages.css")
    def stylesheet() -> Response:
        answer = Response(_base(), mimetype="text/css")
        answer.vary.add("Accept-Encoding")
        if request.accept_encodings["br"]:
            answer.set_data(_small(_base()))
            answer.content_encoding = "br"
        return answer

    @app.after_request
    def _keep(response: Response) -> Response:
        # A stylesheet names the typefaces, so their address cannot carry a hash; theirs never change under a name.
        lasting = request.args.get("v") or request.path.endswith(".woff2")
        if request.endpoint in ("static", "stylesheet") and lasting and response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        return response
