"""The states of an evening and their legal moves: one table, here and in docs/glossary.md (product.md, "State").

Published is a version of the tour, not a state. Moving to the hall is a change of venue, not of state.
"""

from enum import StrEnum
from typing import Protocol

from guinguette.domain.errors import N_, Conflict


class EveningState(StrEnum):
    """Where an evening stands."""

    PROPOSED = "proposed"
    OPTION = "option"
    CONFIRMED = "confirmed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    HELD = "held"


class Venue(StrEnum):
    """Where in the village it takes place."""

    PITCH = "pitch"
    HALL = "hall"


TRANSITIONS: dict[EveningState, frozenset[EveningState]] = {
    EveningState.PROPOSED: frozenset(
        {EveningState.OPTION, EveningState.CONFIRMED, EveningState.CANCELLED, EveningState.HELD}
    ),
    EveningState.OPTION: frozenset(
        {EveningState.PROPOSED, EveningState.CONFIRMED, EveningState.CANCELLED, EveningState.HELD}
    ),
    EveningState.CONFIRMED: frozenset({EveningState.POSTPONED, EveningState.CANCELLED, EveningState.HELD}),
    EveningState.POSTPONED: frozenset(),
    EveningState.CANCELLED: frozenset(),
    EveningState.HELD: frozenset(),
}

#: The states in which the village has not agreed yet.
UNSURE = frozenset({EveningState.PROPOSED, EveningState.OPTION})

#: The states in which people will come, or may: these are drawn lit, counted and reminded of.
ALIVE = frozenset({EveningState.PROPOSED, EveningState.OPTION, EveningState.CONFIRMED, EveningState.HELD})


#: The states in which an evening is still awaited.
TO_COME = ALIVE - {EveningState.HELD}


class Placed(Protocol):
    """What tells where an evening takes place; ``models.Evening`` and ``PublishedEvening`` both have it."""

    @property
    def state(self) -> str: ...
    @property
    def venue(self) -> str: ...
    @property
    def pitch(self) -> object: ...
    @property
    def change_note(self) -> str: ...


def moved_to_hall(evening: Placed) -> bool:
    """Tell whether people must go to the hall instead of the pitch, for a reason they are told.

    In winter the hall is the place from the start; once held, cancelled or postponed, nobody has to go anywhere.
    """
    instead = evening.venue == Venue.HALL and evening.pitch is not None and bool(evening.change_note)
    return evening.state in TO_COME and instead


def check_move(old: EveningState, new: EveningState) -> None:
    """Raise ``Conflict`` unless an evening in state ``old`` may pass to ``new``."""
    if new not in TRANSITIONS[old]:
        raise Conflict(
            N_("Une soirée « {old} » ne peut pas devenir « {new} »."),
            old=STATE_NAMES[old],
            new=STATE_NAMES[new],
        )


#: French names, as on the pages; translated at the edge.
STATE_NAMES: dict[EveningState, str] = {
    EveningState.PROPOSED: N_("proposée"),
    EveningState.OPTION: N_("en option"),
    EveningState.CONFIRMED: N_("confirmée"),
    EveningState.POSTPONED: N_("reportée"),
    EveningState.CANCELLED: N_("annulée"),
    EveningState.HELD: N_("tenue"),
}
