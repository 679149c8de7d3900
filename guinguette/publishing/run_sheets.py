"""A van's day (« feuille de route »): what its crew must know, as values, and in the words of a page or of paper.

It names people and their numbers: it is for whoever the association trusts with them, and is kept nowhere.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from guinguette.domain.clock import PARIS
from guinguette.domain.errors import N_
from guinguette.domain.site_words import SIGNALS, YES_NO
from guinguette.domain.states import UNSURE, EveningState, Venue
from guinguette.domain.text import upper_first
from guinguette.publishing import agreements
from guinguette.publishing.agreements import Signature, Terms
from guinguette.publishing.facts import LINE, PARAGRAPH, line, name
from guinguette.publishing.paper import render
from guinguette.publishing.words import Translate, day_words, drive_words, hour_words

#: What each fact is called (``Fact.name``).
LABELS: dict[str, str] = {
    "ask": N_("À demander"),
    "power": N_("Électricité"),
    "water": N_("Eau potable"),
    "toilets": N_("Toilettes"),
    "keys": N_("Clés"),
    "parking": N_("Voitures sur place"),
    "coverage": N_("Réseau mobile"),
    "rain": N_("S’il pleut"),
    "rain_keys": N_("Clés de la salle"),
    "taken": N_("Salle"),
    "permit": N_("Buvette"),
    "ours": N_("À emporter"),
    "host": N_("Le village apporte"),
    "public": N_("Personnes attendues"),
    "music": N_("Programme"),
    "food": N_("À manger"),
    "money": N_("Prix et paiement"),
    "agreed": N_("Accord du village"),
}
_LEAVE = N_("Départ\u00a0: {place}")
_UNKNOWN_WAY = N_("Trajet inconnu\u00a0: le village n’est pas placé sur la carte.")
_SET_UP = N_("Arrivée et installation")
_DECIDE = N_("Confirmer\u00a0: dehors ou salle")
_OPEN, _CLOSE = N_("Ouverture"), N_("Fin de la soirée")
_HOME = N_("Camion rangé, retour\u00a0: {place}")
_PACKED = N_("Camion rangé")
_STAY = N_("Camion rangé, il reste au village")
_BACK = N_("Arrivée\u00a0: {place}")
_NEXT = N_("Départ\u00a0: {day}, à {hour}, pour {place} ({driven}).")
_REST = N_("Repos de l’équipe jusqu’à {hour}.")
_TAKEN = N_("Prise ce jour-là\u00a0: {what}")
_TAKEN_BY_SOMEBODY = N_("Prise ce jour-là.")
_ASKED, _NOT_ASKED = N_("autorisation demandée"), N_("demande pas encore notée")
_NOBODY = N_("Aucune personne à appeler n’est notée pour ce village.")
#: What is said once and the same in the agreement with the village (``publishing.agreements.LABELS``).
_AGREED_ON = ("power", "permit", "host")
_AUTHOR = "La Guinguette mobile"
#: How many people a page names: whoever has more of them has the screen.
_MOST_PEOPLE = 8
_AND_MORE = "et {count} de plus, sur la page de la feuille"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to ring: ``phone`` in E.164 and ``spoken`` as France reads it, both empty where nobody knows it."""

    name: str
    role: str
    phone: str = ""
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A pitch or a hall; latitude and longitude in degrees (WGS 84), null where nobody has placed it."""

    name: str
    address: str = ""
    access: str = ""
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A drive, its ends by name. ``by_road`` where its time comes from a road server, else it is estimated."""

    origin: str
    destination: str
    metres: int
    seconds: int
    by_road: bool


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a van that stays out goes next, by which way, and when it leaves for it (aware)."""

    date: dt.date
    way: Way
    leaves_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSheet:
    """The day of one van. Instants are aware; ``way`` and ``leaves_at`` are null where the village is on no map.

    It drives home by ``home``, or stays for ``onward``; neither where nobody knows the way. ``place`` is where the
    evening stands, its ``pitch`` or its ``hall``; ``hall_taken`` what the hall is taken for on the day (null: it is
    free); ``centre`` is the village's (degrees, latitude first); ``change_note`` why something has changed.
    ``unknown`` are the names (French) of what nobody has said yet, to be asked of ``people``; ``left`` what is still
    to be done. ``water``, ``toilets`` and ``coverage`` are words of ``domain.site_words``, or empty.
    """

    evening: str
    commune: str
    insee: str
    date: dt.date
    van: str
    van_slug: str
    tour: str
    state: EveningState
    venue: Venue
    change_note: str
    way: Way | None
    home: Way | None
    onward: Onward | None
    leaves_at: dt.datetime | None
    sets_up_at: dt.datetime
    decides_at: dt.datetime | None
    opens_at: dt.datetime
    closes_at: dt.datetime
    packed_at: dt.datetime
    back_at: dt.datetime | None
    rested_at: dt.datetime
    place: Place | None
    centre: tuple[float, float] | None
    pitch: Place | None
    hall: Place | None
    hall_taken: str | None
    keys: Person | None
    hall_keys: Person | None
    water: str
    toilets: str
    coverage: str
    parking: int | None
    terms: Terms
    permit_asked: bool
    public: int
    artists: str
    partner: str
    food: str
    agreed: Signature | None
    people: tuple[Person, ...]
    unknown: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def point(self) -> tuple[float, float] | None:
        """Return where the evening stands (latitude, longitude), null where nobody has placed it."""
        if self.place is None or self.place.lat is None or self.place.lon is None:
            return None
        return self.place.lat, self.place.lon

    @property
    def to_ring(self) -> Person | None:
        """Return the first person who can be rung about what is not known."""
        return next((each for each in self.people if each.phone), None)


@dataclass(frozen=True, slots=True)
class Step:
    """A moment of the day: when (aware), what, and what more there is to say. ``main`` ones stand out."""

    at: dt.datetime
    title: str
    more: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What there is on site: its name in ``LABELS``, its label, the fact, more about it, whom to ring for it."""

    name: str
    label: str
    first: str
    more: str = ""
    ring: Person | None = None


def driven(way: Way, translate: Translate, locale: str) -> str:
    """Return « 38 km, 45 min », and that it is estimated where no road server was asked."""
    return drive_words(way.metres, way.seconds, by_road=way.by_road, translate=translate, locale=locale)


def hour(at: dt.datetime, locale: str) -> str:
    """Return the hour of Paris in words."""
    return hour_words(at.astimezone(PARIS).time(), locale)


def steps(sheet: RunSheet, translate: Translate, locale: str) -> list[Step]:
    """Return the day, moment by moment."""
    access = sheet.place.access if sheet.place else ""
    found = [
        Step(sheet.sets_up_at, translate(_SET_UP), access, main=True),
        Step(sheet.opens_at, translate(_OPEN), sheet.artists, main=True),
        Step(sheet.closes_at, translate(_CLOSE)),
        *_way_out(sheet, translate, locale),
    ]
    if sheet.way is not None and sheet.leaves_at is not None:
        leave = translate(_LEAVE).format(place=sheet.way.origin)
        found.append(Step(sheet.leaves_at, leave, driven(sheet.way, translate, locale)))
    if sheet.decides_at is not None:
        found.append(Step(sheet.decides_at, translate(_DECIDE), sheet.hall.name if sheet.hall else "", main=True))
    return sorted(found, key=lambda step: step.at)


def _way_out(sheet: RunSheet, translate: Translate, locale: str) -> Iterator[Step]:
    rest = translate(_REST).format(hour=hour(sheet.rested_at, locale))
    if sheet.home is not None and sheet.back_at is not None:
        title = translate(_HOME).format(place=sheet.home.destination)
        yield Step(sheet.packed_at, title, driven(sheet.home, translate, locale))
        yield Step(sheet.back_at, translate(_BACK).format(place=sheet.home.destination), rest)
    elif sheet.onward is not None:
        later = sheet.onward
        on = translate(_NEXT).format(
            day=day_words(later.date, locale),
            hour=hour(later.leaves_at, locale),
            place=later.way.destination,
            driven=driven(later.way, translate, locale),
        )
        yield Step(sheet.packed_at, translate(_STAY), f"{on} {rest}")
    else:
        yield Step(sheet.packed_at, translate(_PACKED), translate(_UNKNOWN_WAY))


def facts(sheet: RunSheet, translate: Translate, locale: str) -> list[Fact]:
    """Return what there is on site and what is to be asked first; what nobody has said is nowhere else."""
    return [fact for fact in _facts(sheet, translate, locale) if fact.first]


def _facts(sheet: RunSheet, translate: Translate, locale: str) -> Iterator[Fact]:
    def fact(key: str, first: str, more: str = "", ring: Person | None = None) -> Fact:
        return Fact(key, translate(LABELS[key]), upper_first(first), more, ring)

    agreed = {term.name: term.words for term in agreements.lines(sheet.terms, translate, locale)}
    said = {term: agreed.get(term, "") for term in _AGREED_ON}
    asked = ", ".join(translate(each) for each in sheet.unknown)
    yield fact("ask", asked, "" if sheet.to_ring else translate(_NOBODY), sheet.to_ring)
    yield fact("power", said["power"])
    for there, answer in (("water", sheet.water), ("toilets", sheet.toilets)):
        yield fact(there, translate(YES_NO[answer]) if answer else "")
    if sheet.keys:
        yield fact("keys", sheet.keys.name, sheet.keys.role, sheet.keys)
    yield fact("parking", "" if sheet.parking is None else str(sheet.parking))
    yield fact("coverage", translate(SIGNALS[sheet.coverage]) if sheet.coverage else "")
    if sheet.venue is Venue.HALL:
        yield fact("taken", _taken(sheet, translate))
    elif sheet.hall:
        yield fact("rain", ", ".join(filter(None, (sheet.hall.name, sheet.hall.address))), _taken(sheet, translate))
    if sheet.hall_keys:
        yield fact("rain_keys", sheet.hall_keys.name, sheet.hall_keys.role, sheet.hall_keys)
    holder, state = sheet.terms.permit_holder, _ASKED if sheet.permit_asked else _NOT_ASKED
    yield fact("permit", holder or said["permit"], translate(state) if holder else "")
    more = [thing for thing in sheet.terms.ours if thing not in agreements.THINGS]  # the van and its bar always come
    yield fact("ours", agreements.things(more, translate))
    yield fact("host", said["host"])
    yield fact("public", str(sheet.public))
    yield fact("music", sheet.artists, sheet.partner)
    yield fact("food", sheet.food)
    yield fact("money", ". ".join(filter(None, (sheet.terms.prices, sheet.terms.payment))))
    yield fact("agreed", agreements.signed(sheet.agreed) if sheet.agreed else "")


def _taken(sheet: RunSheet, translate: Translate) -> str:
    if sheet.hall_taken is None:
        return ""
    return translate(_TAKEN).format(what=sheet.hall_taken) if sheet.hall_taken else translate(_TAKEN_BY_SOMEBODY)


def paper(sheets: Sequence[RunSheet], *, phone: str, at: dt.datetime) -> bytes:
    """Return the sheets as a PDF, a page of A4 for each, in French.

    ``phone`` is the association's ("" where nobody has said), ``at`` the instant that dates the file.
    """
    first = sheets[0]
    van, monday = line(first.van, LINE), first.date - dt.timedelta(days=first.date.weekday())
    title = (
        f"Feuille de route de {van}, {day_words(first.date, 'fr', year=True)}"
        if len(sheets) == 1
        else f"Feuilles de route de {van}, semaine du {day_words(monday, 'fr', year=True)}"
    )
    office = f"Bureau de l’association\u00a0: {phone}. ".replace(" ", "\u00a0") if phone else ""
    data = {
        "title": title,
        "author": _AUTHOR,
        "footer": f"{office}Cette feuille nomme des personnes\u00a0: ne la laissez pas traîner.",
        "sheets": [_page(each) for each in sheets],
    }
    return render("feuille-de-route", data, format="pdf", at=at)


def _page(sheet: RunSheet) -> dict[str, Any]:
    place = sheet.place
    return {
        "village": name(sheet.commune),
        "day": upper_first(day_words(sheet.date, "fr", year=True)),
        "van": line(f"{sheet.van}, {sheet.tour}", LINE),
        "unsure": "À confirmer" if sheet.state in UNSURE else "",
        "place": _set(place.name if place else "Emplacement à demander"),
        "address": _set(place.address) if place else "",
        "point": "GPS\u00a0: {:.5f}, {:.5f}".format(*sheet.point) if sheet.point else "",
        "way": _set(f"Depuis {sheet.way.origin}\u00a0: {driven(sheet.way, str, 'fr')}" if sheet.way else _UNKNOWN_WAY),
        "note": _set(sheet.change_note, PARAGRAPH),
        "leave": hour(sheet.leaves_at, "fr") if sheet.leaves_at else "",
        "steps": [
            {"at": hour(each.at, "fr"), "title": _set(each.title), "more": _set(each.more), "main": each.main}
            for each in steps(sheet, str, "fr")
        ],
        "facts": [
            {"label": each.label, "first": _set(each.first, PARAGRAPH), "more": _set(", ".join(_said(each)))}
            for each in facts(sheet, str, "fr")
        ],
        "people": [
            {"name": _set(each.name), "role": _set(each.role), "phone": each.spoken or "pas de numéro"}
            for each in sheet.people[:_MOST_PEOPLE]
        ],
        "others": _AND_MORE.format(count=len(sheet.people) - _MOST_PEOPLE) if sheet.people[_MOST_PEOPLE:] else "",
        "left": [_set(each) for each in sheet.left],
    }


def _said(fact: Fact) -> list[str]:
    """Return what stands below a fact on paper: whom to ring by name where the fact is not that name."""
    ring = fact.ring
    who = ring.name if ring and ring.name != fact.first else ""
    return [each for each in (fact.more, who, ring.spoken if ring else "") if each]


def _set(text: str, most: int = LINE) -> str:
    return line(text, most)
