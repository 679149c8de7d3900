"""Likely duplicates, and two records that become one."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.services import editing, publication, published
from guinguette.services.registry import Tools, build, duplicates, merging
from tests import factories as make
from tests.fakes import NOW, FixedClock


@pytest.fixture
def tools(vault: Vault) -> Tools:
    """Somebody who acts at noon."""
    return Tools(actor="organisatrice@example.org", clock=FixedClock(), vault=vault)


def test_likely_duplicates_are_proposed_the_surest_first(session: Session, vault: Vault, tools: Tools) -> None:
    """The same number however it was encrypted, the same address, the same words of a name in one village."""
    village = make.make_commune(session, name="Éclaron")
    host = make.make_committee(session, commune=village)
    first = make.make_contact(
        session,
        committee=host,
        name="Jeanne Petit",
        phone_encrypted=vault.encrypt("+33639980012"),
        email="j@example.org",
    )
    twice = make.make_contact(
        session,
        committee=host,
        name="Mme PETIT Jeanne",
        phone_encrypted=vault.encrypt("+33639980012"),
        email="J@example.org",
    )
    elsewhere = make.make_contact(session, name="Jeanne Petit", email="j@example.org")
    make.make_contact(session, committee=host, name="Paul Grand")
    make.make_contact(session, committee=host, name="Jeanne Petit", archived_at=NOW)
    found = duplicates.likely(session, build(session, "contacts", tools), vault)
    assert (found[0].kept, found[0].other) == (first, twice)
    assert found[0].why == (duplicates.PHONE, duplicates.ADDRESS, duplicates.NAME)
    assert {(pair.kept, pair.other) for pair in found[1:]} == {(first, elsewhere), (twice, elsewhere)}


def test_committees_of_one_village_with_close_names(session: Session, vault: Vault, tools: Tools) -> None:
    """« Comité des fêtes » twice, but not the town hall beside it, nor that of the next village."""
    village = make.make_commune(session, name="Éclaron")
    one = make.make_committee(session, commune=village, name="Comité des fêtes d’Éclaron")
    two = make.make_committee(session, commune=village, name="Comité des Fêtes")
    make.make_committee(session, commune=village, name="Mairie", kind="town_hall")
    make.make_committee(session, name="Comité des fêtes")
    found = duplicates.likely(session, build(session, "comites", tools), vault)
    assert [(pair.kept, pair.other, pair.why) for pair in found] == [(one, two, (duplicates.NAME,))]


def test_all_that_named_the_other_names_the_one_kept(session: Session, tools: Tools, clock: FixedClock) -> None:
    """Contacts, requests, evenings past and to come; the history says so, what is online follows, nothing is lost."""
    kept = make.make_committee(session, name="Comité du Der", notes="Le matin")
    other = make.make_committee(
        session, commune=kept.commune, name="Comité des fêtes", notes="Le soir", kind="town_hall"
    )
    contact = make.make_contact(session, committee=other)
    gone = make.make_contact(session, committee=other, archived_at=NOW)
    request = make.make_request(session, commune=kept.commune, permit_holder=other)
    evening = make.make_evening(session, commune=kept.commune, permit_holder=other)
    past = make.make_evening(session, date=dt.date(2026, 7, 4), state="held", permit_holder=other, tour=evening.tour)
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    session.commit()
    kind = build(session, "comites", tools)
    assert merging.references(session, other) == merging.References(2, 1, 2)
    command = merging.command_for(kind, kept, other, {"kind": "other", "notes": "both"})
    merging.merge(session, kind, (kept, other), (1, 1), command, tools)
    session.commit()
    session.expire_all()
    assert {each.committee for each in (contact, gone)} == {kept}
    assert {each.permit_holder for each in (request, evening, past)} == {kept}
    assert (kept.name, kept.kind, kept.notes) == ("Comité du Der", "town_hall", "Le matin\nLe soir")
    assert (other.archived_at, other.merged_into, other.name) == (NOW, kept, "Comité des fêtes")
    line = next(line for line in evening.history if line.what == "permit_holder_id")
    assert (line.what, line.old, line.new, line.actor) == (
        *("permit_holder_id", "Comité des fêtes", "Comité du Der"),
        "organisatrice@example.org",
    )
    online = published.by_slug(session, evening.tour.slug).evenings
    assert {each.host for each in online} == {"Comité du Der"}
    assert merging.references(session, other) == merging.References(0, 0, 0)
    editing.restore(session, other, other.version)
    assert other.merged_into is None


def test_two_contacts_become_one(session: Session, vault: Vault, tools: Tools) -> None:
    """Field by field: the name of one, the number of the other, encrypted anew."""
    kept = make.make_contact(session, name="Jeanne Petit", email="jeanne@example.org")
    other = make.make_contact(
        session, name="J. Petit", role="présidente", phone_encrypted=vault.encrypt("+33639980012")
    )
    kind = build(session, "contacts", tools)
    command = merging.command_for(kind, kept, other, {"phone": "other", "role": "other"})
    merging.merge(session, kind, (kept, other), (1, 1), command, tools)
    assert (kept.name, kept.role, kept.email) == ("Jeanne Petit", "présidente", "jeanne@example.org")
    assert vault.decrypt(kept.phone_encrypted) == "+33639980012"
    assert other.archived_at == NOW


def test_a_merge_is_refused_where_either_has_changed(session: Session, tools: Tools) -> None:
    """A version too old on either side, the same record twice, one in the archives: nothing is written."""
    kept, other = make.make_committee(session), make.make_committee(session)
    gone = make.make_committee(session, archived_at=NOW)
    kind = build(session, "comites", tools)
    command = kind.command_of(kept)
    for pair, versions, error in (
        ((kept, other), (0, 1), Conflict),
        ((kept, other), (1, 0), Conflict),
        ((kept, gone), (1, 1), Conflict),
        ((kept, kept), (1, 1), InvalidInput),
    ):
        with pytest.raises(error):
            merging.merge(session, kind, pair, versions, command, tools)
    with pytest.raises(InvalidInput):
        merging.command_for(kind, kept, other, {"name": "third"})
    assert (kept.version, other.version, other.archived_at) == (1, 1, None)


def test_two_that_hold_too_many_permits_together_are_told(session: Session, tools: Tools, clock: FixedClock) -> None:
    """Five a year are allowed; what is past before this year says nothing any more."""
    pair = make.make_committee(session), make.make_committee(session)
    for at in range(6):
        make.make_evening(session, date=dt.date(2027, 8, 1 + at), permit_holder=pair[at % 2])
        make.make_evening(session, date=dt.date(2026, 8, 1 + at), permit_holder=pair[at % 2])
    assert merging.permits_too_many(session, pair, clock) == [(2027, 6, 5)]
    contacts = make.make_contact(session), make.make_contact(session)
    assert merging.permits_too_many(session, contacts, clock) == []
