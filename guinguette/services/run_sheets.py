"""The days of a tour's vans: where each wakes up, when it leaves, what its crew must know (« feuilles de route »).

Nothing here knows who asks: the desk's pages do, and a crew's own page could. What is returned names people and their
numbers, and is to be shown to whoever the association trusts with them alone.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from sqlalchemy.orm import Session

from guinguette.adapters.phone_numbers import spaced
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, paris_instant
from guinguette.domain.errors import N_, NotFound
from guinguette.domain.states import EveningState, Venue
from guinguette.models import Contact, Evening, FallbackVenue, Pitch, Tour
from guinguette.publishing.run_sheets import Onward, Person, Place, RunSheet, Way
from guinguette.services import (
    agreements,
    evening_queries,
    halls,
    hosts,
    planning,
    preparations,
    rules,
    site_sheet,
    sites,
)
from guinguette.services.planning import Drive
from guinguette.services.preparations import Checklist
from guinguette.services.sites import Site

_FIVE_MINUTES = 5 * 60
#: What a crew asks of a place before it leaves (``site_sheet.QUESTIONS``).
_ASKED = frozenset({"place", "power", "water", "toilets", "coverage", "keys"})
#: Tasks that the day itself has an hour for.
_TIMED = frozenset({"weather", "weather_sure", "held"})


@dataclass(frozen=True, slots=True)
class Times:
    """The instants of a day, in the time of Paris. A van leaves in time to set up, and the crew rests once it is in."""

    leaves_at: dt.datetime | None
    sets_up_at: dt.datetime
    decides_at: dt.datetime | None
    opens_at: dt.datetime
    closes_at: dt.datetime
    packed_at: dt.datetime
    back_at: dt.datetime | None
    rested_at: dt.datetime

    @property
    def over_at(self) -> dt.datetime:
        """Return when the van stands for the night, at home or where it was packed."""
        return self.back_at or self.packed_at


@dataclass(frozen=True, slots=True)
class Day:
    """A van's day: ``drives`` there, and home where it ends there (none where the village is on no map).

    ``wakes_at`` names where the van is in the morning, its depot or the village before; ``stays_for`` is its next day
    where it does not go home.
    """

    evening: Evening
    wakes_at: str
    drives: tuple[Drive, ...]
    stays_for: "Day | None"
    times: Times

    @property
    def there(self) -> Way | None:
        """Return the drive to the evening."""
        return self._way(self.drives[0], self.wakes_at, self.evening.commune.name) if self.drives else None

    @property
    def home(self) -> Way | None:
        """Return the drive back to the depot."""
        if not self.drives[1:]:
            return None
        return self._way(self.drives[1], self.evening.commune.name, self.evening.vehicle.depot_name)

    def _way(self, drive: Drive, origin: str, destination: str) -> Way:
        return Way(origin, destination, drive.metres, drive.seconds, drive.by_road)


def days(session: Session, tour: Tour, van: str = "") -> list[Day]:
    """Return the days of a published tour's vans, or of one (its slug), in order; as many queries for one as for all.

    They are the legs of season-format.md: directly to the next village where the van may stay out, else by the depot.
    Raises ``NotFound`` where the tour is not published.
    """
    if not tour.published_version:
        raise NotFound(N_("Cette tournée n’est pas encore publiée : elle n’a pas de feuille de route."))
    evenings = [each for each in evening_queries.alive_evenings(session, tour) if van in ("", each.vehicle.slug)]
    drives = planning.day_drives(session, tour, evenings)
    names = {each.commune_insee: each.commune.name for each in evenings}
    rule = rules.reader(session)
    found: list[Day] = []
    following: dict[int, Day] = {}  # by van
    for evening in reversed(evenings):
        ways = drives.get((evening.commune_insee, evening.date, evening.vehicle_id), ())
        # whoever goes home drives twice, and after the last evening every van does
        after = following[evening.vehicle_id] if len(ways) == 1 else None
        origin = names.get(ways[0].origin if ways else "", evening.vehicle.depot_name)
        day = Day(evening, origin, ways, after, _times(evening, ways, rule))
        found.append(day)
        if ways:
            following[evening.vehicle_id] = day
    return found[::-1]


def sheet(session: Session, tour: Tour, date: dt.date, van: str, *, clock: Clock, vault: Vault) -> RunSheet:
    """Return what the crew of a van (its slug) must know on a day. Raises ``NotFound`` where it has no evening."""
    return _sheets(session, tour, van, [date], clock, vault)[0]


def week(session: Session, tour: Tour, date: dt.date, van: str, *, clock: Clock, vault: Vault) -> list[RunSheet]:
    """Return the sheets of a van from Monday to Sunday of a date's week. Raises ``NotFound`` where it has none."""
    monday = date - dt.timedelta(days=date.weekday())
    return _sheets(session, tour, van, [monday + dt.timedelta(days=more) for more in range(7)], clock, vault)


def _times(evening: Evening, drives: Sequence[Drive], rule: rules.Reader) -> Times:
    def minutes(key: str) -> dt.timedelta:
        return dt.timedelta(minutes=rule(key, evening.date).value)

    def hours(key: str) -> dt.timedelta:
        return dt.timedelta(hours=rule(key, evening.date).value)

    opens = paris_instant(evening.date, evening.starts_at)
    last = evening.date + dt.timedelta(days=evening.ends_at <= evening.starts_at)
    closes = paris_instant(last, evening.ends_at)
    sets_up, packed = opens - minutes("setup_minutes"), closes + minutes("teardown_minutes")
    leaves = _earlier(sets_up - dt.timedelta(seconds=drives[0].seconds)) if drives else None
    back = _later(packed + dt.timedelta(seconds=drives[1].seconds)) if drives[1:] else None
    decides = opens - hours("weather_hours_before") if evening.venue == Venue.PITCH else None
    return Times(leaves, sets_up, decides, opens, closes, packed, back, (back or packed) + hours("daily_rest_hours"))


def _earlier(at: dt.datetime) -> dt.datetime:
    """Return the instant or up to five minutes before: nobody leaves at 14:07."""
    return at - dt.timedelta(seconds=at.timestamp() % _FIVE_MINUTES)


def _later(at: dt.datetime) -> dt.datetime:
    return at + dt.timedelta(seconds=-at.timestamp() % _FIVE_MINUTES)


def _sheets(
    session: Session, tour: Tour, van: str, dates: Sequence[dt.date], clock: Clock, vault: Vault
) -> list[RunSheet]:
    shown = [each for each in days(session, tour, van) if each.evening.date in dates]
    if not shown:
        raise NotFound(N_("Ce camion n’a pas de soirée ce jour-là."))
    evenings = [each.evening for each in shown]
    people = hosts.to_ring(session, {each.commune_insee for each in evenings})
    tasks = preparations.of_all(session, evenings, clock)
    return [
        _sheet(session, each, people.get(each.evening.commune_insee, ()), tasks.get(each.evening.id), vault)
        for each in shown
    ]


def _sheet(session: Session, day: Day, people: Sequence[Contact], tasks: Checklist | None, vault: Vault) -> RunSheet:
    evening, times, after = day.evening, day.times, day.stays_for
    indoors = evening.venue == Venue.HALL
    pitch, hall = None if indoors else evening.pitch, evening.fallback_venue
    place = hall if indoors else pitch
    lat, lon = evening.commune.lat, evening.commune.lon
    taken = halls.clash(session, evening) or halls.no_shelter(session, evening)
    agreed = agreements.latest(session, evening)
    todo = [*tasks.village, *tasks.association] if tasks else []
    onward = None
    if after is not None and after.there is not None and after.times.leaves_at is not None:
        onward = Onward(after.evening.date, after.there, after.times.leaves_at)
    return RunSheet(
        evening=evening.id,
        commune=evening.commune.name,
        insee=evening.commune_insee,
        date=evening.date,
        van=evening.vehicle.name,
        van_slug=evening.vehicle.slug,
        tour=evening.tour.name,
        state=EveningState(evening.state),
        venue=Venue(evening.venue),
        change_note=evening.change_note,
        way=day.there,
        home=day.home,
        onward=onward,
        **{field.name: getattr(times, field.name) for field in fields(times)},
        place=_place(place),
        centre=(lat, lon) if lat is not None and lon is not None else None,
        pitch=_place(evening.pitch),
        hall=_place(hall),
        hall_taken=taken.what if taken else None,
        keys=_keeper(place, vault),
        hall_keys=None if indoors else _keeper(hall, vault),
        water=pitch.water if pitch else "",
        toilets=pitch.toilets if pitch else "",
        coverage=pitch.coverage if pitch else "",
        parking=pitch.parking if pitch else None,
        terms=agreements.terms_of(session, evening),
        permit_asked=any(task.kind == "permit" and task.done for task in todo),
        public=site_sheet.expected_public(session, evening.commune, evening.date).people,
        artists=evening.artists,
        partner=evening.partner,
        food=evening.food,
        agreed=agreements.signature(agreed) if agreed else None,
        people=tuple(_person(each, vault) for each in people),
        unknown=tuple(_unknown(evening, pitch, hall)),
        left=tuple(task.title for task in todo if task.done is None and task.kind not in _TIMED),
    )


def _place(site: Site | None) -> Place | None:
    if site is None:
        return None
    access = site.access if isinstance(site, Pitch) else ""
    return Place(site.name, site.address, access, site.lat, site.lon)


def _keeper(site: Site | None, vault: Vault) -> Person | None:
    keeper = site.keys_contact if site else None
    return _person(keeper, vault) if keeper and keeper.archived_at is None else None


def _person(contact: Contact, vault: Vault) -> Person:
    phone = hosts.number_of(contact, vault)
    return Person(contact.name, contact.role, phone, spaced(phone) if phone else "")


def _unknown(evening: Evening, pitch: Pitch | None, hall: FallbackVenue | None) -> Iterator[str]:
    """Yield the names (French) of what a crew needs to know of the places and nobody has said."""
    if evening.venue == Venue.PITCH:
        if pitch is None:
            yield N_("l’emplacement")
        else:
            asked = (each for each in site_sheet.QUESTIONS["emplacement"] if each.key in _ASKED)
            yield from (each.name for each in asked if not each.known(pitch, 0) and not _plugged(each.key, pitch))
    if hall is None:
        yield N_("la salle s’il pleut")
    else:
        asked = (each for each in site_sheet.QUESTIONS["salle"] if each.key in _ASKED)
        yield from (each.name for each in asked if not each.known(hall, 0))


def _plugged(key: str, pitch: Pitch) -> bool:
    """Tell whether it is the power, said in words of one's own: enough to plug in by."""
    return key == "power" and sites.plug_known(pitch)
