"""What a sheet of paper, or a message that a town hall passes on, says of an evening: French words, ready to set.

What people typed comes out on one line, in French typography, in characters that our typefaces have, and bounded: the
page that every sheet and message leads to has it all.
"""

from dataclasses import dataclass

from guinguette.domain.states import UNSURE, EveningState, Venue, moved_to_hall
from guinguette.publishing.paper import french, printable, shortened
from guinguette.publishing.tour import PublishedEvening, PublishedPlace
from guinguette.publishing.words import day_words, hour_words

HEALTH = "L’abus d’alcool est dangereux pour la santé, à consommer avec modération."
_WAIT = "La date n’est pas encore sûre\u00a0: attendez la confirmation avant de vous déplacer."
_WAIT_LATER = "La nouvelle date n’est pas encore sûre\u00a0: attendez la confirmation avant de vous déplacer."
#: How many characters of a line, of a description or note, and of a place are said.
LINE, PARAGRAPH, PLACE = 150, 240, 120


@dataclass(frozen=True, slots=True)
class Change:
    """What people must know before all else: its mark in guinguette.css (ann, rep, dep or att), a title, the rest."""

    mark: str
    title: str
    lines: tuple[str, ...]


def change(evening: PublishedEvening) -> Change | None:
    """Return what has changed or is not sure yet, or nothing."""
    note = line(evening.change_note, PARAGRAPH)
    later = evening.postponed_to_date
    if evening.state is EveningState.CANCELLED:
        mark, title, lines = "ann", "ANNULÉE", [note or "Cette soirée n’aura pas lieu."]
    elif evening.state is EveningState.POSTPONED and later is not None:
        title = f"REPORTÉE AU {day_words(later, 'fr').upper()}"
        mark, lines = "rep", [note, "" if evening.postponed_to_sure else _WAIT_LATER]
    elif evening.state is EveningState.POSTPONED:
        mark, title, lines = "rep", "REPORTÉE", [note, "Aucune nouvelle date n’est fixée pour l’instant."]
    elif moved_to_hall(evening):
        mark, title, lines = "dep", "À LA SALLE DES FÊTES", [note]
    elif evening.state in UNSURE:
        mark, title, lines = "att", "À CONFIRMER", [_WAIT]
    elif evening.previous_date is not None and evening.previous_date != evening.date:
        now, before = day_words(evening.date, "fr"), day_words(evening.previous_date, "fr")
        mark, title, lines = "rep", "DATE CHANGÉE", [f"Venez le {now}, et non le {before}.", note]
    elif evening.previous_starts_at is not None:
        now, before = hour_words(evening.starts_at, "fr"), hour_words(evening.previous_starts_at, "fr")
        mark, title, lines = "rep", "HORAIRE CHANGÉ", [f"Venez à partir de {now}, et non de {before}.", note]
    else:
        return None
    return Change(mark, title, tuple(filter(None, lines)))


def programme(evening: PublishedEvening) -> list[str]:
    """Return what the evening offers, what matters first: where there is little room the last lines give way."""
    news = "" if change(evening) else evening.change_note
    money = ". ".join(part.strip(" .") for part in (evening.prices, evening.payment) if part.strip(" ."))
    lines = [(text, LINE) for text in (news, evening.artists, evening.food, money)]
    said = [line(text, width) for text, width in (*lines, (evening.description, PARAGRAPH))]
    return [text for text in said if text]


def where(evening: PublishedEvening) -> str:
    """Return where and when: « Place de l’Église, de 18 h à 22 h »."""
    place = place_words(evening.place)
    return f"{place}, {hours(evening)}" if place else hours(evening).capitalize()


def rain(evening: PublishedEvening) -> str:
    """Return where it is if it rains, or "" where there is no other place."""
    hall = place_words(evening.hall) if evening.venue is Venue.PITCH else ""
    return f"S’il pleut\u00a0: {hall}" if hall else ""


def place_words(place: PublishedPlace | None) -> str:
    """Return a place with its address, which often repeats its name: then once."""
    if place is None:
        return ""
    name, address = line(place.name, PLACE), line(place.address, PLACE)
    return name if not address or address.casefold() == name.casefold() else ", ".join(filter(None, (name, address)))


def hours(evening: PublishedEvening) -> str:
    """Return « de 18 h à 22 h »."""
    start, end = (hour_words(at, "fr") for at in (evening.starts_at, evening.ends_at))
    return f"de\u00a0{start} à\u00a0{end}"


def name(commune: str) -> str:
    """Return a commune's name, never shortened."""
    return french(printable(commune)) or "?"


def line(text: str, width: int) -> str:
    """Return what somebody typed as one line of at most ``width`` characters, whole words."""
    return shortened(french(printable(text)), width)
