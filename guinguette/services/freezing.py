"""A tour's rows, frozen into the value that every map, feed, page and SMS reads."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any, TypeVar

from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.states import UNSURE, EveningState, Venue
from guinguette.domain.text import printable
from guinguette.models import Evening, FallbackVenue, Pitch, Tour
from guinguette.publishing.tour import PublishedEvening, PublishedPlace, PublishedTour

_Frozen = TypeVar("_Frozen", PublishedTour, PublishedEvening, PublishedPlace)


def freeze(
    tour: Tour, evenings: list[Evening], at: dt.datetime, *, before: PublishedTour | None = None
) -> PublishedTour:
    """Return the tour as published at the UTC instant ``at``, with all its evenings, the called off ones too.

    ``before`` is the version that this one follows: an evening that has moved since says from when.
    """
    known = {evening.id: evening for evening in before.evenings} if before else {}
    evenings_now = (freeze_evening(each) for each in sorted(evenings, key=lambda e: (e.date, e.commune.name, e.id)))
    frozen = PublishedTour(
        slug=tour.slug,
        name=tour.name,
        season=tour.season,
        number=tour.published_version,
        published_at=at,
        presentation=tour.presentation,
        evenings=tuple(_moved_from(each, known.get(each.id)) for each in evenings_now),
    )
    return _printable(frozen)


def _moved_from(now: PublishedEvening, before: PublishedEvening | None) -> PublishedEvening:
    if before is None:
        return now
    if (before.date, before.starts_at) != (now.date, now.starts_at):
        return replace(now, previous_date=before.date, previous_starts_at=before.starts_at)
    return replace(now, previous_date=before.previous_date, previous_starts_at=before.previous_starts_at)


def freeze_evening(evening: Evening) -> PublishedEvening:
    """Return one evening as people see it. Raises ``InvalidInput`` where neither place nor commune has a position."""
    commune, later = evening.commune, evening.replacement
    pitch, hall = _pitch(evening.pitch), _hall(evening.fallback_venue)
    place = hall if evening.venue == Venue.HALL else pitch
    lat = place.lat if place and place.lat is not None else commune.lat
    lon = place.lon if place and place.lon is not None else commune.lon
    if lat is None or lon is None:
        raise InvalidInput(N_("{commune} n’a pas de position connue : placez son emplacement."), commune=commune.name)
    frozen = PublishedEvening(
        id=evening.id,
        insee=commune.insee,
        commune=commune.name,
        postcode=commune.postcodes.split(" ")[0],
        epci=commune.epci_siren or "",
        epci_name=commune.epci.name if commune.epci else "",
        lat=lat,
        lon=lon,
        date=evening.date,
        starts_at=evening.starts_at,
        ends_at=evening.ends_at,
        state=EveningState(evening.state),
        venue=Venue(evening.venue),
        vehicle=evening.vehicle.name,
        sequence=evening.sequence,
        created_at=evening.created_at,
        updated_at=evening.updated_at,
        pitch=pitch,
        hall=hall,
        change_note=evening.change_note,
        postponed_to=later.id if later else None,
        postponed_to_date=later.date if later else None,
        postponed_to_sure=later is None or later.state not in UNSURE,
        artists=evening.artists,
        partner=evening.partner,
        food=evening.food,
        prices=evening.prices,
        payment=evening.payment,
        description=evening.description,
        host=evening.permit_holder.name if evening.permit_holder else evening.partner,
    )
    return _printable(frozen)


def _printable(frozen: _Frozen) -> _Frozen:
    """Return the value with no character in its texts that a page must not hold: pasted, they come with old files."""
    values: dict[str, Any] = {field.name: getattr(frozen, field.name) for field in fields(frozen)}
    texts: dict[str, Any] = {
        name: text for name, value in values.items() if type(value) is str and (text := printable(value)) != value
    }
    return replace(frozen, **texts) if texts else frozen  # a country's evenings are not copied for nothing


def _pitch(pitch: Pitch | None) -> PublishedPlace | None:
    if pitch is None:
        return None
    frozen = PublishedPlace(name=pitch.name, address=pitch.address, lat=pitch.lat, lon=pitch.lon, access=pitch.access)
    return _printable(frozen)


def _hall(hall: FallbackVenue | None) -> PublishedPlace | None:
    if hall is None:
        return None
    return _printable(PublishedPlace(name=hall.name, address=hall.address, lat=hall.lat, lon=hall.lon))
