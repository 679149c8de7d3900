"""Every forbidden move of a state is refused three times: by the database, by the service, in the interface."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict
from guinguette.domain.states import TRANSITIONS, EveningState
from guinguette.models import Evening
from guinguette.services import evenings, options
from guinguette.services.evenings import Act
from tests import factories as make
from tests.fakes import FixedClock

PAIRS = [(old, new) for old in EveningState for new in EveningState if old is not new]
LEGAL = [(old, new) for old, new in PAIRS if new in TRANSITIONS[old]]
FORBIDDEN = [(old, new) for old, new in PAIRS if new not in TRANSITIONS[old]]
TODAY = dt.date(2027, 6, 9)

#: Which service makes an evening pass to each state, and the address and fields that the interface does it by.
#: Nobody is ever sent back to « proposée » by a service of this desk: the planner alone proposes.
SERVICES: dict[EveningState, Callable[[Session, Evening, Act], object]] = {
    EveningState.OPTION: options.send,
    EveningState.CONFIRMED: lambda session, evening, act: evenings.confirm(session, [evening], act),
    EveningState.POSTPONED: lambda session, evening, act: evenings.postpone(
        session, evening, act, date=dt.date(2027, 7, 3), reason="Orages.", agreed=True
    ),
    EveningState.CANCELLED: lambda session, evening, act: evenings.cancel(session, evening, act, reason="Orages."),
    EveningState.HELD: lambda session, evening, act: evenings.mark_held(session, evening, act, attendance=1),
    EveningState.PROPOSED: lambda session, evening, act: evenings.change_state(
        session, evening, EveningState.PROPOSED, act
    ),
}
MOVES: dict[EveningState, tuple[str, dict[str, str]]] = {
    EveningState.OPTION: ("option", {"expires_on": "2027-06-12"}),
    EveningState.CONFIRMED: ("confirmer", {}),
    EveningState.POSTPONED: ("reporter", {"date": "2027-07-03", "reason": "Orages."}),
    EveningState.CANCELLED: ("annuler", {"reason": "Orages."}),
    EveningState.HELD: ("tenue", {"attendance": "1"}),
}


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """An organiser at work."""
    return Act(actor="o@example.org", clock=clock, vault=vault, public_url="https://guinguette.example")


def _evening(session: Session, state: EveningState, towards: EveningState) -> Evening:
    """An evening of some days on, or of today where it is to have been held, in a state that it was made in."""
    date = TODAY if towards is EveningState.HELD else TODAY + dt.timedelta(days=10)
    return make.make_evening(session, id="soiree01", state=state.value, date=date)


def _write(session: Session, evening: Evening, state: EveningState) -> None:
    """Write a state past everything but the database."""
    session.execute(text("UPDATE evening SET state = :state WHERE id = :id"), {"state": state.value, "id": evening.id})


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_the_database_refuses_every_forbidden_move(session: Session, old: EveningState, new: EveningState) -> None:
    """Written in SQL by hand, by a script, by a mistake: refused."""
    evening = _evening(session, old, new)
    with pytest.raises(IntegrityError, match="cannot make this move of state"):
        _write(session, evening, new)


@pytest.mark.parametrize(("old", "new"), LEGAL)
def test_the_database_lets_every_legal_move_pass(session: Session, old: EveningState, new: EveningState) -> None:
    """The trigger and the table of moves say the same."""
    evening = _evening(session, old, new)
    _write(session, evening, new)
    session.refresh(evening)
    assert evening.state == new


def test_the_database_lets_a_village_be_asked_again_on_another_date_only(session: Session) -> None:
    """Confirmed goes back to an option where the date changes in the same breath, and not otherwise."""
    evening = _evening(session, EveningState.CONFIRMED, EveningState.OPTION)
    evening.state, evening.date = "option", evening.date + dt.timedelta(days=1)
    session.flush()
    assert evening.state == "option"


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_the_service_refuses_every_forbidden_move(
    session: Session, act: Act, old: EveningState, new: EveningState
) -> None:
    """In a sentence, before anything is written."""
    evening = _evening(session, old, new)
    with pytest.raises(Conflict, match="ne peut pas devenir"):
        SERVICES[new](session, evening, act)
    assert (evening.state, evening.history) == (old, [])


@pytest.mark.parametrize(("old", "new"), [pair for pair in FORBIDDEN if pair[1] in MOVES])
def test_the_interface_neither_offers_nor_does_a_forbidden_move(
    organiser_client: FlaskClient, session: Session, old: EveningState, new: EveningState
) -> None:
    """No button on the page; typed by hand, the sentence, and nothing has changed."""
    evening = _evening(session, old, new)
    session.commit()
    move, fields = MOVES[new]
    page = organiser_client.get("/organisation/soirees/soiree01").get_data(as_text=True)
    assert f'/organisation/soirees/soiree01/{move}"' not in page
    data = {"version": evening.version, "vehicle_id": evening.vehicle_id, "confirmed": "1", **fields}
    answer = organiser_client.post(f"/organisation/soirees/soiree01/{move}", data=data)
    assert re.search("ne peut pas devenir", answer.get_data(as_text=True))
    session.refresh(evening)
    assert evening.state == old


def test_no_address_of_the_interface_leads_back_to_proposed(organiser_client: FlaskClient, session: Session) -> None:
    """What nobody can do by a service has no address either."""
    _evening(session, EveningState.OPTION, EveningState.PROPOSED)
    session.commit()
    assert organiser_client.get("/organisation/soirees/soiree01/proposer").status_code == 404


@pytest.mark.parametrize("shared", ["commune", "vehicle"])
def test_the_database_refuses_two_evenings_on_one_date(session: Session, shared: str) -> None:
    """One a commune and date, one a vehicle and date, in whatever tour."""
    evening = make.make_evening(session)
    with pytest.raises(IntegrityError):
        make.make_evening(session, date=evening.date, state="proposed", **{shared: getattr(evening, shared)})


@pytest.mark.parametrize("shared", ["commune", "vehicle"])
@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_what_is_called_off_frees_its_date_in_the_database(session: Session, shared: str, state: str) -> None:
    """And takes it back no more."""
    gone = make.make_evening(session, state=state)
    make.make_evening(session, date=gone.date, **{shared: getattr(gone, shared)})


@pytest.mark.parametrize(
    "values",
    [
        {"state": "perhaps"},
        {"venue": "beach"},
        {"waived": "leg"},  # an exception that nobody has signed
        {"waived": "leg", "pinned": True, "waived_why": "Le maire y tient."},
    ],
)
def test_the_database_refuses_what_makes_no_sense(session: Session, values: dict[str, object]) -> None:
    """An unknown state or venue, an exception to a rule without who, when and why."""
    with pytest.raises(DBAPIError):
        make.make_evening(session, **values)
