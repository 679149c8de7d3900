"""The reader's language where there is no web page: gettext catalogues for what leaves by SMS and e-mail."""

from collections.abc import Callable
from functools import cache

from babel.support import Translations

from guinguette.paths import TRANSLATIONS

FRENCH = "fr"


def pages_url(public_url: str, locale: str) -> str:
    """Return where the pages of a language begin: French has no prefix."""
    return public_url if locale == FRENCH else f"{public_url}/{locale}"


@cache
def translator(locale: str) -> Callable[[str], str]:
    """Return the function that turns a French sentence into ``locale``'s; French where there is no catalogue."""
    return Translations.load(str(TRANSLATIONS), [locale]).gettext
