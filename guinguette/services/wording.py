"""The reader's language where there is no web page: gettext catalogues for what leaves by SMS."""

from collections.abc import Callable
from functools import cache

from babel.support import Translations

from guinguette.paths import TRANSLATIONS


@cache
def translator(locale: str) -> Callable[[str], str]:
    """Return the function that turns a French sentence into ``locale``'s; French where there is no catalogue."""
    return Translations.load(str(TRANSLATIONS), [locale]).gettext
