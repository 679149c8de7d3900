"""What makes the site an app on a phone: the manifest, the service worker, the page of what is kept."""

import hashlib
import json
from typing import Any

from flask import Blueprint, Flask, Response, render_template
from flask_babel import gettext

from guinguette.paths import STATIC, TEMPLATES
from guinguette.web import kept
from guinguette.web.assets import asset, base_stylesheet
from guinguette.web.language import languages, page_language, public_url
from guinguette.web.robots import private_paths
from guinguette.web.tokens import palettes

#: In every language.
blueprint = Blueprint("pwa", __name__)
#: At the root alone: there is one worker for the whole site.
worker = Blueprint("pwa_worker", __name__)
for _each in (blueprint, worker):
    _each.after_request(kept.revalidate)

_SCRIPTS = ("js/dress.js", "js/offline.js", "js/kept.js")
_FONTS = (
    "vendor/fonts/young-serif-latin-400-normal.woff2",
    "vendor/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2",
)
#: Besides what is private: a form, what serves once, what stands on other websites.
_NEVER = ("/abonnement", "/carte/document", "/embed")


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the app to a phone that installs it, in the language of the page it was installed from."""
    return Response(json.dumps(_described(), ensure_ascii=False), mimetype="application/manifest+json")


def _described() -> dict[str, Any]:
    """Return the members of the manifest (W3C, Web Application Manifest)."""
    colours = palettes()["day"]
    return {
        "id": public_url("public.home"),
        "name": "La Guinguette mobile",
        "short_name": gettext("Guinguette"),
        "description": gettext(
            "Le café-guinguette qui va de village en village : la prochaine soirée près de chez vous."
        ),
        "lang": page_language(),
        "start_url": public_url("public.home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": colours["fond"],
        "background_color": colours["fond"],
        "icons": [
            _icon("icon-192.png", 192),
            _icon("icon-512.png", 512),
            _icon("icon-maskable-512.png", 512, purpose="maskable"),
        ],
        "shortcuts": [
            {"name": name, "url": url, "icons": [_icon("icon-192.png", 192)]}
            for name, url in (
                (gettext("Les dates"), public_url("public.dates")),
                (gettext("Me prévenir"), public_url("subscribers.page")),
                (gettext("Sans réseau"), public_url("pwa.offline")),
            )
        ],
    }


def _icon(file: str, pixels: int, **more: str) -> dict[str, str]:
    return {"src": asset(f"img/{file}"), "sizes": f"{pixels}x{pixels}", "type": "image/png", **more}


@blueprint.get("/hors-ligne")
@kept.page()
def offline() -> str:
    """List what this phone opens without network (its own script knows), and stand in for what it does not have."""
    return render_template("pwa/offline.html")


@worker.get("/sw.js")
def service_worker() -> Response:
    """Send the worker, after a line that says what it keeps from the start. A new version is new bytes."""
    offline_pages = {code: public_url("pwa.offline", code) for code in languages()}
    files = [base_stylesheet(), *map(asset, _SCRIPTS), asset("img/icon.svg"), *(f"/static/{font}" for font in _FONTS)]
    program = (STATIC / "js" / "worker.js").read_text(encoding="utf-8")
    page = [(TEMPLATES / name).read_bytes() for name in ("base.html", "pwa/offline.html", "pwa/_copy.html")]
    version = hashlib.sha256(b"".join([program.encode(), *page, *(file.encode() for file in files)])).hexdigest()[:8]
    shell = {"version": version, "files": files, "offline": offline_pages, "never": _never()}
    response = Response(f"const SHELL = {json.dumps(shell)};\n{program}", mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


def _never() -> list[str]:
    """Return the addresses that the worker leaves to the browser, with all below them."""
    own = [path.rstrip("/") for path in private_paths()]
    return [*own, *(prefix + path for prefix in ("", *(f"/{code}" for code in languages()[1:])) for path in _NEVER)]


def register(app: Flask) -> None:
    """Give the templates the colours of tokens.css."""
    app.jinja_env.globals["palettes"] = palettes
