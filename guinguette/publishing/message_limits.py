"""What an SMS may cost at most: its emptiest filling must fit into two, whatever village, day and link it names."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import product

from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.sms_text import transliterate
from guinguette.domain.states import EveningState, Venue
from guinguette.publishing.message_texts import FIELD, OPTIONAL, TEMPLATES, fill
from guinguette.publishing.messages import (
    MAX_SEGMENTS,
    REPLY,
    RING,
    RING_LENGTH,
    Voice,
    at_commune,
    evening_values,
    fitted,
    hours_words,
    segments,
)
from guinguette.publishing.tour import PublishedEvening
from guinguette.publishing.words import day_words

#: No commune of France has a longer name (a test holds it to all of them).
LONGEST_COMMUNE = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"
#: What two SMS hold in GSM-7.
_PLACES = 306
#: Fields whose content nobody knows before it is typed: they are cut to what two SMS hold, and may fill them.
_OPEN = frozenset({"why", "dates"})


def refuse_too_long(key: str, text: str, voice: Voice, *, stop_url: str, page: str, link: str) -> None:
    """Raise ``InvalidInput`` where the text of ``key`` would make three SMS although its optional fields are empty."""
    longest = _longest_values(voice) | {"stop": stop_url, "page": page, "link": link}
    bare = {
        name: "" if name in OPTIONAL - {"page", "minutes"} else longest.get(name, "") for name in TEMPLATES[key].fields
    }
    filled = transliterate(fill(text, bare))
    if segments(filled) > MAX_SEGMENTS:
        raise InvalidInput(
            N_(
                "C’est trop long : avec le plus long nom de village, ce texte ferait plus de deux SMS. "
                "Ôtez au moins {count} caractères."
            ),
            field="text",
            count=max(len(filled) - _PLACES, 1),
        )


def most_segments(
    key: str,
    kind: str,
    voice: Voice,
    evenings: Iterable[PublishedEvening],
    *,
    stop_url: str,
    page: str,
    link: str,
) -> int:
    """Return how many SMS the text can make at most for any of ``evenings``, whatever happens to it until it leaves.

    It may be moved to any day and hour, to its hall or back, be confirmed or not, and a reason may be as long as people
    type; where the text tells of a change of place, so may the place. Nobody's text makes more than ``MAX_SEGMENTS``.
    """
    used = set(FIELD.findall(voice.template(key)))
    if used & _OPEN or (kind == "changed" and "place" in used):
        return MAX_SEGMENTS
    longest = _longest_values(voice) | {"stop": stop_url, "page": page, "link": link}
    if TEMPLATES[key].audience != "villagers":
        shorter = longest | {"ring": ""}
        return segments(transliterate(fitted(key, voice, [longest, shorter, shorter | {"reply": ""}])))
    known = used & {"where", "place", "note"}  # what an evening says of itself; all else may be the longest there is
    seen: set[tuple[str, ...]] = set()
    most = 1
    for evening, state, venue in product(evenings, (EveningState.CONFIRMED, EveningState.OPTION), Venue):
        for each in evening_values(kind, replace(evening, state=state, venue=venue), voice, stop_url):
            own = {name: each[name] for name in known}
            if (words := tuple(own.values())) in seen:
                continue
            seen.add(words)
            most = max(most, segments(transliterate(fitted(key, voice, [longest | own]))))
            if most >= MAX_SEGMENTS:
                return MAX_SEGMENTS
    return most


def _longest_values(voice: Voice) -> dict[str, str]:
    day = _longest_day(voice.locale)
    where = at_commune(LONGEST_COMMUNE, voice.locale, voice.translate)
    late = dt.time(23, 30)
    return {
        "day": day,
        "before": day,
        "later": day,
        "until": day,
        "where": where,
        "hours": hours_words(late, late, voice.locale),
        "dates": f"{day} {where}",
        "code": "000000",
        "minutes": "1440",
        "ring": fill(voice.translate(RING), {"phone": "0" * RING_LENGTH}),
        "reply": voice.translate(REPLY),
    }


@cache
def _longest_day(locale: str) -> str:
    """Return the longest date that the language has, of the seven days in each month."""
    first = dt.date(2026, 1, 1)
    days = (day_words(first + dt.timedelta(days=n), locale) for n in range(365))
    return max(days, key=lambda words: len(transliterate(words)))
