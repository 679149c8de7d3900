"""New dates: one message a person and publication, of all that are near; rewritten while they wait."""

import datetime as dt
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message, Publication, Subscriber, Tour
from guinguette.services import evenings, new_evenings, publication
from guinguette.services.rehearsal import told_of
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock

SATURDAY = dt.date(2027, 6, 19)
PHONES = [f"+3363998000{n}" for n in range(9)]


@dataclass
class Town:
    """A tour with a first version online; ``add`` plans another evening, ``publish`` tells of what is new."""

    session: Session
    clock: FixedClock
    vault: Vault
    tour: Tour
    people: list[Subscriber] = field(default_factory=list)

    def add(self, name: str, days: int = 0) -> Evening:
        """An evening so many days after 19 June."""
        commune = make.make_commune(self.session, name=name)
        date = SATURDAY + dt.timedelta(days=days)
        return make.make_evening(self.session, tour=self.tour, commune=commune, date=date)

    def wants(self, *scopes: str, ticked: bool = True, **values: object) -> Subscriber:
        """Somebody who ticked « aussi les nouvelles dates » or did not."""
        phone = PHONES[len(self.people)]
        person = make.make_subscriber(self.session, vault=self.vault, phone=phone, scopes=scopes, **values)
        for each in person.subscriptions:
            each.new_evenings = ticked
        self.session.flush()
        self.people.append(person)
        return person

    def publish(self) -> Publication:
        """The next version, told."""
        version = publication.refresh(self.session, self.tour, actor="x", clock=self.clock)
        new_evenings.tell(self.session, version, clock=self.clock, vault=self.vault, public_url=PUBLIC_URL)
        return version

    def messages(self) -> list[Message]:
        """What is queued about new dates, by person."""
        query = select(Message).filter_by(kind="announced").order_by(Message.subscriber_id)
        return list(self.session.scalars(query.execution_options(populate_existing=True)))


@pytest.fixture
def town(session: Session, clock: FixedClock, vault: Vault) -> Town:
    """A tour with one evening online."""
    found = Town(session, clock, vault, make.make_tour(session, slug="ete"))
    found.add("Ancien", -3)
    publication.refresh(session, found.tour, actor="x", clock=clock)
    return found


def test_one_message_names_all_that_is_new_near_you(town: Town) -> None:
    """Whoever follows the tour and the village still has one; whoever did not tick, or follows another, has none."""
    first, second = town.add("Vignory"), town.add("Poissons", 1)
    both = town.wants("tour:ete", f"commune:{first.commune_insee}")
    one = town.wants(f"commune:{second.commune_insee}")
    town.wants("tour:ete", ticked=False)
    town.wants("commune:99999")
    town.publish()
    to_both, to_one = town.messages()
    assert (to_both.subscriber_id, to_one.subscriber_id) == (both.id, one.id)
    assert "samedi 19 juin à Vignory, dimanche 20 juin à Poissons." in to_both.body
    assert "Ancien" not in to_both.body
    assert "dimanche 20 juin à Poissons." in to_one.body
    assert "Vignory" not in to_one.body
    assert (to_both.number, to_both.evening_id, to_both.urgent) == (2, first.id, False)


def test_what_was_online_before_is_not_new(town: Town) -> None:
    """A second version tells only of what it adds; told twice is told once."""
    town.wants("tour:ete")
    town.add("Vignory")
    version = town.publish()
    again = {"clock": town.clock, "vault": town.vault, "public_url": PUBLIC_URL}
    assert new_evenings.tell(town.session, version, **again) == 0  # type: ignore[arg-type]
    town.publish()
    assert len(town.messages()) == 1


def test_it_waits_for_the_morning_and_is_written_anew_meanwhile(town: Town) -> None:
    """Published on Saturday night, one of two called off on Sunday: on Monday people read of the other alone."""
    town.wants("tour:ete")
    town.wants("tour:ete", phone_hash=None, phone_encrypted="", email_hash="e" * 64, email_encrypted="x")
    town.clock.set(dt.datetime(2027, 6, 12, 20, 0, tzinfo=dt.UTC))
    gone, kept = town.add("Vignory"), town.add("Poissons", 1)
    town.publish()
    act = evenings.Act(actor="x", clock=town.clock, vault=town.vault, public_url=PUBLIC_URL)
    evenings.cancel(town.session, gone, act, reason="canicule")
    by_sms, by_mail = town.messages()
    assert by_sms.due_at == dt.datetime(2027, 6, 14, 7, 0, tzinfo=dt.UTC)
    for message in (by_sms, by_mail):
        assert "Vignory" not in message.body
        assert "dimanche 20 juin à Poissons" in message.body.replace("\u00a0", " ")
        assert (message.evening_id, message.number, message.state) == (kept.id, 2, "queued")
    assert (by_mail.channel, by_mail.segments, by_mail.subject) == (
        "email", 0, "Guinguette\u00a0: de nouvelles dates près de chez vous",
    )  # fmt: skip
    evenings.cancel(town.session, kept, act, reason="canicule")
    assert town.messages() == []


def test_what_has_left_is_not_written_again(town: Town) -> None:
    """Only what waits is rewritten: the cancellation has its own message."""
    town.wants("tour:ete")
    evening = town.add("Vignory")
    town.publish()
    [message] = town.messages()
    message.state = "sent"
    act = evenings.Act(actor="x", clock=town.clock, vault=town.vault, public_url=PUBLIC_URL)
    evenings.cancel(town.session, evening, act, reason="canicule")
    assert [m.state for m in town.messages()] == ["sent"]


def test_the_preview_of_a_publication_counts_them(town: Town) -> None:
    """No SMS leaves that nobody has read; the price has them."""
    town.wants("tour:ete")
    town.add("Vignory")
    told = told_of(town.session, [], new_in=town.publish())
    assert [(news.kind, news.people) for news in told.news] == [("announced", 1)]
    assert told.text.endswith("/stop/…")
