"""Texts that a town hall pastes into the applications its villagers read: PanneauPocket and IntraMuros.

French, like the posters. Facts stand in the order in which people need them, and give way from the last one where a
service holds no more; the address of the page always stays. No word is cut.
"""

from dataclasses import dataclass

from guinguette.domain.states import UNSURE
from guinguette.publishing import facts
from guinguette.publishing.messages import at_commune
from guinguette.publishing.paper import shortened
from guinguette.publishing.tour import PublishedEvening
from guinguette.publishing.words import day_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An application, and how many characters its title and its message are given (docs/decisions says why)."""

    key: str
    name: str
    title_limit: int
    text_limit: int


SERVICES = (
    Service(key="panneaupocket", name="PanneauPocket", title_limit=50, text_limit=500),
    Service(key="intramuros", name="IntraMuros", title_limit=80, text_limit=1000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A title and a message, ready to paste, within the limits of their service."""

    service: Service
    title: str
    text: str


def notices(evening: PublishedEvening, *, page: str, phone: str) -> list[Notice]:
    """Return the evening's text for each service, which says what has changed where something has.

    ``page`` is the absolute address of the evening's page, ``phone`` the number to ring or "".
    """
    return [
        Notice(service=service, title=_title(evening, service), text=_text(evening, service, page, phone))
        for service in SERVICES
    ]


def _title(evening: PublishedEvening, service: Service) -> str:
    day, change = day_words(evening.date, "fr"), facts.change(evening)
    if evening.state in UNSURE:
        return shortened(f"Guinguette mobile {day} (à confirmer)", service.title_limit)
    if change is None:
        return shortened(f"Guinguette mobile {day}", service.title_limit)
    word = {"ann": "ANNULÉE", "rep": "CHANGÉE" if evening.alive else "REPORTÉE", "dep": "À LA SALLE"}[change.mark]
    return shortened(f"{word}\u00a0: guinguette du {day}", service.title_limit)


def _text(evening: PublishedEvening, service: Service, page: str, phone: str) -> str:
    change = facts.change(evening)
    day = day_words(evening.date, "fr", year=True)
    village = at_commune(facts.name(evening.commune), "fr", str)
    lead = f"La Guinguette mobile {village}, {day}"
    lines = [f"{lead}, {facts.hours(evening)}." if evening.alive else f"{lead}\u00a0: {_called_off(evening)}."]
    lines += change.lines if change else ()
    if evening.alive:
        place = facts.place_words(evening.place)
        lines += [f"Lieu\u00a0: {place}." if place else "", _stopped(facts.rain(evening))]
        lines += [_stopped(line) for line in facts.programme(evening)]
    number = facts.line(phone, facts.LINE)
    end = "\n".join(filter(None, (f"Renseignements\u00a0: {page}", f"Téléphone\u00a0: {number}" if number else "")))
    return _within([line for line in lines if line], end, service.text_limit)


def _called_off(evening: PublishedEvening) -> str:
    later = evening.postponed_to_date
    if later is None:
        return "la soirée est annulée" if evening.state == "cancelled" else "la soirée est reportée"
    sure = "" if evening.postponed_to_sure else " (à confirmer)"
    return f"la soirée est reportée au {day_words(later, 'fr', year=True)}{sure}"


def _within(lines: list[str], end: str, limit: int) -> str:
    """Return as many of ``lines`` as leave room for ``end``; the first always stays, shortened where it must be."""
    room = limit - len(end) - 1
    kept = [shortened(lines[0], room)]
    for line in lines[1:]:
        if len("\n".join((*kept, line))) <= room:
            kept.append(line)
    return "\n".join((*kept, end))


def _stopped(sentence: str) -> str:
    return f"{sentence.rstrip('.')}." if sentence and sentence[-1] not in "!?…" else sentence
