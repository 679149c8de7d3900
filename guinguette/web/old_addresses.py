"""Addresses that people type, that other sites still link to, or that a poster bore: where they lead today.

Asked only once nothing is found under an address, so that it costs the others nothing.
"""

import re
from urllib.parse import quote

from flask import current_app, redirect, request
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from guinguette.extensions import db
from guinguette.models import Commune, Evening
from guinguette.services import communes
from guinguette.web.language import FRENCH, languages, public_url
from guinguette.web.robots import private_paths

#: Other names of our pages, as people write them.
_NAMES = {
    "accueil": "public.home", "index.html": "public.home",
    "agenda": "public.dates", "calendrier": "public.dates", "programme": "public.dates", "soirees": "public.dates",
    "tournees": "public.dates", "evenements": "public.dates",
    "communes": "public.search", "village": "public.search", "recherche": "public.search",
    "map": "maps.page", "plan": "maps.page",
    "sms": "subscribers.page", "abonnements": "subscribers.page",
    "contact": "public.legal",
}  # fmt: skip
_INSEE_AT_END = re.compile(r"(?:.*-)?(\d[\dab]\d{3})", re.IGNORECASE)
_EVENING = re.compile(r"soirees/([0-9a-z]{1,20})(?:\.ics)?")
_MOVED, _FOR_NOW = 301, 302


def successor() -> Response | None:
    """Return a redirect to what the address asked for is called now, on this site; null where there is nothing."""
    if request.method not in ("GET", "HEAD") or request.path.startswith(private_paths()):
        return None
    language, words = _parts(request.path)
    match words:
        case []:
            return redirect(public_url("public.home", language), _MOVED)
        case [name] if name in _NAMES:
            return redirect(public_url(_NAMES[name], language), _MOVED)
        case ["communes", name]:
            return _commune(language, name)
    return _tidied(language, words) or _unpublished(language, words)


def _parts(path: str) -> tuple[str, list[str]]:
    words = [word for word in path.split("/") if word]
    language = words.pop(0).lower() if words and words[0].lower() in languages() else FRENCH
    return language, [words[0].lower(), *words[1:]] if words else []


def _commune(language: str, name: str) -> Response | None:
    """Lead from a name, or a name and a code, to the commune; where several bear the name, to their list."""
    code = _INSEE_AT_END.fullmatch(name)
    if code:
        insee = code[1].upper()
        path = public_url("public.commune", language, insee=insee)
        found = db.session.get(Commune, insee) if path != request.path else None
        return redirect(path, _MOVED) if found else None
    matches = communes.search(db.session, name, limit=2)
    if len(matches) == 1:
        return redirect(public_url("public.commune", language, insee=matches[0].insee), _MOVED)
    return redirect(public_url("public.search", language, q=name), _FOR_NOW) if matches else None


def _tidied(language: str, words: list[str]) -> Response | None:
    """Lead to the same page without a slash at the end, capitals or a prefix for French, if there is such a page."""
    prefix = [] if language == FRENCH else [language]
    path = "/" + "/".join([*prefix, *(word.lower() for word in words)])
    if path == request.path or not _is_page(path):
        return None
    query = request.query_string.decode("ascii", "replace")
    return redirect(quote(path) + (f"?{query}" if query else ""), _MOVED)


def _is_page(path: str) -> bool:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path)
    except HTTPException:
        return False
    return bool(endpoint != "static")


def _unpublished(language: str, words: list[str]) -> Response | None:
    """Lead from an evening that is not published any more to its village, for as long as that lasts."""
    asked = _EVENING.fullmatch("/".join(words))
    evening = db.session.get(Evening, asked[1]) if asked else None
    return redirect(public_url("public.commune", language, insee=evening.commune_insee), _FOR_NOW) if evening else None
