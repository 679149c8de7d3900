"""Rows for tests: ``make_x(session, **what_matters)`` adds, flushes and returns one. The rest has harmless defaults.

Commit before the client looks. Append only.
"""

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.states import EveningState, Venue
from guinguette.domain.text import fold
from guinguette.models import (
    Availability,
    Committee,
    Commune,
    CommuneRequest,
    Contact,
    Epci,
    Evening,
    FallbackVenue,
    Funding,
    Incident,
    Message,
    Photo,
    Pitch,
    Plan,
    PlannedEvening,
    Publication,
    Role,
    SolverRun,
    Subscriber,
    Subscription,
    Tour,
    TourDate,
    TourVehicle,
    User,
    Vehicle,
)
from guinguette.publishing.tour import PublishedEvening, PublishedPlace, PublishedTour
from guinguette.services import host_links
from guinguette.services.freezing import freeze
from tests.fakes import NOW

_numbers = itertools.count(1)
_Row = TypeVar("_Row")


def start_again() -> None:
    """Number from 1 again: what a test makes must not depend on the tests before it."""
    global _numbers  # noqa: PLW0603 - one count serves every factory
    _numbers = itertools.count(1)


def _number() -> int:
    return next(_numbers)


def _add(session: Session, row: _Row) -> _Row:
    session.add(row)
    session.flush()
    return row


def make_epci(session: Session, **values: Any) -> Epci:
    """An intercommunality."""
    return _add(session, Epci(**{"siren": f"2000{_number():05}", "name": "CA Saint-Dizier Der et Blaise"} | values))


def make_commune(session: Session, **values: Any) -> Commune:
    """A commune near Saint-Dizier, with an EPCI of its own unless ``epci`` or ``epci_siren`` is given."""
    number = _number()
    defaults: dict[str, Any] = {
        "insee": str(52_000 + number),  # later ones sort after earlier ones, however many there are
        "name": f"Village-{number}",
        "department": "52",
        "region": "44",
        "population": 300,
        "lat": 48.5 + number % 100 / 500,
        "lon": 4.8 + number % 90 / 500,
        "postcodes": "52100",
    }
    values = defaults | values
    values.setdefault("search_key", fold(values["name"]))
    if "epci" not in values and "epci_siren" not in values:
        values["epci"] = make_epci(session)
    return _add(session, Commune(**values))


def make_committee(session: Session, *, commune: Commune | None = None, **values: Any) -> Committee:
    """A comité des fêtes."""
    commune = commune or make_commune(session)
    defaults = {"name": f"Comité des fêtes de {commune.name}", "created_at": NOW}
    return _add(session, Committee(commune=commune, **(defaults | values)))


def make_contact(session: Session, *, committee: Committee | None = None, **values: Any) -> Contact:
    """A person of a committee, without telephone."""
    return _add(session, Contact(committee=committee or make_committee(session), **({"name": "Jeanne Petit"} | values)))


def make_pitch(session: Session, *, commune: Commune | None = None, **values: Any) -> Pitch:
    """A pitch."""
    defaults = {"name": "Place de l’Église", "address": "place de l’Église", "power_supply": "32 A", "capacity": 250}
    return _add(session, Pitch(commune=commune or make_commune(session), **(defaults | values)))


def make_hall(session: Session, *, commune: Commune | None = None, **values: Any) -> FallbackVenue:
    """A hall for rain."""
    defaults = {"name": "Salle des fêtes", "address": "rue du Lac", "capacity": 120}
    return _add(session, FallbackVenue(commune=commune or make_commune(session), **(defaults | values)))


def make_vehicle(session: Session, **values: Any) -> Vehicle:
    """A van with its depot at Saint-Dizier."""
    number = _number()
    defaults = {
        "slug": f"van-{number}",
        "name": f"Camion {number}",
        "depot_name": "Saint-Dizier",
        "depot_lat": 48.6377,
        "depot_lon": 4.9489,
    }
    return _add(session, Vehicle(**(defaults | values)))


def make_tour(
    session: Session,
    *,
    dates: Iterable[dt.date] = (),
    vehicles: Iterable[Vehicle] = (),
    fundings: dict[str, int] | None = None,
    **values: Any,
) -> Tour:
    """A summer tour; ``dates`` and ``vehicles`` become rows, ``fundings`` maps an EPCI's siren to evenings."""
    number = _number()
    defaults = {
        "slug": f"ete-{number}",
        "name": f"Tournée d’été {number}",
        "season": "summer",
        "starts_at": dt.time(18),
        "ends_at": dt.time(22),
        "created_at": NOW,
    }
    tour = _add(session, Tour(**(defaults | values)))
    tour.dates = [TourDate(date=date) for date in dates]
    tour.vehicles = [TourVehicle(vehicle=vehicle) for vehicle in vehicles]
    tour.fundings = [Funding(epci_siren=siren, evenings=evenings) for siren, evenings in (fundings or {}).items()]
    session.flush()
    return tour


def make_request(
    session: Session,
    *,
    tour: Tour | None = None,
    commune: Commune | None = None,
    availabilities: dict[dt.date, str] | None = None,
    **values: Any,
) -> CommuneRequest:
    """What a commune asks of a tour; giving ``availabilities`` (date to level) marks it answered."""
    answered = {} if availabilities is None else {"answered_at": NOW, "answered_by": "téléphone"}
    request = CommuneRequest(
        tour=tour or make_tour(session), commune=commune or make_commune(session), **(answered | values)
    )
    request.availabilities = [Availability(date=day, level=level) for day, level in (availabilities or {}).items()]
    return _add(session, request)


def make_evening(
    session: Session,
    *,
    tour: Tour | None = None,
    commune: Commune | None = None,
    vehicle: Vehicle | None = None,
    **values: Any,
) -> Evening:
    """A confirmed evening on Saturday 19 June 2027, on a pitch, with a hall for rain; a vehicle of its own."""
    commune = commune or make_commune(session)
    defaults: dict[str, Any] = {
        "id": f"soir{_number():04}",
        "date": dt.date(2027, 6, 19),
        "starts_at": dt.time(18),
        "ends_at": dt.time(22),
        "state": EveningState.CONFIRMED.value,
        "created_at": NOW,
        "updated_at": NOW,
    }
    values = defaults | values
    if "pitch" not in values and "pitch_id" not in values:
        values["pitch"] = make_pitch(session, commune=commune)
    if "fallback_venue" not in values and "fallback_venue_id" not in values:
        values["fallback_venue"] = make_hall(session, commune=commune)
    return _add(
        session,
        Evening(tour=tour or make_tour(session), commune=commune, vehicle=vehicle or make_vehicle(session), **values),
    )


def make_run(session: Session, *, tour: Tour | None = None, **values: Any) -> SolverRun:
    """A queued run of the solver with an empty season."""
    defaults: dict[str, Any] = {"season": {}, "seconds_limit": 5, "created_at": NOW}
    return _add(session, SolverRun(tour=tour or make_tour(session), **(defaults | values)))


def make_plan(
    session: Session,
    *,
    tour: Tour | None = None,
    evenings: Iterable[tuple[Commune, dt.date, Vehicle]] = (),
    **values: Any,
) -> Plan:
    """A plan of a finished run with these (commune, date, vehicle)."""
    tour = tour or make_tour(session)
    defaults: dict[str, Any] = {"status": "feasible", "cost": 0, "bound": 0, "metres": 0, "created_at": NOW}
    defaults |= {"shown_at": values.get("created_at", NOW), "season_at": values.get("created_at", NOW)}
    defaults["run"] = values.get("run") or make_run(session, tour=tour, state="done", finished_at=NOW)
    plan = Plan(tour=tour, **(defaults | values))
    plan.evenings = [PlannedEvening(commune=c, date=d, vehicle=v) for c, d, v in evenings]
    return _add(session, plan)


def make_publication(session: Session, *, tour: Tour, evenings: Iterable[Evening] = (), **values: Any) -> Publication:
    """The next published version of a tour: its payload holds these evenings."""
    tour.published_version += 1
    payload = freeze(tour, list(evenings), NOW)
    defaults: dict[str, Any] = {
        "number": tour.published_version,
        "published_at": NOW,
        "published_by": "tests",
        "payload": payload.to_json(),
    }
    return _add(session, Publication(tour=tour, **(defaults | values)))


def published_evening(**values: Any) -> PublishedEvening:
    """A published evening without a database: Éclaron, Saturday 19 June 2027, confirmed, with a hall for rain."""
    defaults: dict[str, Any] = {
        "id": "eclaron1",
        "insee": "52182",
        "commune": "Éclaron-Braucourt-Sainte-Livière",
        "postcode": "52290",
        "epci": "200068666",
        "epci_name": "CA Saint-Dizier Der et Blaise",
        "lat": 48.57,
        "lon": 4.84,
        "date": dt.date(2027, 6, 19),
        "starts_at": dt.time(18),
        "ends_at": dt.time(22),
        "state": EveningState.CONFIRMED,
        "venue": Venue.PITCH,
        "vehicle": "Type H",
        "sequence": 0,
        "created_at": NOW,
        "updated_at": NOW,
        "pitch": PublishedPlace(name="Place de l’Église", address="place de l’Église"),
        "hall": PublishedPlace(name="Salle des fêtes", address="rue du Lac"),
    }
    return PublishedEvening(**(defaults | values))


def published_tour(*evenings: PublishedEvening, **values: Any) -> PublishedTour:
    """A published summer tour without a database, of these evenings."""
    defaults: dict[str, Any] = {
        "slug": "ete-2027",
        "name": "Tournée d’été 2027",
        "season": "summer",
        "number": 1,
        "published_at": NOW,
    }
    return PublishedTour(evenings=evenings, **(defaults | values))


def make_subscriber(
    session: Session, *, vault: Vault, phone: str = "+33639980001", scopes: Iterable[str] = (), **values: Any
) -> Subscriber:
    """A confirmed subscriber to ``scopes`` (each confirmed too)."""
    defaults: dict[str, Any] = {
        "phone_encrypted": vault.encrypt(phone),
        "phone_hash": vault.fingerprint(phone),
        "stop_token_hash": f"{_number():064}",
        "created_at": NOW,
        "confirmed_at": NOW,
    }
    subscriber = Subscriber(**(defaults | values))
    subscriber.subscriptions = [Subscription(scope=s, confirmed_at=NOW, created_at=NOW) for s in scopes]
    return _add(session, subscriber)


def make_message(
    session: Session, *, subscriber: Subscriber | None, evening: Evening | None = None, **values: Any
) -> Message:
    """A queued reminder, due now, that expires tomorrow."""
    defaults: dict[str, Any] = {
        "id": f"message{_number():05}",
        "kind": "reminder",
        "body": "Guinguette : demain à Éclaron, 18 h.",
        "segments": 1,
        "due_at": NOW,
        "expires_at": NOW + dt.timedelta(days=1),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return _add(session, Message(subscriber=subscriber, evening=evening, **(defaults | values)))


def make_user(session: Session, *, role: str | None = None, **values: Any) -> User:
    """An account without a password (it signs in by link or by the ``organiser_client`` fixture)."""
    number = _number()
    defaults = {"email": f"user{number}@example.org", "active": True, "fs_uniquifier": f"uniquifier-{number}"}
    user = User(**(defaults | values))
    if role is not None:
        row = session.scalar(select(Role).where(Role.name == role)) or Role(name=role)
        user.roles = [row]
    return _add(session, user)


def make_incident(session: Session, *, tour: Tour, **values: Any) -> Incident:
    """A storm over the whole tour on Saturday 19 June 2027."""
    day = dt.date(2027, 6, 19)
    defaults: dict[str, Any] = {
        "kind": "storm",
        "first": day,
        "last": day,
        "reason": "Tempête annoncée.",
        "reported_by": "tests",
        "created_at": NOW,
    }
    return _add(session, Incident(tour=tour, **(defaults | values)))


def make_photo(session: Session, **values: Any) -> Photo:
    """A photograph of whatever ``pitch_id``, ``hall_id`` or ``evening_id`` names."""
    defaults: dict[str, Any] = {"id": f"photo{_number():05}", "content": b"\xff\xd8\x00", "width": 4, "height": 3}
    return _add(session, Photo(**(defaults | {"added_at": NOW, "added_by": "Jeanne Petit"} | values)))


def make_host_link(session: Session, *, contact: Contact | None = None, at: dt.datetime = NOW) -> str:
    """A personal link that opens from ``at`` on; its token."""
    return host_links.new(session, contact or make_contact(session), at)
