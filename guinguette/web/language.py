"""Languages: French has no prefix, every other catalogue in ``translations/`` brings ``/<code>/…`` by itself."""

from collections.abc import Callable
from functools import cache
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Blueprint, Flask, request, url_for
from flask_babel import Domain, get_locale

from guinguette.extensions import babel
from guinguette.paths import TRANSLATIONS

FRENCH = "fr"


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


def same_page_in(code: str) -> str | None:
    """Return this page's address in another language, or null where the page has only one."""
    if not request.endpoint or "." not in request.endpoint or request.view_args is None:
        return None
    blueprint, view = request.endpoint.rsplit(".", 1)
    base = blueprint.rsplit("_", 1)[0] if blueprint.rsplit("_", 1)[-1] in languages() else blueprint
    if base not in ("public", "subscribers", "maps", "notices"):
        return None
    return public_url(f"{base}.{view}", code, **request.view_args)


def language_name(code: str) -> str:
    """Return a language's name in itself ("English")."""
    return (Locale.parse(code).get_display_name(code) or code).capitalize()


def register(app: Flask) -> None:
    """Bind Babel to the app and give templates ``public_url``, ``languages``, ``same_page_in``, ``language_name``."""
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
        "language_name": language_name,
    }
    app.jinja_env.globals.update(helpers)
