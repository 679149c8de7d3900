"""What an edited text would look like and cost, with the evenings that are to come."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.sms_text import pieces, replaced, transliterate
from guinguette.publishing.message_examples import kind_of, made_up, written
from guinguette.publishing.message_limits import most_segments
from guinguette.publishing.message_texts import TEMPLATES
from guinguette.publishing.messages import segments
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import audience, host_links, opting_out, own_texts, published

#: Stands for the letters of somebody's own STOP link: as many, and nobody's.
_NOBODYS_TOKEN = "x" * opting_out.TOKEN_LENGTH
#: The kinds that only those get who ticked them: the column of ``Subscription``.
_WANTED = {"week_ahead": "week_ahead", "announced": "new_evenings"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The text about one evening, as so many ``people`` would get it by SMS.

    ``pieces`` are (typed, sent). It makes ``segments`` SMS and would make ``as_typed`` without transliteration.
    """

    evening: PublishedEvening
    pieces: tuple[tuple[str, str], ...]
    segments: int
    as_typed: int
    people: int

    @property
    def text(self) -> str:
        """Return what leaves."""
        return "".join(sent for _, sent in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """``samples``: the text about the next evening and, where another makes it longer, about that one.

    ``coming`` evenings were tried (0: the example is made up). Whatever happens to them, none makes more than ``most``
    segments.
    """

    samples: tuple[Sample, ...]
    coming: int
    most: int

    @property
    def replaced(self) -> tuple[tuple[str, str], ...]:
        """Return each letter that leaves as another, with that one, once."""
        return replaced("".join(typed for sample in self.samples for typed, _ in sample.pieces))


def preview(
    session: Session, key: str, locale: str, text: str, *, clock: Clock, public_url: str, phone: str, replies: bool
) -> Preview:
    """Return what ``text`` (as ``own_texts.checked`` returns it) would make of the evenings to come.

    ``phone`` and ``replies`` as in ``publishing.messages.host_values``.
    """
    voice = replace(own_texts.voice(session, locale), own={key: text})
    stop_url = opting_out.stop_url(public_url, locale, _NOBODYS_TOKEN)
    page, link = own_texts.home(public_url, locale), host_links.placeholder_url(public_url)
    tours = {e.id: tour.slug for tour in published.latest(session) for e in tour.evenings}
    day = today(clock)
    coming = [e for e in published.upcoming(published.latest(session), day) if e.alive and e.date > day]
    evenings = coming or [made_up(day)]

    def sample(number: int, *, counted: bool) -> Sample:
        typed = written(
            key,
            evenings[number:],
            voice,
            stop_url=stop_url,
            page=page,
            phone=phone,
            replies=replies,
            link=link,
        )
        people = _people(session, key, locale, tours.get(evenings[number].id), evenings[number]) if counted else 0
        return Sample(
            evening=evenings[number],
            pieces=tuple(pieces(typed)),
            segments=segments(transliterate(typed)),
            as_typed=segments(typed),
            people=people,
        )

    def size(number: int) -> tuple[int, int]:
        tried = sample(number, counted=False)
        return tried.segments, len(tried.text)

    longest = 0 if TEMPLATES[key].audience == "anybody" else max(range(len(evenings)), key=size)
    shown = (0,) if size(longest) == size(0) else (0, longest)
    return Preview(
        samples=tuple(sample(number, counted=True) for number in shown),
        coming=len(coming),
        most=most_segments(key, kind_of(key), voice, evenings, stop_url=stop_url, page=page, link=link),
    )


def _people(session: Session, key: str, locale: str, slug: str | None, evening: PublishedEvening) -> int:
    """Return how many would get the text by SMS in this language, were it about that evening."""
    if TEMPLATES[key].audience != "villagers":
        return 1
    if slug is None:
        return 0
    wanting = _WANTED.get(key, "")
    found = audience.of(session, slug, evening, audience.confirmed_scopes(session), wanting=wanting)
    return sum(recipient.reach == "sms" and recipient.locale == locale for recipient in found)
