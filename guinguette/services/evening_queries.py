"""Evenings as other use cases ask for them."""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from guinguette.domain.errors import N_, NotFound
from guinguette.domain.states import TO_COME, EveningState, Venue
from guinguette.models import Commune, Evening, FallbackVenue, Tour

_CALLED_OFF = (EveningState.CANCELLED.value, EveningState.POSTPONED.value)
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/i/l: an address may be read out on the telephone

# The evening that replaces a postponed one is of the same tour, and so among those loaded.
_READ_OF_EACH = (
    joinedload(Evening.commune, innerjoin=True).joinedload(Commune.epci),
    joinedload(Evening.vehicle, innerjoin=True),
    joinedload(Evening.pitch),
    joinedload(Evening.fallback_venue),
    joinedload(Evening.permit_holder),
)


def new_id() -> str:
    """Return eight random letters and digits: the evening's address for ever."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))


def coming_to(session: Session, insee: str, day: dt.date) -> Sequence[Evening]:
    """Return a commune's evenings awaited from ``day`` on, in tours in use, by date, with their places."""
    query = (
        select(Evening)
        .join(Evening.tour)
        .where(
            Evening.commune_insee == insee,
            Evening.date >= day,
            Evening.state.in_(TO_COME),
            Tour.archived_at.is_(None),
        )
        .order_by(Evening.date, Evening.id)
        .options(contains_eager(Evening.tour), joinedload(Evening.pitch), joinedload(Evening.fallback_venue))
    )
    return session.scalars(query).all()


def first_venue(tour: Tour, hall: FallbackVenue | int | None) -> Venue:
    """Return where a new evening of this tour takes place: in its hall (or the id of one), where the tour asks
    for one and it is known.
    """
    return Venue.HALL if tour.hall_required and hall is not None else Venue.PITCH


def get(session: Session, evening_id: str) -> Evening:
    """Return the evening; raise ``NotFound``."""
    evening = session.get(Evening, evening_id)
    if evening is None:
        raise NotFound(N_("Cette soirée n’existe pas."))
    return evening


def of_tour(session: Session, tour: Tour) -> list[Evening]:
    """Return every evening of a tour, the called off ones too, by date, then commune.

    What freezing and the organiser's pages read of each comes in the same query.
    """
    return list(
        session.scalars(
            select(Evening)
            .where(Evening.tour_id == tour.id)
            .order_by(Evening.date, Evening.commune_insee, Evening.id)
            .options(*_READ_OF_EACH)
        )
    )


def to_come(session: Session) -> list[Evening]:
    """Return the evenings of all tours in use that are still awaited, by date, as ``of_tour`` reads them."""
    return list(
        session.scalars(
            select(Evening)
            .join(Evening.tour)
            .where(Tour.archived_at.is_(None), Evening.state.in_(TO_COME))
            .order_by(Evening.date, Evening.commune_insee, Evening.id)
            .options(*_READ_OF_EACH, joinedload(Evening.tour, innerjoin=True))
        )
    )


def alive_evenings(session: Session, tour: Tour) -> list[Evening]:
    """Return the evenings of a tour that are neither cancelled nor postponed, in order."""
    return [e for e in of_tour(session, tour) if is_alive(e)]


def given_up(evenings: Iterable[Evening]) -> set[tuple[str, dt.date]]:
    """Return (INSEE code, date) of what was called off with a reason: its village does not get that date again."""
    return {(e.commune_insee, e.date) for e in evenings if not is_alive(e) and e.change_note}


def is_alive(evening: Evening) -> bool:
    """Tell whether the evening is neither cancelled nor postponed."""
    return evening.state not in _CALLED_OFF


def is_settled(evening: Evening, day: dt.date) -> bool:
    """Tell whether no plan may move the evening any more on ``day``: it is past, under way tonight, or was held."""
    return evening.date <= day or evening.state == EveningState.HELD
