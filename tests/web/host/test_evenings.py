"""The hosts' pages of their evenings: a date accepted, refused, or another day offered; what was agreed, on paper."""

import datetime as dt
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Agreement, Evening, JournalEntry, Message
from guinguette.services import host_evenings, options
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock
from tests.web.host.conftest import NEXT, SATURDAY, HostAtHome, read


def test_a_host_reads_what_is_asked_and_says_yes(host: HostAtHome, evening: Evening, session: Session) -> None:
    """One press; the page then says what was agreed, when, by which way, and has it on one sheet."""
    assert "Répondez jusqu’au jeudi 24\u00a0juin" in host.get("soirees").text
    page = host.get("soirees/eclaron1").text
    assert "Pouvez-vous nous recevoir" in page
    assert "Prise 32 A, à 20 m, sous le préau" in page
    answer = host.post("soirees/eclaron1/oui", data={**read(host), "note": "Volontiers."}, follow_redirects=True)
    assert "Version\u00a01, acceptée par Jeanne Petit par son lien, le mercredi 9\u00a0juin\u00a02027" in answer.text
    assert "03\u00a025\u00a000\u00a000\u00a000" in answer.text
    session.expire_all()
    [option] = evening.options
    assert (evening.state, option.answered_by, option.answered_how) == ("confirmed", "Jeanne Petit", "link")
    assert option.note == "Volontiers."
    sheet = host.get("soirees/eclaron1/accord-1.pdf")
    assert sheet.mimetype == "application/pdf"
    assert sheet.data.startswith(b"%PDF")
    assert {line.what for line in session.scalars(select(JournalEntry))} == {"link", "option", "agreement"}


def test_a_host_says_no_after_being_asked_once_more(host: HostAtHome, evening: Evening, session: Session) -> None:
    """The page says what follows; the evening is off and its date free."""
    assert "redevient libre pour un autre village" in host.get("soirees/eclaron1/non").text
    data = {"version": evening.version, "note": "Brocante."}
    page = host.post("soirees/eclaron1/non", data=data, follow_redirects=True).text
    assert "Cette soirée n’aura pas lieu" in page
    session.expire_all()
    assert (evening.state, evening.options[0].state) == ("cancelled", "refused")
    assert session.scalars(select(Agreement)).all() == []


@pytest.mark.parametrize("chosen", [{"day": NEXT.isoformat()}, {"day": "autre", "date": NEXT.isoformat()}])
def test_a_host_offers_another_day(
    host: HostAtHome, evening: Evening, session: Session, chosen: dict[str, str]
) -> None:
    """One of those on which the van is free, or one that is typed; the page says that it is passed on."""
    assert "samedi 24\u00a0juillet" in host.get("soirees/eclaron1/autre-jour").text
    data = {"version": evening.version, "note": "Fête du lac.", **chosen}
    page = host.post("soirees/eclaron1/autre-jour", data=data, follow_redirects=True).text
    assert "Vous avez proposé le samedi 24\u00a0juillet" in page
    session.expire_all()
    [option] = evening.options
    assert (evening.state, option.state, option.counter_date) == ("proposed", "countered", NEXT)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choisissez un jour."),
        ({"day": "autre"}, "Dites quel jour vous convient."),
        ({"day": "autre", "date": "2027-06-01"}, "Ce jour est passé"),
        ({"day": "autre", "date": "2027-07-17"}, "C’est le jour demandé"),
        ({"day": "autre", "date": "2037-07-17"}, "à plus d’un an"),
    ],
)
def test_a_day_that_makes_no_sense_is_not_offered(
    host: HostAtHome, evening: Evening, data: dict[str, str], sentence: str
) -> None:
    """It is said beside the field, and the question stays open."""
    page = host.post("soirees/eclaron1/autre-jour", data={"version": evening.version, **data}).text
    assert sentence in page
    assert "Rien n’est encore enregistré." in page


def test_what_has_changed_since_the_page_was_read_is_read_first(host: HostAtHome, evening: Evening) -> None:
    """Nobody agrees to hours that they have not seen."""
    answer = host.post("soirees/eclaron1/oui", data={**read(host), "version": evening.version - 1})
    assert answer.status_code == 409
    assert "a modifié cette soirée entre-temps" in answer.text
    assert "Oui, nous vous recevons" in answer.text
    assert f'value="{evening.version}"' in answer.text  # what is read there can be agreed to


def test_a_plug_that_has_gone_since_the_page_was_read_is_read_first(
    host: HostAtHome, evening: Evening, session: Session
) -> None:
    """The pitch changes without a new version of the evening; the page says so, and the second press agrees to it."""
    first = read(host)
    assert evening.pitch is not None
    evening.pitch.power = ["none"]
    session.commit()
    answer = host.post("soirees/eclaron1/oui", data=first)
    assert answer.status_code == 409
    assert "La soirée vient de changer" in answer.text
    assert "Aucune prise" in answer.text
    assert session.scalars(select(Agreement)).all() == []
    again = dict(re.findall(r'name="(version|terms)"[^>]*value="(\w+)"', answer.text))
    assert host.post("soirees/eclaron1/oui", data=again).status_code == 302
    assert session.scalars(select(Agreement)).one().terms["plugs"] == ["none"]
    evening.pitch.power = ["16a"]
    session.commit()
    again = read(host)
    evening.pitch.power = ["32a"]
    session.commit()
    assert host.post("soirees/eclaron1/accord", data=again).status_code == 409


def test_what_changes_after_the_agreement_is_told_and_agreed_again(
    host: HostAtHome, evening: Evening, session: Session
) -> None:
    """The page compares; agreeing anew is the next version, and the first stays as it was."""
    host.post("soirees/eclaron1/oui", data=read(host))
    session.expire_all()
    evening.starts_at = dt.time(19)
    session.commit()
    page = host.get("soirees/eclaron1").text
    assert "Depuis, ceci a changé" in page
    assert "<del>de 18\u00a0h à 22\u00a0h</del>" in page
    assert "de 19\u00a0h à 22\u00a0h" in page
    assert host.post("soirees/eclaron1/accord", data={**read(host), "version": 1}).status_code == 409
    page = host.post("soirees/eclaron1/accord", data=read(host), follow_redirects=True).text
    assert "Version\u00a02, acceptée par Jeanne Petit par son lien" in page
    assert "Depuis, ceci a changé" not in page
    first, second = session.scalars(select(Agreement).order_by(Agreement.number))
    assert (first.terms["starts_at"], second.terms["starts_at"]) == ("18:00:00", "19:00:00")


@pytest.mark.parametrize("path", ["soirees/{}", "soirees/{}/non", "soirees/{}/autre-jour", "soirees/{}/accord-1.pdf"])
def test_another_villages_evening_does_not_open(host: HostAtHome, session: Session, path: str) -> None:
    """Nor one that is none: both in the same words."""
    other = make.make_evening(session, state="option")
    session.commit()
    answers = [host.get(path.format(evening_id)) for evening_id in (other.id, "nothing1")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(other.id, "") == answers[1].text.replace("nothing1", "")


@pytest.mark.parametrize("path", ["oui", "non", "autre-jour", "accord"])
def test_another_villages_evening_is_not_answered(host: HostAtHome, session: Session, path: str) -> None:
    """Whatever is posted."""
    other = make.make_evening(session, state="option", date=SATURDAY)
    session.commit()
    data = {"version": other.version, "day": "autre", "date": NEXT.isoformat()}
    assert host.post(f"soirees/{other.id}/{path}", data=data).status_code == 404


@pytest.mark.parametrize("state", ["proposed", "confirmed", "postponed", "cancelled", "held"])
def test_an_evening_in_any_state_has_a_page(host: HostAtHome, session: Session, state: str) -> None:
    """Without a question there is no button that answers one."""
    make.make_evening(session, id="eclaron2", commune=session.merge(host.commune), state=state)
    session.commit()
    page = host.get("soirees/eclaron2").text
    assert "Oui, nous vous recevons" not in page
    assert "eclaron2" in host.get("soirees").text


def test_the_others_of_the_village_are_told_which_date_it_is(
    host: HostAtHome, evening: Evening, session: Session, vault: Vault
) -> None:
    """Not whoever has answered."""
    committee = session.merge(host.contact).committee
    other = make.make_contact(
        session, committee=committee, name="Luc Noël", phone_encrypted=vault.encrypt("+33639980002")
    )
    session.commit()
    host.post("soirees/eclaron1/oui", data=read(host))
    [message] = session.scalars(select(Message).where(Message.kind == "agreed"))
    assert message.contact_id == other.id
    assert message.body.startswith("Guinguette : c'est dit, nous venons samedi 17 juillet à Éclaron, 18 h-22 h. ")


def test_what_waits_for_an_answer_is_to_be_done(
    host: HostAtHome, evening: Evening, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """The date that is asked for, until when; once agreed, what has changed since; else nothing."""
    commune = session.merge(host.commune)

    def titles() -> list[str]:
        return [todo.title.format(**todo.values) for todo in host_evenings.todos(session, commune, clock)]

    assert titles() == ["Répondez pour le 2027-07-17"]
    assert [todo.due_on for todo in host_evenings.todos(session, commune, clock)] == [dt.date(2027, 6, 24)]
    host.post("soirees/eclaron1/oui", data=read(host))
    session.expire_all()
    assert titles() == []
    evening.prices = "Deux euros"
    session.commit()
    assert titles() == ["Relisez la soirée du 2027-07-17"]


def test_a_tour_put_aside_asks_nothing(host: HostAtHome, evening: Evening, session: Session, clock: FixedClock) -> None:
    """No task, no button; an answer from a page that was open before is refused in a sentence."""
    session.merge(evening).tour.archived_at = clock.now()
    session.commit()
    assert host_evenings.todos(session, session.merge(host.commune), clock) == []
    for path in ("soirees", "soirees/eclaron1"):
        assert "soirees/eclaron1/oui" not in host.get(path).text
    refused = host.post("soirees/eclaron1/oui", data={"version": evening.version})
    assert refused.status_code == 409
    assert "dans les archives" in refused.text
    session.expire_all()
    assert evening.state == "option"


def test_the_list_of_evenings_takes_a_fixed_number_of_queries(
    host: HostAtHome, session: Session, queries: list[str]
) -> None:
    """However many evenings a village has had."""

    def asked(evenings_more: int) -> int:
        commune = session.merge(host.commune)
        for _ in range(evenings_more):
            day = SATURDAY + dt.timedelta(days=len(queries) + len(session.identity_map))
            make.make_evening(session, commune=commune, date=day, state="option")
        session.commit()
        session.expunge_all()
        before = len(queries)
        host.get("soirees")
        return len(queries) - before

    host.get()  # the first opening of a link is written down
    assert asked(1) == asked(5)


def test_a_date_that_lapsed_while_the_page_was_open(
    host: HostAtHome, evening: Evening, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """The answer comes too late, and the page says so and whom to ring."""
    before = read(host)
    clock.set(dt.datetime(2027, 6, 25, 9, tzinfo=dt.UTC))
    options.expire(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
    session.commit()
    answer = host.post("soirees/eclaron1/oui", data=before)
    assert answer.status_code == 409
    assert "Aucune option n’attend de réponse" in answer.text
    assert "La date n’a pas été confirmée à temps." in answer.text
    assert "appelez-nous" in answer.text
    assert host.get("soirees/eclaron1/non").status_code == 404
