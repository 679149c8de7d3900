"""What can be done to an evening: each move's words, its form, its use case, and when it is offered."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from guinguette.domain.errors import N_
from guinguette.domain.states import ALIVE, TRANSITIONS, EveningState, Venue
from guinguette.models import Evening
from guinguette.services import counter_offers, evenings, open_options, options
from guinguette.services.evenings import Act
from guinguette.web.forms.evenings import (
    AnswerForm,
    AttendanceForm,
    NothingToSay,
    OptionForm,
    PostponeForm,
    ProgrammeForm,
    ReasonForm,
    VersionedForm,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """``title`` is the French name of the move, ``sign`` its icon, ``help`` an example of a reason.

    ``tells``: people are told, so it is shown before it is done. ``grave``: it cannot be taken back.
    """

    title: str
    sign: str
    form: type[VersionedForm]
    carry_out: Callable[[Session, Evening, Act, Any], object]
    done: str
    help: str = ""
    tells: bool = False
    grave: bool = False


def _told(title: str, sign: str, act: Callable[..., object], *, done: str, example: str, grave: bool = False) -> Move:
    """Return the move that wants a reason alone, which people are told."""
    return Move(
        title=title,
        sign=sign,
        form=ReasonForm,
        carry_out=lambda session, evening, by, form: act(session, evening, by, reason=form.reason.data),
        done=done,
        help=example,
        tells=True,
        grave=grave,
    )


def _answer(session: Session, evening: Evening, act: Act, form: AnswerForm) -> None:
    """Write down what somebody has said on the telephone."""
    said = {"answered_by": form.answered_by.data or "", "note": form.note.data or ""}
    if form.answer.data == "countered":
        counter_offers.offer(session, evening, act, date=form.counter_date.data, **said)
    else:
        options.answer(session, evening, act, accepted=form.answer.data == "accepted", **said)


MOVES: dict[str, Move] = {
    "confirmer": Move(
        title=N_("Confirmer la soirée"),
        sign="ok",
        form=NothingToSay,
        carry_out=lambda session, evening, act, form: evenings.confirm(session, [evening], act),
        done=N_("La soirée est confirmée."),
    ),
    "option": Move(
        title=N_("Envoyer l’option"),
        sign="att",
        form=OptionForm,
        carry_out=lambda session, evening, act, form: options.send(
            session, evening, act, expires_on=form.expires_on.data
        ),
        done=N_("L’option est envoyée."),
    ),
    "reponse": Move(
        title=N_("Noter la réponse"),
        sign="tel",
        form=AnswerForm,
        carry_out=_answer,
        done=N_("La réponse est notée."),
    ),
    "prendre": Move(
        title=N_("Prendre le jour proposé"),
        sign="ok",
        form=NothingToSay,
        carry_out=lambda session, evening, act, form: counter_offers.take(session, evening, act),
        done=N_("La soirée est confirmée au jour proposé par le village."),
        tells=True,
    ),
    "sans-suite": Move(
        title=N_("Ne pas prendre le jour proposé"),
        sign="ann",
        form=NothingToSay,
        carry_out=lambda session, evening, act, form: counter_offers.turn_down(session, evening, act),
        done=N_("La soirée est annulée, sa date est libre."),
        tells=True,
        grave=True,
    ),
    "tenue": Move(
        title=N_("La soirée a eu lieu"),
        sign="ok",
        form=AttendanceForm,
        carry_out=lambda session, evening, act, form: evenings.mark_held(
            session, evening, act, attendance=form.attendance.data
        ),
        done=N_("C’est noté."),
    ),
    "salle": _told(
        N_("Passer à la salle des fêtes"),
        "dep",
        evenings.move_to_hall,
        done=N_("La soirée passe à la salle des fêtes."),
        example=N_("Par exemple : orages annoncés."),
    ),
    "dehors": _told(
        N_("Revenir dehors"),
        "lieu",
        evenings.move_to_pitch,
        done=N_("La soirée revient dehors."),
        example=N_("Par exemple : le beau temps est revenu."),
    ),
    "reporter": Move(
        title=N_("Reporter la soirée"),
        sign="rep",
        form=PostponeForm,
        carry_out=lambda session, evening, act, form: evenings.postpone(
            session,
            evening,
            act,
            date=form.date.data,
            reason=form.reason.data,
            agreed=form.agreed.data,
            vehicle_id=form.vehicle_id.data,
        ),
        done=N_("La soirée est reportée."),
        help=N_("Par exemple : vent trop fort."),
        tells=True,
        grave=True,
    ),
    "annuler": _told(
        N_("Annuler la soirée"),
        "ann",
        evenings.cancel,
        done=N_("La soirée est annulée."),
        example=N_("Par exemple : canicule."),
        grave=True,
    ),
}

#: Writing the programme is no move, but it is shown before it is done where it tells people of another hour or place.
PROGRAMME = Move(
    title=N_("Enregistrer le programme"),
    sign="ok",
    form=ProgrammeForm,
    carry_out=lambda session, evening, act, form: evenings.edit_programme(session, evening, act, form.command()),
    done=N_("Le programme est enregistré."),
)

_STATE_MOVES = {
    "option": EveningState.OPTION,
    "confirmer": EveningState.CONFIRMED,
    "tenue": EveningState.HELD,
    "reporter": EveningState.POSTPONED,
    "annuler": EveningState.CANCELLED,
}


def offered(evening: Evening, today: dt.date) -> dict[str, Move]:
    """Return the moves that make sense now. The services refuse the others all the same."""
    state = EveningState(evening.state)
    to_come = evening.date >= today
    outdoors = evening.venue == Venue.PITCH
    lawful = {name for name, new in _STATE_MOVES.items() if new in TRANSITIONS[state]}
    if to_come and state in ALIVE and state is not EveningState.HELD:
        lawful |= {"salle"} if outdoors and evening.fallback_venue else set()
        lawful |= {"dehors"} if not outdoors and evening.pitch else set()
    if state is EveningState.OPTION:  # its host has been asked: the answer confirms it; or is to be asked (again)
        asked = open_options.of(evening) is not None
        lawful = lawful - {"confirmer"} | {"reponse"} if asked else lawful | {"option"}
    if open_options.counter(evening):  # the village has said no to this day
        lawful = lawful - {"confirmer", "option"} | {"prendre", "sans-suite"}
    lawful -= {"tenue"} if evening.date > today else set()
    lawful -= (
        {"reporter", "annuler", "confirmer", "option", "reponse", "prendre", "sans-suite"} if not to_come else set()
    )
    lawful -= {"option"} if evening.date == today else set()
    return {name: move for name, move in MOVES.items() if name in lawful}
