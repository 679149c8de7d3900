"""A tour whose villages are asked for their dates: what the tests of the questions and of the nudges stand on."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import CommuneRequest, Contact, Message, Tour
from guinguette.services import dates_board
from guinguette.services.evenings import Act
from tests import factories as make

MOBILE, LANDLINE = "+33639980001", "+33353010001"
FIRST, LAST, ANSWER_BY = dt.date(2027, 8, 6), dt.date(2027, 8, 7), dt.date(2027, 7, 7)


def village(
    session: Session, tour: Tour, name: str, vault: Vault, *, phone: str = MOBILE, email: str = ""
) -> tuple[CommuneRequest, Contact]:
    """A village that takes part, and its one contact."""
    commune = make.make_commune(session, name=name)
    encrypted = vault.encrypt(phone)
    committee = make.make_committee(session, commune=commune)
    contact = make.make_contact(session, committee=committee, phone_encrypted=encrypted, email=email)
    return make.make_request(session, tour=tour, commune=commune), contact


def written(session: Session) -> list[Message]:
    """What was written, in order."""
    query = select(Message).order_by(Message.number, Message.created_at, Message.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def standings(session: Session, tour: Tour, act: Act) -> list[str]:
    """How the villages stand, by name."""
    return [each.standing for each in dates_board.of_tour(session, tour, act.clock, act.vault)]
