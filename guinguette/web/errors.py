"""Error pages: what happened, and what to do now."""

import datetime as dt
import logging
import math
from http import HTTPStatus

from flask import Flask, g, render_template
from flask_babel import gettext, ngettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import Response
from werkzeug.exceptions import HTTPException, TooManyRequests

from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput, NotFound
from guinguette.domain.text import upper_first
from guinguette.extensions import db, limiter
from guinguette.web import old_addresses
from guinguette.web.edge import edge
from guinguette.web.presenting import hours, long_date, signed_as

_log = logging.getLogger(__name__)
_Page = tuple[str, int]

_TITLES = {
    400: N_("La demande est incomplète"),
    403: N_("Cette page n’est pas pour vous"),
    404: N_("Cette page n’existe pas"),
    405: N_("Cette adresse ne s’ouvre pas ainsi"),
    409: N_("Les choses ont changé entre-temps"),
    410: N_("Cette adresse ne sert plus"),
    413: N_("Le fichier est trop lourd"),
    429: N_("Trop d’essais en peu de temps"),
    500: N_("La page n’a pas pu s’afficher"),
}
_SENTENCES = {
    400: N_("Revenez à la page précédente et recommencez."),
    403: N_("Connectez-vous avec un compte qui y a droit."),
    404: N_("L’adresse est peut-être mal recopiée. Les prochaines soirées sont à l’accueil."),
    405: N_("Revenez à la page précédente et utilisez ses boutons."),
    409: N_("Rechargez la page, relisez, puis recommencez."),
    410: N_("Les prochaines soirées sont à l’accueil."),
    413: N_("Quatre mégaoctets au plus, seize pour une photo : réduisez-le, puis recommencez."),
    500: N_("Ce n’est pas de votre fait. Réessayez dans un moment."),
}
_DOMAIN_STATUS: dict[type[DomainError], int] = {InvalidInput: 400, NotFound: 404, Conflict: 409}


def sentence(error: DomainError) -> str:
    """Return what was refused, in the page's language, its dates and hours in words."""
    values = {name: in_words(value) for name, value in error.values.items()}
    who = str(values.get("who", ""))
    shown = signed_as(who)
    said = str(gettext(error.message)).format(**values | {"who": shown})
    return said if shown == who else upper_first(said)


def in_words(value: object) -> object:
    """Return a date or an hour as people say it, anything else as it is."""
    if isinstance(value, dt.date):
        return long_date(value, year=True)
    return hours(value) if isinstance(value, dt.time) else value


def register(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(DomainError, _refusal)
    for error in (StaleDataError, IntegrityError):
        app.register_error_handler(error, _twice)
    app.register_error_handler(500, _broken)


def _http_error(error: HTTPException) -> _Page | HTTPException | Response:
    if error.code == HTTPStatus.NOT_FOUND and (elsewhere := old_addresses.successor()):
        return elsewhere
    if error.response is not None or error.code not in _TITLES:  # a redirect, or an answer somebody has made
        return error
    if isinstance(error, TooManyRequests):
        return _page(429, _wait())
    return _page(error.code, gettext(_SENTENCES[error.code]))


def _wait() -> str:
    """Say for how long: what is counted by the hour does not pass in a minute."""
    broken = limiter.current_limit
    over_at = broken.reset_at - 1 if broken else 0  # the extension adds a second
    minutes = max(1, math.ceil((over_at - edge().clock.now().timestamp()) / 60))
    return str(
        ngettext("Attendez une minute, puis recommencez.", "Attendez %(num)s minutes, puis recommencez.", minutes)
    )


def _expired_form(_error: CSRFError) -> _Page:
    return _page(400, gettext("Ce formulaire a expiré. Rechargez la page, puis envoyez-le de nouveau."))


def _refusal(error: DomainError) -> _Page | Response:
    db.session.rollback()
    if isinstance(error, NotFound) and (elsewhere := old_addresses.successor()):
        return elsewhere
    return _page(_DOMAIN_STATUS.get(type(error), 400), sentence(error))


def _twice(_error: Exception) -> _Page:
    """Answer a second click, or a second person, whose change came a moment after the first: nothing was written."""
    db.session.rollback()
    return _page(409, gettext(_SENTENCES[409]))


def _broken(error: Exception) -> _Page:
    _log.error("a view failed", exc_info=getattr(error, "original_exception", error))
    return _page(500, gettext(_SENTENCES[500]))


def _page(code: int, text: str) -> _Page:
    title = gettext(_TITLES[code])
    if "host" in g and code < HTTPStatus.INTERNAL_SERVER_ERROR:  # back to their own pages, not to the public's
        return render_template("comite/erreur.html", host=g.host, title=title, text=text), code
    return render_template("errors/page.html", title=title, text=text), code
