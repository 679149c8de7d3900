"""Whom to ring in a village (guinguette/services/hosts.py)."""

from sqlalchemy.orm import Session

from guinguette.services import hosts
from tests import factories as make
from tests.fakes import NOW


def test_whom_to_ring(session: Session) -> None:
    """Those with a telephone first, nobody who was put aside, committees in use only."""
    committee = make.make_committee(session)
    silent = make.make_contact(session, committee=committee)
    reached = make.make_contact(session, committee=committee, phone_encrypted="x")
    make.make_contact(session, committee=committee, archived_at=NOW)
    old = make.make_committee(session, commune=committee.commune, archived_at=NOW)
    make.make_contact(session, committee=old)
    insee = committee.commune_insee
    assert hosts.to_ring(session, [insee, "99999"]) == {insee: [reached, silent]}
