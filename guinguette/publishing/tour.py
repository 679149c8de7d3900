"""The one frozen value that every map, feed, page and SMS reads: a published version of a tour.

It is stored as JSON in ``models.Publication.payload``; ``to_json``/``from_json`` are inverse of each other.
"""

import datetime as dt
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from guinguette.domain.states import ALIVE, EveningState, Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPlace:
    """A pitch or a hall: name, postal address, degrees WGS 84 (null where nobody has said), access in words."""

    name: str
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    access: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEvening:
    """An evening as people see it. Hours are local; ``created_at`` and ``updated_at`` are UTC instants of its row.

    ``lat``/``lon`` are the place's where known, else the commune's. ``sequence`` is RFC 5545's.
    ``postponed_to`` is the id of the evening that replaces it (null where that one was called off in its turn, and none
    came after it), ``postponed_to_date`` its date, ``postponed_to_sure`` whether that date is agreed (it was taken to
    be, before versions said so). ``previous_date`` and ``previous_starts_at`` are when an earlier version announced it,
    both null where it never moved.
    """

    id: str
    insee: str
    commune: str
    postcode: str
    epci: str
    epci_name: str
    lat: float
    lon: float
    date: dt.date
    starts_at: dt.time
    ends_at: dt.time
    state: EveningState
    venue: Venue
    vehicle: str
    sequence: int
    created_at: dt.datetime
    updated_at: dt.datetime
    pitch: PublishedPlace | None = None
    hall: PublishedPlace | None = None
    change_note: str = ""
    postponed_to: str | None = None
    postponed_to_date: dt.date | None = None
    postponed_to_sure: bool = True
    previous_date: dt.date | None = None
    previous_starts_at: dt.time | None = None
    artists: str = ""
    partner: str = ""
    food: str = ""
    prices: str = ""
    payment: str = ""
    description: str = ""
    host: str = ""

    @property
    def place(self) -> PublishedPlace | None:
        """Return where it takes place: the hall once moved there, else the pitch."""
        return self.hall if self.venue is Venue.HALL else self.pitch

    @property
    def alive(self) -> bool:
        """Tell whether people should come (not cancelled, not postponed)."""
        return self.state in ALIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTour:
    """A tour as published: ``number`` is its version, ``evenings`` in order of date, then commune."""

    slug: str
    name: str
    season: str
    number: int
    published_at: dt.datetime
    presentation: str = ""
    evenings: tuple[PublishedEvening, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: dates, times and instants in ISO 8601, states by value."""
        plain: dict[str, Any] = _plain(self)
        return plain

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "PublishedTour":
        """Build the tour from ``to_json``'s values."""
        return cls(
            **{
                **data,
                "published_at": dt.datetime.fromisoformat(data["published_at"]),
                "evenings": tuple(_evening(item) for item in data["evenings"]),
            }
        )


def _plain(value: Any) -> Any:
    if is_dataclass(value):  # ``asdict`` copies each value first, which a country's evenings take seconds for
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value.value if isinstance(value, EveningState | Venue) else value


def _evening(data: dict[str, Any]) -> PublishedEvening:
    later, before, hour = (data.get(key) for key in ("postponed_to_date", "previous_date", "previous_starts_at"))
    return PublishedEvening(
        **{
            **data,
            "date": dt.date.fromisoformat(data["date"]),
            "starts_at": dt.time.fromisoformat(data["starts_at"]),
            "ends_at": dt.time.fromisoformat(data["ends_at"]),
            "state": EveningState(data["state"]),
            "venue": Venue(data["venue"]),
            "created_at": dt.datetime.fromisoformat(data["created_at"]),
            "updated_at": dt.datetime.fromisoformat(data["updated_at"]),
            "postponed_to_date": dt.date.fromisoformat(later) if later else None,
            "previous_date": dt.date.fromisoformat(before) if before else None,
            "previous_starts_at": dt.time.fromisoformat(hour) if hour else None,
            "pitch": PublishedPlace(**data["pitch"]) if data["pitch"] else None,
            "hall": PublishedPlace(**data["hall"]) if data["hall"] else None,
        }
    )
