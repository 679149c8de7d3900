"""What a village's host is written about an option: the question, one nudge, its end; by SMS, else by e-mail."""

import base64
import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Committee, Contact, DateOption, Evening, Message
from guinguette.services import agreements, evenings, host_messages, opting_out, options
from tests import factories as make
from tests.fakes import PUBLIC_URL, FakeSms, FixedClock
from tests.services.outbox import send

MOBILE, LANDLINE = "+33639980001", "+33353010001"
SATURDAY = dt.date(2027, 7, 17)


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work, on Wednesday 9 June."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL, phone="03 25 00 00 00")


@pytest.fixture
def evening(session: Session) -> Evening:
    """A proposed evening at Vignory on 17 July."""
    commune = make.make_commune(session, name="Vignory")
    return make.make_evening(session, commune=commune, date=SATURDAY, state="proposed")


@pytest.fixture
def committee(session: Session, evening: Evening) -> Committee:
    """Vignory's."""
    return make.make_committee(session, commune=evening.commune)


@pytest.fixture
def host(session: Session, committee: Committee, vault: Vault) -> Contact:
    """Its president, with a mobile."""
    return make.make_contact(
        session, committee=committee, phone_encrypted=vault.encrypt(MOBILE), email="jp@example.org"
    )


def queued(session: Session) -> list[Message]:
    """What hosts are written, in order."""
    query = select(Message).where(Message.contact_id.is_not(None)).order_by(Message.created_at, Message.kind)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def nudge(session: Session, act: evenings.Act) -> int:
    """A worker's minute."""
    return host_messages.nudge(session, clock=act.clock, vault=act.vault, public_url=act.public_url, phone=act.phone)


def expire(session: Session, act: evenings.Act) -> int:
    """Another one's."""
    return options.expire(session, clock=act.clock, vault=act.vault, public_url=act.public_url, phone=act.phone)


def test_the_question_says_when_until_when_and_whom_to_ring(
    session: Session, evening: Evening, host: Contact, act: evenings.Act
) -> None:
    """To the one whom one would ring, with a STOP link of their own; nobody who edits them meets a conflict."""
    version = host.version
    option = options.send(session, evening, act)
    [message] = queued(session)
    assert (message.contact_id, message.kind, message.number, message.channel) == (host.id, "option", option.id, "sms")
    assert message.body.startswith(
        "Guinguette : pouvez-vous nous recevoir samedi 17 juillet à Vignory ? "
        "Répondez jusqu'au jeudi 24 juin : https://guinguette.example/comite/______________________ "
        "ou appelez-nous au 03 25 00 00 00. STOP : https://guinguette.example/stop/"
    )
    token = message.body.rpartition("/")[2]
    assert opting_out.find(session, token, act.vault) is host
    session.refresh(host)
    assert host.version == version


@pytest.mark.parametrize("phone", ["", LANDLINE])
def test_without_a_mobile_it_is_an_e_mail(
    session: Session, evening: Evening, host: Contact, act: evenings.Act, phone: str
) -> None:
    """With a subject, in full letters, at no cost."""
    host.phone_encrypted = act.vault.encrypt(phone) if phone else ""
    options.send(session, evening, act)
    [message] = queued(session)
    assert (message.channel, message.segments) == ("email", 0)
    assert message.subject == "Guinguette\u00a0: pouvez-vous nous recevoir\u00a0?"
    assert "jusqu’au jeudi 24\u00a0juin" in message.body


def test_whoever_said_stop_is_written_nothing(
    session: Session, evening: Evening, committee: Committee, host: Contact, act: evenings.Act
) -> None:
    """The next one of the village is, where there is one with a mobile."""
    opting_out.oppose(session, host, said_by="link", clock=act.clock, vault=act.vault)
    options.send(session, evening, act)
    assert queued(session) == []
    other = make.make_contact(session, committee=committee, phone_encrypted=act.vault.encrypt("+33639980002"))
    again = make.make_evening(
        session, tour=evening.tour, commune=evening.commune, date=SATURDAY - dt.timedelta(7), state="proposed"
    )
    options.send(session, again, act)
    assert [message.contact_id for message in queued(session)] == [other.id]


def test_an_answer_that_comes_first_keeps_the_question_from_leaving(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, host: Contact, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """Asked at night, answered by telephone before nine: the host is not asked again."""
    clock.set(dt.datetime(2027, 6, 9, 20, 0, tzinfo=dt.UTC))
    options.send(session, evening, act)
    session.commit()
    assert send(session_factory, clock, sms, act.vault) == {}
    options.answer(session, evening, act, accepted=True, answered_by="téléphone de Jeanne Petit")
    session.commit()
    clock.advance(hours=12)
    assert send(session_factory, clock, sms, act.vault) == {"dropped": 1}
    assert sms.sent == []


def test_a_change_of_the_evening_leaves_the_question_in_the_outbox(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, host: Contact, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """Brought indoors meanwhile, the date is asked for all the same."""
    clock.set(dt.datetime(2027, 6, 9, 20, 0, tzinfo=dt.UTC))
    evening.tour.published_version = 1
    make.make_publication(session, tour=evening.tour, evenings=[evening])
    options.send(session, evening, act)
    evenings.move_to_hall(session, evening, act, reason="orages")
    session.commit()
    clock.advance(hours=12)
    assert send(session_factory, clock, sms, act.vault) == {"sent": 1}
    assert sms.sent[0].to == MOBILE


def test_one_nudge_before_it_lapses(
    session: Session, evening: Evening, host: Contact, act: evenings.Act, clock: FixedClock
) -> None:
    """Three days before, in permitted hours, once; then its end is told, once."""
    option = options.send(session, evening, act)
    for instant, expected in (
        ("2027-06-20T10:00", 0),
        ("2027-06-21T05:00", 0),  # seven in the morning
        ("2027-06-21T08:00", 1),
        ("2027-06-21T09:00", 0),
        ("2027-06-24T09:00", 0),
    ):
        clock.set(dt.datetime.fromisoformat(instant + "+00:00"))
        assert nudge(session, act) == expected
    clock.set(dt.datetime(2027, 6, 25, 9, 0, tzinfo=dt.UTC))
    assert (expire(session, act), expire(session, act), nudge(session, act)) == (1, 0, 0)
    asked, nudged, lapsed = queued(session)
    assert [m.kind for m in (asked, nudged, lapsed)] == ["option", "nudge", "option_lapsed"]
    assert "Réponse jusqu'au jeudi 24 juin : https://guinguette.example/comite/" in nudged.body
    assert "ou appelez-nous au 03 25 00 00 00. Ensuite, la date sera libre." in nudged.body
    assert "nous ne retenons plus samedi 17 juillet à Vignory." in lapsed.body
    assert {m.number for m in (asked, nudged, lapsed)} == {option.id}


def test_nobody_is_nudged_on_the_day_of_the_question(
    session: Session, evening: Evening, host: Contact, act: evenings.Act
) -> None:
    """However near the deadline is; nor who has answered."""
    options.send(session, evening, act, expires_on=dt.date(2027, 6, 10))
    assert nudge(session, act) == 0
    act.clock.set(dt.datetime(2027, 6, 10, 8, 0, tzinfo=dt.UTC))  # type: ignore[attr-defined]
    options.answer(session, evening, act, accepted=True, answered_by="téléphone")
    assert nudge(session, act) == 0


def test_a_village_with_nobody_to_write_to(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The option is sent all the same: somebody rings."""
    options.send(session, evening, act)
    assert queued(session) == []
    assert session.scalars(select(DateOption.state)).all() == ["sent"]


def test_a_number_that_nobody_can_read_any_more_is_no_hindrance(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, host: Contact, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """Encrypted with another key: what was queued fails by itself, the host is written an e-mail, and can stop it."""
    option = options.send(session, evening, act)
    host.phone_encrypted = Vault(base64.urlsafe_b64encode(b"1" * 32).decode()).encrypt(MOBILE)
    reader = make.make_subscriber(session, vault=act.vault, phone="+33639980002")
    make.make_message(session, subscriber=reader)
    session.commit()
    assert send(session_factory, clock, sms, act.vault) == {"failed": 1, "sent": 2}
    clock.set(dt.datetime.combine(option.expires_on, dt.time(8), tzinfo=dt.UTC))
    assert nudge(session, act) == 1
    assert [message.channel for message in queued(session)] == ["sms", "email", "email"]
    opting_out.stop(session, queued(session)[-1].body.rpartition("/")[2], clock=clock, vault=act.vault)
    assert opting_out.is_opposed(session, host, act.vault, "email")


def test_where_an_sms_can_be_answered_it_says_so(
    session: Session, evening: Evening, host: Contact, act: evenings.Act
) -> None:
    """By whoever has a mobile; the question still makes two SMS at most."""
    options.send(session, evening, replace(act, replies=True))
    [message] = queued(session)
    assert "jusqu'au jeudi 24 juin par OUI ou NON, ou ici : https://" in message.body
    assert message.segments == 2


def test_an_e_mail_is_not_answered_by_oui(session: Session, evening: Evening, host: Contact, act: evenings.Act) -> None:
    """Nobody reads what comes back to its sender."""
    host.phone_encrypted = ""
    options.send(session, evening, replace(act, replies=True))
    assert "OUI" not in queued(session)[0].body


def test_everybody_of_the_village_learns_which_date_it_is(
    session: Session, evening: Evening, committee: Committee, host: Contact, act: evenings.Act
) -> None:
    """By telephone one of them has agreed, who is not told; at the desk nobody has; once a date in either case."""
    other = make.make_contact(session, committee=committee, name="Luc Noël", email="luc@example.org")
    silent = make.make_contact(session, committee=committee, name="Paul Roy", email="paul@example.org")
    opting_out.oppose(session, silent, said_by="link", clock=act.clock, vault=act.vault)
    options.send(session, evening, act)
    options.answer(session, evening, act, accepted=True, answered_by="téléphone de Jeanne Petit")
    assert [(m.contact_id, m.channel) for m in queued(session) if m.kind == "agreed"] == [(other.id, "email")]
    again = make.make_evening(
        session, tour=evening.tour, commune=evening.commune, date=SATURDAY + dt.timedelta(7), state="proposed"
    )
    evenings.confirm(session, [again], act)
    told = [m for m in queued(session) if m.evening_id == again.id]
    assert {(m.contact_id, m.number) for m in told} == {(host.id, 20270724), (other.id, 20270724)}
    assert (
        host_messages.tell_agreed(
            session,
            [again],
            agreements.at_the_desk(act),
            clock=act.clock,
            vault=act.vault,
            public_url=PUBLIC_URL,
            phone="",
        )
        == 0
    )


def test_a_date_that_is_no_longer_agreed_is_not_told(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, host: Contact, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """Confirmed by night and called off before nine."""
    clock.set(dt.datetime(2027, 6, 9, 20, 0, tzinfo=dt.UTC))
    evenings.confirm(session, [evening], act)
    evenings.cancel(session, evening, act, reason="Canicule.")
    session.commit()
    clock.advance(hours=12)
    assert send(session_factory, clock, sms, act.vault) == {"dropped": 1}


def test_one_telephone_is_told_once(
    session: Session, evening: Evening, committee: Committee, host: Contact, act: evenings.Act
) -> None:
    """Of a committee and the town hall both; and not at all where it has just answered."""
    hall = make.make_committee(session, commune=evening.commune, kind="town_hall", name="Mairie")
    make.make_contact(session, committee=hall, name="J. Petit, mairie", phone_encrypted=act.vault.encrypt(MOBILE))
    evenings.confirm(session, [evening], act)
    assert [m.contact_id for m in queued(session)] == [host.id]
    again = make.make_evening(
        session, tour=evening.tour, commune=evening.commune, date=SATURDAY + dt.timedelta(7), state="proposed"
    )
    options.send(session, again, act)
    options.answer(session, again, act, accepted=True, answered_by="Jeanne Petit", how="link")
    assert [m.kind for m in queued(session) if m.evening_id == again.id] == ["option"]


@pytest.mark.parametrize(
    ("how", "said_by", "told"),
    [
        ("link", "Jeanne Petit", ["Anne"]), ("link", "Anne", ["Jeanne Petit"]), ("sms", "Anne", ["Jeanne Petit"]),
        ("phone", "téléphone d’Anne", ["Jeanne Petit"]), ("phone", "tél. de jeanne PETIT, mairie", ["Anne"]),
        ("phone", "Mme Petit", ["Jeanne Petit", "Anne"]),
    ],
)  # fmt: skip
def test_only_who_has_said_it_is_not_told(
    session: Session, evening: Evening, committee: Committee, host: Contact, act: evenings.Act, how: str,
    said_by: str, told: list[str],
) -> None:  # fmt: skip
    """By their whole name: Jeanne is not Anne."""
    make.make_contact(session, committee=committee, name="Anne", email="anne@example.org")
    options.send(session, evening, act)
    options.answer(session, evening, act, accepted=True, answered_by=said_by, how=how)
    assert [m.contact.name for m in queued(session) if m.kind == "agreed" and m.contact] == told


def test_an_organiser_of_the_same_name_has_said_nothing_for_them(
    session: Session, evening: Evening, committee: Committee, act: evenings.Act
) -> None:
    """anne@example.org confirms at the desk; Anne of the village is told."""
    anne = make.make_contact(session, committee=committee, name="Anne", email="a@example.org")
    evenings.confirm(session, [evening], replace(act, actor="anne@example.org"))
    assert [m.contact_id for m in queued(session)] == [anne.id]


def test_what_waits_tells_the_hours_of_now(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, host: Contact, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """Confirmed at night, the hours put right before nine: one SMS, with the right ones."""
    clock.set(dt.datetime(2027, 6, 9, 20, 0, tzinfo=dt.UTC))
    evenings.confirm(session, [evening], act)
    programme = {name: getattr(evening, name) for name in evenings.Programme.__dataclass_fields__}
    evenings.edit_programme(session, evening, act, evenings.Programme(**programme | {"starts_at": dt.time(15)}))
    session.commit()
    clock.advance(hours=12)
    assert send(session_factory, clock, sms, act.vault) == {"sent": 1}
    assert "samedi 17 juillet à Vignory, 15 h-22 h. L'accord" in sms.sent[0].body
