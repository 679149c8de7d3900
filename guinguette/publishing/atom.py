"""The Atom feed (RFC 4287): an entry an evening, the latest change first; the same bytes for the same evenings."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from feedgenerator import Atom1Feed

from guinguette.domain.errors import N_
from guinguette.publishing import calendar
from guinguette.publishing.tour import PublishedEvening
from guinguette.publishing.words import Translate, day_words, hour_words

#: The year that stands in every id (RFC 4151): that of the first feed, for an id never changes.
_SINCE = 2026
_AUTHOR = "La Guinguette mobile"
#: A feed must say when it was last changed, even where nothing has ever been published.
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Two code points that XML has no way to write, besides the control characters.
_NOT_XML = re.compile("[\ufffe\uffff]")


class _Feed(Atom1Feed):  # type: ignore[misc] # feedgenerator publishes no types
    """As the library writes it, but for the summaries, which are plain text here and no HTML to be escaped twice."""

    def latest_post_date(self) -> dt.datetime:
        return max((item["updateddate"] for item in self.items), default=_NEVER)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item | {"description": None})
        handler.addQuickElement("summary", item["description"], {"type": "text"})


def render(
    evenings: Iterable[PublishedEvening],
    *,
    title: str,
    public_url: str,
    self_url: str,
    translate: Translate,
    locale: str,
) -> bytes:
    """Return the feed of ``evenings``. The addresses are as in ``calendar.render``; ``self_url`` is the feed's own."""
    feed = _Feed(
        title=title,
        link=f"{public_url}/",
        description="",
        feed_url=self_url,
        feed_guid=_tag(public_url, "soirees"),
        author_name=_AUTHOR,
        language=locale,
    )
    for evening in sorted(evenings, key=lambda item: (item.updated_at, item.date, item.id), reverse=True):
        day = day_words(evening.date, locale, year=True)
        feed.add_item(
            title=_text(f"{calendar.title(evening, translate=translate, locale=locale)}, {day}"),
            link=f"{public_url}/soirees/{evening.id}",
            unique_id=_tag(public_url, f"soirees/{evening.id}"),
            description=_text(_summary(evening, translate, locale)),
            pubdate=evening.created_at,
            updateddate=evening.updated_at,
            categories=[_text(evening.commune)],
        )
    return str(feed.writeString("utf-8")).encode()


def _summary(evening: PublishedEvening, translate: Translate, locale: str) -> str:
    hours = translate(N_("De {start} à {end}")).format(
        start=hour_words(evening.starts_at, locale), end=hour_words(evening.ends_at, locale)
    )
    offered = calendar.description(evening, "", translate)
    return "\n".join(filter(None, (hours if evening.alive else "", calendar.location(evening), offered)))


def _tag(public_url: str, what: str) -> str:
    return f"tag:{urlsplit(public_url).hostname},{_SINCE}:{what}"


def _text(value: str) -> str:
    return _NOT_XML.sub(" ", calendar.plain(value))
