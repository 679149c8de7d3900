"""Languages: French has no prefix, every other catalogue in ``translations/`` brings ``/<code>/…`` by itself."""

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.core import get_global
from babel.support import NullTranslations
from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import Domain, get_locale
from werkzeug.datastructures import LanguageAccept

from guinguette.extensions import babel
from guinguette.paths import TRANSLATIONS

FRENCH = "fr"
#: The parameters that make a page of their own, by endpoint; all others choose from what the page has anyway.
_OWN_PAGES = {"maps.page": ("tour",)}


class _FrenchSentences(NullTranslations):
    """The msgids themselves, which are French: zero takes the singular (« 0 soirée »)."""

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form that French has for ``n``."""
        return msgid1 if n < 2 else msgid2  # noqa: PLR2004 -- two is where the plural begins


class _Sentences(Domain):  # type: ignore[misc] # flask_babel is untyped
    """The catalogues; French has none, and gettext would count it as English does."""

    _french = _FrenchSentences()

    def get_translations(self) -> Any:
        """Return the sentences of this page's language."""
        return self._french if str(get_locale()) == FRENCH else super().get_translations()


@cache
def languages() -> list[str]:
    """Return the language codes there are pages in, French first. Every date on a page asks: the disk is asked once."""
    return [
        FRENCH,
        *sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")),
    ]


def register_in_every_language(app: Flask, blueprint: Blueprint) -> None:
    """Register a public blueprint without prefix in French and under ``/<code>`` in each other language."""
    app.register_blueprint(blueprint)
    for code in languages()[1:]:
        app.register_blueprint(blueprint, url_prefix=f"/{code}", name=f"{blueprint.name}_{code}")


def page_language() -> str:
    """Return the language of the page asked for: its address says so, nothing else."""
    first = request.path.split("/", 2)[1] if request else ""
    return first if first in languages() else FRENCH


def public_url(endpoint: str, language: str | None = None, **values: Any) -> str:
    """Return the address of a public page (``"public.home"``) in ``language`` (default: this page's)."""
    code = language or str(get_locale() or FRENCH)
    blueprint, view = endpoint.split(".")
    name = blueprint if code == FRENCH else f"{blueprint}_{code}"
    return url_for(f"{name}.{view}", **values)


def own_endpoint() -> str:
    """Return the endpoint of the page asked for as French has it ("public.home" under ``/en/`` too), or nothing."""
    blueprint, _, view = (request.endpoint or "").rpartition(".")
    base, _, code = blueprint.rpartition("_")
    return f"{base if base and code in languages() else blueprint}.{view}" if blueprint else ""


def same_page_in(code: str) -> str | None:
    """Return this page's path in another language, or null where the page has only one."""
    own = own_endpoint()
    twin = own.replace(".", f"_{languages()[-1]}.", 1)
    if request.view_args is None or own not in current_app.view_functions or twin not in current_app.view_functions:
        return None
    return public_url(own, code, **request.view_args)


def switched_to(code: str) -> str | None:
    """Return where the switch to another language leads: the same page, with what was searched or chosen on it."""
    path = same_page_in(code)
    query = request.query_string.decode("ascii", "replace")
    return f"{path}?{query}" if path and query else path


def canonical_query() -> str:
    """Return what of the query makes this another page than without it ("?tour=ete-2027"), or nothing."""
    kept = {name: request.args[name] for name in _OWN_PAGES.get(own_endpoint(), ()) if request.args.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def language_name(code: str) -> str:
    """Return a language's name in itself ("English")."""
    return (Locale.parse(code).get_display_name(code) or code).capitalize()


def territory_code(code: str) -> str:
    """Return a language with the land where most speak it, as Open Graph wants it ("fr_FR", "de_DE")."""
    language, _, territory = get_global("likely_subtags").get(code, code).partition("_")
    return f"{language}_{territory.rpartition('_')[2]}" if territory else language


def preferred_language(accepted: LanguageAccept) -> str:
    """Return the first language of an ``Accept-Language`` that there are pages in; French where it names none."""
    wanted = (tag.lower().partition("-")[0] for tag, quality in accepted if quality > 0)
    return next((code for code in wanted if code in languages()), FRENCH)


def register(app: Flask) -> None:
    """Bind Babel to the app and give templates what links to a page, and to the same page in another language."""
    babel.init_app(
        app,
        default_locale=FRENCH,
        default_timezone="Europe/Paris",
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=page_language,
    )
    babel.domain_instance = _Sentences()
    helpers: dict[str, Callable[..., Any]] = {
        "public_url": public_url,
        "languages": languages,
        "same_page_in": same_page_in,
        "switched_to": switched_to,
        "canonical_query": canonical_query,
        "territory_code": territory_code,
        "language_name": language_name,
    }
    app.jinja_env.globals.update(helpers)
