"""Personal links: random, kept as a hash alone, good for one contact until they end."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import NotFound
from guinguette.models import HostLink
from guinguette.services import editing, host_links
from tests import factories as make
from tests.fakes import FixedClock

DAY = dt.timedelta(days=1)


def test_a_link_leads_to_its_contact_and_only_its_hash_is_kept(session: Session, clock: FixedClock) -> None:
    """What the database holds does not open anything."""
    contact = make.make_contact(session)
    token = host_links.new(session, contact, clock.now())
    assert host_links.find(session, token, clock).contact is contact
    kept = session.scalars(select(HostLink)).one()
    assert token not in str(vars(kept))
    with pytest.raises(NotFound):
        host_links.find(session, kept.token_hash, clock)


def test_a_link_ends(session: Session, clock: FixedClock) -> None:
    """Expired, revoked, or of somebody who has left: it opens no more."""
    contact = make.make_contact(session)
    old, shut, last = (host_links.new(session, contact, clock.now() - n * DAY) for n in (181, 0, 0))
    with pytest.raises(NotFound):
        host_links.find(session, old, clock)
    assert host_links.revoke_all(session, contact, clock) == 2
    for token in (shut, last, "", "x" * 22):
        with pytest.raises(NotFound):
            host_links.find(session, token, clock)
    fresh = host_links.new(session, contact, clock.now())
    contact.archived_at = clock.now()
    with pytest.raises(NotFound):
        host_links.find(session, fresh, clock)


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_a_text_is_known_again_whatever_token_it_left_with(before: str, after: str) -> None:
    """The provider lists what left: another token in the same words is the same message, other words are not."""
    body = f"{before} https://guinguette.example/comite/{host_links.PLACEHOLDER} {after}"
    assert host_links.same_text(body, body.replace(host_links.PLACEHOLDER, "aZ0-_" * 4 + "xy"))
    assert not host_links.same_text(body, body.replace(host_links.PLACEHOLDER, "court"))


def test_who_comes_back_finds_no_old_link_open(session: Session, clock: FixedClock) -> None:
    """Put aside, alone or with the committee, and restored: the links of before stay shut; a colleague's go on."""
    contact = make.make_contact(session)
    colleague = make.make_contact(session, committee=contact.committee)
    old, other = (host_links.new(session, each, clock.now()) for each in (contact, colleague))
    editing.archive(session, contact, contact.version, clock)
    editing.restore(session, contact, contact.version)
    with pytest.raises(NotFound):
        host_links.find(session, old, clock)
    assert host_links.find(session, other, clock).contact is colleague
    committee = contact.committee
    editing.archive(session, committee, committee.version, clock)
    editing.restore(session, committee, committee.version)
    with pytest.raises(NotFound):
        host_links.find(session, other, clock)
