"""What is known to fill in a letter: who signs it, for how many people, for which evening."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.association import Association
from guinguette.domain.errors import NotFound
from guinguette.models import Contact, Evening
from guinguette.services import official_letters
from tests import factories as make
from tests.conftest import DATA_KEY
from tests.fakes import FixedClock

VAULT = Vault(DATA_KEY)
WE = Association(name="La Guinguette mobile", phone="03 53 01 42 18")


@pytest.fixture
def evening(session: Session) -> Evening:
    """An evening on a pitch at Vignory, whose committee asks for the bar."""
    commune = make.make_commune(session, name="Vignory", postcodes="52320 52330")
    holder = make.make_committee(session, commune=commune, name="Comité de Vignory")
    return make.make_evening(session, commune=commune, date=dt.date(2027, 7, 17), permit_holder=holder)


def text(session: Session, evening: Evening, clock: FixedClock, kind: str, writer: Contact | None = None) -> str:
    """Return a letter as one text."""
    return official_letters.prepared(
        session, evening, kind, association=WE, clock=clock, vault=VAULT, writer=writer
    ).as_text()


def test_whoever_speaks_for_the_holder_signs(session: Session, evening: Evening, clock: FixedClock) -> None:
    """The writer where they may, else a contact of the committee that asks; a former one never."""
    holder = evening.permit_holder
    make.make_contact(session, committee=holder, name="Luc Ancien", archived_at=clock.now())
    make.make_contact(session, committee=holder, name="Jeanne Petit", role="présidente")
    paul = make.make_contact(session, committee=holder, name="Paul Roux")
    mayor = make.make_contact(
        session, committee=make.make_committee(session, commune=evening.commune, kind="town_hall"), name="Anne Maire"
    )
    session.expire_all()
    assert "Jeanne Petit, présidente" in text(session, evening, clock, "buvette")
    assert "Jeanne Petit, présidente" in text(session, evening, clock, "buvette", mayor)
    assert "Paul Roux" in text(session, evening, clock, "buvette", paul)
    evening.permit_holder = None
    assert "Anne Maire" in text(session, evening, clock, "buvette", mayor)


def test_as_many_are_expected_as_came_before(session: Session, evening: Evening, clock: FixedClock) -> None:
    """The mean of the village's evenings, else the rule."""
    assert "environ 200 personnes" in text(session, evening, clock, "voie")
    for year, attendance in ((2025, 100), (2026, 151)):
        make.make_evening(
            session, commune=evening.commune, date=dt.date(year, 7, 17), state="held", attendance=attendance
        )
    assert "environ 126 personnes" in text(session, evening, clock, "voie")
    assert "52320 Vignory" in text(session, evening, clock, "voie")


def test_in_a_hall_the_road_needs_no_letter(session: Session, evening: Evening, clock: FixedClock) -> None:
    """And a letter that does not exist is not found."""
    assert official_letters.kinds(evening) == ["buvette", "arrete", "voie", "sacem"]
    evening.venue = "hall"
    assert official_letters.kinds(evening) == ["buvette", "sacem"]
    assert "Salle des fêtes, rue du Lac" in text(session, evening, clock, "sacem")
    for kind in ("voie", "nonsense"):
        with pytest.raises(NotFound):
            text(session, evening, clock, kind)


def test_a_number_stands_on_its_owners_letter_alone(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Neither a colleague nor the desk reads it there."""
    sealed = VAULT.encrypt("+33639980012")
    jeanne = make.make_contact(session, committee=evening.permit_holder, phone_encrypted=sealed)
    paul = make.make_contact(session, committee=make.make_committee(session, commune=evening.commune))
    session.expire_all()
    number = "06\u00a039\u00a098\u00a000\u00a012"
    assert number in text(session, evening, clock, "buvette", jeanne)
    assert number not in text(session, evening, clock, "buvette", paul)
    assert number not in text(session, evening, clock, "buvette")


def test_another_villages_people_are_the_desks_alone(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Where a committee from elsewhere asks for the bar, a host reads its name, and nobody's of its people."""
    holder = make.make_committee(session, name="Foyer rural")
    make.make_contact(session, committee=holder, name="Paul Roux", role="trésorier")
    mayor = make.make_contact(
        session, committee=make.make_committee(session, commune=evening.commune, kind="town_hall"), name="Anne Maire"
    )
    evening.permit_holder = holder
    session.flush()
    session.expire_all()
    for kind in official_letters.kinds(evening):
        letter = text(session, evening, clock, kind, mayor)
        assert "Paul Roux" not in letter
        assert "trésorier" not in letter
    assert "Paul Roux" in text(session, evening, clock, "buvette")
