"""OUI and NON by SMS: what a host's own number says counts, once, and nobody else's does."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict
from guinguette.models import Agreement, Attempt, Contact, Evening, JournalEntry, Message, PlannedEvening
from guinguette.publishing import answers
from guinguette.publishing.message_limits import LONGEST_COMMUNE
from guinguette.publishing.messages import segments
from guinguette.services import evenings, host_sms, keywords, options, publication
from guinguette.services.wording import translator
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock

MOBILE, SOMEBODY = "+33639980001", "+33639980099"
SATURDAY = dt.date(2027, 7, 17)
PHONE = "03 25 00 00 00"

Write = Callable[..., str]


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work, on Wednesday 9 June."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL, phone=PHONE)


@pytest.fixture
def contact(session: Session, vault: Vault) -> Contact:
    """Jeanne Petit of Vignory, with a mobile."""
    commune = make.make_commune(session, name="Vignory")
    committee = make.make_committee(session, commune=commune)
    return make.make_contact(session, committee=committee, phone_encrypted=vault.encrypt(MOBILE))


@pytest.fixture
def evening(session: Session, contact: Contact, act: evenings.Act) -> Evening:
    """An evening at Vignory that she has been asked for."""
    evening = make.make_evening(session, commune=contact.committee.commune, date=SATURDAY, state="proposed")
    options.send(session, evening, act)
    all_leave(session)
    return evening


def all_leave(session: Session) -> None:
    """A worker has sent what was queued."""
    session.execute(update(Message).values(state="sent"))
    session.commit()


@pytest.fixture
def write(session: Session, clock: FixedClock, vault: Vault) -> Write:
    """Somebody writes; what was queued for them comes back."""
    received = iter(range(1000))

    def wrote(text: str, *, number: str = MOBILE, provider_id: str = "") -> str:
        before = set(session.scalars(select(Message.id).where(Message.kind == "reply")))
        sms = keywords.Received(number=number, text=text, provider_id=provider_id or f"SM{next(received)}")
        keywords.receive(session, sms, who="", phone=PHONE, clock=clock, vault=vault, public_url=PUBLIC_URL)
        session.commit()
        new = [m for m in session.scalars(select(Message).where(Message.kind == "reply")) if m.id not in before]
        assert len(new) <= 1
        return new[0].body if new else ""

    return wrote


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OUI", "yes"), ("oui", "yes"), (" Oui, merci ! ", "yes"), ("Bonjour, OUI d’accord", "yes"), ("oui oui", "yes"),
        ("NON", "no"), ("Non, désolée", "no"), ("oui mais plutôt le 24", "unclear"), ("non ou peut-être", "unclear"),
        ("Oui pour samedi", "unclear"), ("oui non", "unclear"), ("Merci", None), ("d’accord", None), ("", None),
        ("la guinguette, oui", None), ("ouistiti", None), ("nonante", None),
    ],
)  # fmt: skip
def test_only_a_plain_word_is_an_answer(text: str, said: str | None) -> None:
    """Case, accents and politeness are no matter; whatever else it says must be read by a person."""
    assert host_sms.read(text) == said


def test_oui_confirms_and_is_an_agreement(session: Session, evening: Evening, write: Write) -> None:
    """By which way is kept, and the answer has a link of their own and says what was noted."""
    text = write("Oui merci")
    assert text.startswith("Guinguette : c'est dit, nous venons samedi 17 juillet à Vignory.")
    assert f"{PUBLIC_URL}/comite/" in text
    [option] = evening.options
    assert (evening.state, option.state, option.answered_by) == ("confirmed", "accepted", "Jeanne Petit")
    assert option.answered_how == "sms"
    agreement = session.scalars(select(Agreement)).one()
    assert (agreement.how, agreement.agreed_by, agreement.number) == ("sms", "Jeanne Petit", 1)
    assert agreement.option_id == option.id
    assert {(line.what, line.how) for line in session.scalars(select(JournalEntry))} == {
        ("option", "sms"),
        ("agreement", "sms"),
    }
    assert session.scalars(select(Message.kind).where(Message.kind == "agreed")).all() == []


def test_non_frees_the_date(session: Session, evening: Evening, write: Write) -> None:
    """As on the telephone; nothing is agreed, and the answer says whom to ring for another day."""
    assert "nous ne venons pas samedi 17 juillet à Vignory. Une autre date ? Appelez-nous au 03" in write("non")
    assert (evening.state, evening.options[0].state) == ("cancelled", "refused")
    assert session.scalars(select(Agreement)).all() == []


def test_nobody_elses_number_says_anything(session: Session, evening: Evening, write: Write) -> None:
    """NON of a villager leaves no row at all; nor is it counted."""
    tries = session.scalar(select(func.count()).select_from(Attempt))
    assert write("NON", number=SOMEBODY) == write("OUI", number="+33353010001") == ""
    assert evening.state == "option"
    assert session.scalar(select(func.count()).select_from(Attempt)) == tries


def test_a_second_delivery_is_not_read_again(session: Session, evening: Evening, write: Write) -> None:
    """The provider repeats itself; the host is answered once."""
    assert write("OUI", provider_id="SM-1") != ""
    assert write("OUI", provider_id="SM-1") == ""
    assert len(session.scalars(select(Agreement)).all()) == 1


def test_of_two_dates_neither_is_meant(session: Session, evening: Evening, write: Write, act: evenings.Act) -> None:
    """They are told to answer each on their page."""
    again = make.make_evening(
        session, tour=evening.tour, commune=evening.commune, date=SATURDAY + dt.timedelta(7), state="proposed"
    )
    options.send(session, again, act)
    all_leave(session)
    assert "plusieurs dates vous sont demandées. Répondez à chacune ici : https://" in write("oui")
    assert (evening.state, again.state) == ("option", "option")


def test_a_date_that_was_not_read_is_named_first(
    session: Session, evening: Evening, write: Write, clock: FixedClock, act: evenings.Act
) -> None:
    """Moved in the evening, asked anew for the morning: OUI was for the day before; OUI to what it is told counts."""
    clock.set(dt.datetime(2027, 6, 10, 19, 30, tzinfo=dt.UTC))
    line = PlannedEvening(
        commune_insee=evening.commune_insee, date=SATURDAY + dt.timedelta(7), vehicle_id=evening.vehicle_id
    )
    moves = publication.Changes(moved=[(evening, line)])
    publication.apply_moves(session, moves, {}, actor="o@example.org", clock=clock)
    options.send(session, evening, act)
    session.commit()
    for word in ("OUI", "non", "oui"):
        assert "Pour samedi 24 juillet à Vignory, envoyez OUI ou NON" in write(word)
        assert evening.state == "option"
    session.execute(update(Message).where(Message.kind == "reply").values(state="sent"))
    write("OUI")
    assert (evening.state, evening.date) == ("confirmed", SATURDAY + dt.timedelta(7))


@pytest.mark.parametrize("state", ["uncertain", "failed", "dropped"])
def test_what_may_not_have_arrived_is_not_answered(
    session: Session, evening: Evening, write: Write, state: str
) -> None:
    """The date is named once more."""
    session.execute(update(Message).values(state=state))
    assert "Pour samedi 17 juillet à Vignory, envoyez OUI ou NON" in write("oui")
    assert evening.state == "option"


def test_a_second_date_on_its_way_confuses_nothing(
    session: Session, evening: Evening, write: Write, act: evenings.Act
) -> None:
    """Only the first was read."""
    again = make.make_evening(
        session, tour=evening.tour, commune=evening.commune, date=SATURDAY + dt.timedelta(7), state="proposed"
    )
    options.send(session, again, act)
    write("oui")
    assert (evening.state, again.state) == ("confirmed", "option")


def test_what_is_not_clear_is_asked_again(evening: Evening, write: Write) -> None:
    """Nothing is guessed."""
    assert "Pour samedi 17 juillet à Vignory, envoyez OUI ou NON, sans rien d'autre" in write("oui mais le 24")
    assert evening.state == "option"


def test_whoever_answers_too_late_is_told(
    session: Session, evening: Evening, write: Write, clock: FixedClock, vault: Vault
) -> None:
    """The date has lapsed: until when it was awaited, and whom to ring."""
    clock.set(dt.datetime(2027, 6, 25, 9, tzinfo=dt.UTC))
    options.expire(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
    session.commit()
    text = write("OUI")
    assert "nous attendions votre réponse pour samedi 17 juillet à Vignory jusqu'au jeudi 24 juin" in text
    assert f"appelez-nous au {PHONE}" in text
    assert evening.state == "cancelled"


def test_whoever_has_agreed_cannot_unsay_it_by_sms(evening: Evening, write: Write) -> None:
    """OUI again is confirmed once more; NON says to ring, for people have been told."""
    write("OUI")
    assert "c'est déjà confirmé" in write("oui")
    assert f"Appelez-nous vite au {PHONE}" in write("NON")
    assert evening.state == "confirmed"


def test_a_contact_whom_nobody_has_asked(write: Write, contact: Contact) -> None:
    """Is told that nothing waits."""
    assert "aucune date n'attend votre réponse" in write("oui")


def test_four_answers_an_hour_cost_what_they_cost(session: Session, write: Write, contact: Contact) -> None:
    """A machine that answers us does not empty the budget; what it says is still done."""
    assert [bool(write("oui")) for _ in range(5)] == [True] * 4 + [False]


def test_what_cannot_be_noted_is_not_half_noted(
    session: Session, evening: Evening, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal on the way leaves the option open and says where to answer."""

    def refuse(*_: object, **__: object) -> int:
        raise Conflict("La salle est prise.")

    monkeypatch.setattr(evenings, "publish_change", refuse)
    assert "n'a pas pu etre notée" in write("OUI")
    session.expire_all()
    assert (evening.state, evening.options[0].state) == ("option", "sent")
    assert session.scalars(select(Agreement)).all() == []


@pytest.mark.parametrize("kind", answers._TO_HOSTS)
def test_no_answer_is_longer_than_two_sms(kind: str) -> None:
    """Whatever the village is called."""
    text = answers.host_text(
        kind, translate=translator("fr"), link=f"{PUBLIC_URL}/comite/{'_' * 22}", phone="0" * 30,
        commune=LONGEST_COMMUNE, day=dt.date(2027, 9, 22), until=dt.date(2027, 9, 22),
    )  # fmt: skip
    assert segments(text) <= 2
