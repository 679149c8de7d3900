"""Requests for a visit: kept once, limited by number, accepted into the registry, declined, forgotten."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import Committee, Commune, CommuneRequest, Contact, JournalEntry, VisitRequest
from guinguette.services import retention, visits
from guinguette.services.evenings import Act
from guinguette.services.visits import Ask, Welcome
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock

MOBILE = "06 39 98 00 01"


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """An organiser at work."""
    return Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.fixture
def commune(session: Session) -> Commune:
    """A village that takes no part."""
    return make.make_commune(session, name="Éclaron")


def asked(session: Session, act: Act, commune: Commune, **typed: str) -> list[VisitRequest]:
    """What there is to read once Jeanne Petit has asked, as ``typed``."""
    fine = {"name": "Jeanne Petit", "role": "maire", "phone": MOBILE, "wish": "En juillet."}
    command = Ask(insee=commune.insee, consent=True, **(fine | typed))
    visits.ask(session, command, clock=act.clock, vault=act.vault)
    return visits.pending(session)


def test_a_request_is_kept_encrypted_until_it_is_read(session: Session, act: Act, commune: Commune) -> None:
    """The number and the address are nobody's to read in the database."""
    [row] = asked(session, act, commune, email="jp@example.org")
    assert (row.name, row.role, row.wish, row.state, row.created_at) == (
        "Jeanne Petit", "maire", "En juillet.", "pending", NOW,
    )  # fmt: skip
    assert act.vault.decrypt(row.phone_encrypted) == "+33639980001"
    assert act.vault.decrypt(row.email_encrypted) == "jp@example.org"
    assert visits.waiting(session) == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": " "}, "name"),
        ({"role": "a" * 81}, "role"),
        ({"phone": ""}, "phone"),
        ({"phone": "12"}, "phone"),
    ],
)
def test_what_is_missing_is_named(
    session: Session, act: Act, commune: Commune, typed: dict[str, str], field: str
) -> None:
    """Beside its field."""
    with pytest.raises(InvalidInput) as refused:
        asked(session, act, commune, **typed)
    assert refused.value.field == field


def test_nothing_is_kept_without_consent(session: Session, act: Act, commune: Commune) -> None:
    """The box is the law's."""
    command = Ask(insee=commune.insee, name="Jeanne", phone=MOBILE, consent=False)
    with pytest.raises(InvalidInput) as refused:
        visits.ask(session, command, clock=act.clock, vault=act.vault)
    assert refused.value.field == "consent"
    assert visits.pending(session) == []


def test_a_second_request_of_the_same_person_adds_its_words(session: Session, act: Act, commune: Commune) -> None:
    """Sent twice, nothing is doubled; another village, or another person of this one, is a request of its own."""
    asked(session, act, commune)
    asked(session, act, commune)
    [row] = asked(session, act, commune, phone="+33 6 39 98 00 01", wish="Ou en août.")
    assert row.wish == "En juillet.\nOu en août."
    assert len(asked(session, act, commune, phone="", email="autre@example.org")) == 2


def test_a_number_that_asks_again_and_again_is_not_listened_to(session: Session, act: Act, commune: Commune) -> None:
    """Three times a day, whatever village it names; tomorrow it may again."""
    for _ in range(visits.A_DAY):
        asked(session, act, make.make_commune(session))
    assert len(asked(session, act, commune)) == visits.A_DAY
    act.clock.advance(days=1, minutes=1)  # type: ignore[attr-defined]
    assert len(asked(session, act, commune)) == visits.A_DAY + 1


@pytest.mark.parametrize(
    ("words", "flagged"),
    [("voir https://x.example/", True), ("casino-gratuit.com", True), ("Le 14.07, à 18 h. Merci", False)],
)
def test_words_with_a_link_are_flagged_and_read_last(
    session: Session, act: Act, commune: Commune, words: str, flagged: bool
) -> None:
    """A mayor seldom writes one."""
    asked(session, act, commune, wish=words)
    rows = asked(session, act, commune, phone="", email="b@example.org", wish="Venez.")
    assert [visits.has_link(row) for row in rows] == ([False, True] if flagged else [False, False])


def test_accepted_it_makes_a_contact_and_joins_a_tour(session: Session, act: Act, commune: Commune) -> None:
    """With a new committee; the request keeps no number; the journal knows; a second organiser is told."""
    tour = make.make_tour(session)
    [row] = asked(session, act, commune, email="jp@example.org")
    welcome = Welcome(kind="town_hall", name="Mairie d’Éclaron", tour=tour)
    contact = visits.accept(session, row, welcome, act)
    assert act.vault.decrypt(contact.phone_encrypted) == "+33639980001"
    assert (contact.name, contact.role, contact.email) == ("Jeanne Petit", "maire", "jp@example.org")
    assert (contact.committee.name, contact.committee.kind) == ("Mairie d’Éclaron", "town_hall")
    assert (row.state, row.handled_by, row.phone_encrypted, row.email_encrypted) == ("accepted", act.actor, "", "")
    assert session.scalars(select(CommuneRequest.tour_id)).all() == [tour.id]
    [line] = session.scalars(select(JournalEntry)).all()
    assert (line.what, line.how, line.detail) == ("visit", "desk", "demande acceptée, Mairie d’Éclaron")
    with pytest.raises(Conflict):
        visits.decline(session, row, "", act)
    with pytest.raises(Conflict):
        visits.accept(session, row, welcome, act)


def test_somebody_known_there_is_not_written_down_twice(session: Session, act: Act, commune: Commune) -> None:
    """Found by number. A village in the tour already stays as it is.

    A town hall's number is everybody's: the address that came with it opens nothing in the name of who is known there.
    """
    committee = make.make_committee(session, commune=commune)
    known = make.make_contact(session, committee=committee, phone_encrypted=act.vault.encrypt("+33639980001"))
    tour = make.make_tour(session)
    make.make_request(session, tour=tour, commune=commune)
    [row] = asked(session, act, commune, email="jp@example.org")
    assert visits.accept(session, row, Welcome(committee_id=committee.id, tour=tour), act) is known
    assert known.email == ""
    assert (row.phone_encrypted, act.vault.decrypt(row.email_encrypted)) == ("", "jp@example.org")
    assert len(session.scalars(select(Contact)).all()) == len(session.scalars(select(CommuneRequest)).all()) == 1


def test_another_village_s_committee_is_refused(session: Session, act: Act, commune: Commune) -> None:
    """Whoever changes the form gains nothing."""
    other = make.make_committee(session)
    [row] = asked(session, act, commune)
    for welcome in (Welcome(committee_id=other.id), Welcome(name=" ")):
        with pytest.raises(InvalidInput), session.begin_nested():
            visits.accept(session, row, welcome, act)
    assert visits.pending(session) == [row]
    assert session.scalars(select(Committee)).all() == [other]


def test_declined_with_a_word_it_is_forgotten_after_a_year(
    session: Session, act: Act, commune: Commune, clock: FixedClock
) -> None:
    """Until then the desk can still ring; one that nobody has read goes after three years."""
    [row] = asked(session, act, commune)
    visits.decline(session, row, " Peut-être  en 2028. ", act)
    asked(session, act, commune, phone="", email="b@example.org")
    assert (row.state, row.answer, len(visits.handled(session))) == ("declined", "Peut-être en 2028.", 1)
    left = []
    for days in (300, 100, 900):
        clock.advance(days=days)
        retention.forget(session, clock)
        left.append([visit.state for visit in session.scalars(select(VisitRequest).order_by(VisitRequest.id))])
    assert left == [["declined", "pending"], ["pending"], []]
    assert clock.now() - NOW > dt.timedelta(days=3 * 365)
