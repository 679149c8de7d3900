"""What makes the site an app on a phone: the manifest, the service worker, the page of what is kept."""

import hashlib
import json

from flask import Blueprint, Flask, Response, render_template, request
from flask_babel import gettext

from guinguette.paths import STATIC, TEMPLATES
from guinguette.web.assets import asset, base_stylesheet
from guinguette.web.language import languages, page_language, public_url
from guinguette.web.tokens import palettes

#: In every language.
blueprint = Blueprint("pwa", __name__)
#: At the root alone: there is one worker for the whole site.
worker = Blueprint("pwa_worker", __name__)

#: The page of all dates, which is kept from the first visit on.
DATES = "public.dates"
_SCRIPTS = ("js/offline.js", "js/kept.js")
_FONTS = (
    "vendor/fonts/young-serif-latin-400-normal.woff2",
    "vendor/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2",
)
#: Somebody's own, or good for one use: the worker leaves these addresses to the browser.
_NEVER = ("/organisation", "/connexion", "/deconnexion", "/abonnement", "/stop", "/sms", "/carte/document", "/embed")


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the app to a phone that installs it, in the language of the page it was installed from."""
    colours = palettes()["day"]
    described = {
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
                (gettext("Les dates"), public_url(DATES)),
                (gettext("Me prévenir"), public_url("subscribers.page")),
                (gettext("Sans réseau"), public_url("pwa.offline")),
            )
        ],
    }
    return _revalidated(Response(json.dumps(described, ensure_ascii=False), mimetype="application/manifest+json"))


def _icon(file: str, pixels: int, **more: str) -> dict[str, str]:
    return {"src": asset(f"img/{file}"), "sizes": f"{pixels}x{pixels}", "type": "image/png", **more}


@blueprint.get("/hors-ligne")
def offline() -> Response:
    """List what this phone opens without network (its own script knows), and stand in for what it does not have."""
    return _revalidated(Response(render_template("pwa/offline.html")))


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
    return _revalidated(response)


def _never() -> list[str]:
    return [f"/{code}{path}" if code else path for code in ("", *languages()[1:]) for path in _NEVER]


def _revalidated(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def register(app: Flask) -> None:
    """Give the templates the colours of tokens.css and the name of the page of dates."""
    app.jinja_env.globals.update({"palettes": palettes, "dates_page": DATES})
