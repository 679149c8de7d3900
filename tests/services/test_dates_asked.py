"""Villages are asked for their dates, nudged until they have answered, and told where they got none."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import Commune, HostLink, Tour, UnservedWish
from guinguette.services import (
    dates_asked,
    dates_board,
    evenings,
    host_links,
    opting_out,
    requests,
    tour_proposals,
    tours,
)
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FakeSms, FixedClock
from tests.services.dates_stage import ANSWER_BY, FIRST, LANDLINE, LAST, standings, village, written
from tests.services.outbox import send


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work, on Wednesday 9 June 2027."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL, phone="03 25 00 00 00")


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour of two dates in August; answers until Wednesday 7 July, nudges three weeks, one week, two days before."""
    return make.make_tour(session, dates=[FIRST, LAST], answer_by=ANSWER_BY, nudge_days=[21, 7, 2])


def test_each_village_is_asked_once_by_sms_or_else_by_e_mail(session: Session, tour: Tour, act: evenings.Act) -> None:
    """With a personal link and a STOP link; who has answered is not asked, who cannot be written to is rung."""
    _, president = village(session, tour, "Allichamps", act.vault)
    village(session, tour, "Bailly", act.vault, phone=LANDLINE, email="mairie@bailly.example")
    village(session, tour, "Ceffonds", act.vault, phone=LANDLINE)
    answered, _ = village(session, tour, "Droyes", act.vault, phone="+33639980004")
    answered.answered_at, answered.answered_how = NOW, "phone"
    session.flush()
    version = president.version
    assert standings(session, tour, act) == ["unasked", "unasked", "to_ring", "answered"]
    assert dates_asked.ask(session, tour, act) == 2
    assert dates_asked.ask(session, tour, act) == 0
    assert standings(session, tour, act) == ["asked", "asked", "to_ring", "answered"]
    sms, email = sorted(written(session), key=lambda message: message.channel, reverse=True)
    assert (sms.contact_id, sms.kind, sms.number, sms.tour_id) == (president.id, "dates", 20270609, tour.id)
    assert sms.body.startswith(
        "Guinguette : quels soirs pouvez-vous nous recevoir à Allichamps ? Répondez jusqu'au mercredi 7 juillet, ici : "
        f"{host_links.placeholder_url(PUBLIC_URL)} ou par téléphone au 03 25 00 00 00. STOP : "
    )
    assert (email.channel, email.segments) == ("email", 0)
    assert email.subject == "Guinguette\u00a0: quels soirs vous conviennent\u00a0?"
    assert opting_out.find(session, sms.body.rpartition("/")[2], act.vault) is president
    session.refresh(tour)
    session.refresh(president)
    assert (tour.asked_at, tour.asked_by, president.version) == (NOW, "o@example.org", version)


def test_two_organisers_who_click_at_once_ask_once(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, act: evenings.Act
) -> None:
    """Whoever is second finds nobody left, with each database."""
    for number in range(5):
        village(session, tour, f"Village-{number}", act.vault, phone=f"+3363998001{number}")
    session.commit()
    tour_id, ready = tour.id, Barrier(2)
    session.rollback()

    def click(_: int) -> int:
        with session_factory.begin() as own:
            theirs = own.get_one(Tour, tour_id)
            ready.wait()
            return dates_asked.ask(own, theirs, act)

    with ThreadPoolExecutor(2) as organisers:
        assert sum(organisers.map(click, range(2))) == 5
    assert len(written(session)) == 5


def test_a_village_that_joins_later_is_asked_by_the_next_click(
    session: Session, tour: Tour, act: evenings.Act, clock: FixedClock
) -> None:
    """And nobody else is; who asked first, and when, stays."""
    village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    clock.advance(days=1)
    village(session, tour, "Bailly", act.vault, phone="+33639980002")
    assert dates_asked.ask(session, tour, act) == 1
    session.refresh(tour)
    assert tour.asked_at == NOW


def test_the_token_is_made_as_the_message_leaves_and_the_link_opens(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """Asked at night, it leaves at nine; the board says when the link was opened."""
    clock.set(dt.datetime(2027, 6, 9, 20, 0, tzinfo=dt.UTC))
    _, contact = village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    session.commit()
    assert send(session_factory, clock, sms, act.vault) == {}
    clock.set(dt.datetime(2027, 6, 10, 7, 0, tzinfo=dt.UTC))
    assert send(session_factory, clock, sms, act.vault) == {"sent": 1}
    token = sms.sent[0].body.partition("/comite/")[2].partition(" ")[0]
    link = host_links.find(session, token, clock)
    assert link.contact_id == contact.id
    link.opened_at = clock.now()
    session.flush()
    assert dates_board.of_tour(session, tour, clock, act.vault)[0].opened_at == clock.now()


def test_the_question_does_not_leave_once_somebody_has_answered(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """By telephone, in the hour between."""
    clock.set(dt.datetime(2027, 6, 9, 20, 0, tzinfo=dt.UTC))
    request, _ = village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    session.commit()
    command = requests.AnswerCommand(levels={FIRST: "yes"}, answered_by="téléphone de Mme Petit")
    requests.record_answer(session, request, command, request.version, clock)
    session.commit()
    clock.set(dt.datetime(2027, 6, 10, 7, 0, tzinfo=dt.UTC))
    assert send(session_factory, clock, sms, act.vault) == {"dropped": 1}
    assert sms.sent == []
    assert session.scalars(select(HostLink)).all() == []


def test_whoever_said_stop_is_rung(session: Session, tour: Tour, act: evenings.Act) -> None:
    """No nudge either."""
    _, contact = village(session, tour, "Allichamps", act.vault)
    opting_out.oppose(session, contact, said_by="link", clock=act.clock, vault=act.vault)
    assert standings(session, tour, act) == ["to_ring"]
    assert dates_asked.ask(session, tour, act) == 0


def test_a_schedule_that_cannot_be_kept_is_refused(session: Session, tour: Tour, act: evenings.Act) -> None:
    """Today, after the tour's end, too many nudges, or over somebody else's."""

    def refused(**values: object) -> str | None:
        fine: dict[str, object] = {"answer_by": ANSWER_BY, "nudge_days": [7], "version": tour.version}
        with pytest.raises((InvalidInput, Conflict)) as error:
            dates_asked.schedule(session, tour, clock=act.clock, **(fine | values))  # type: ignore[arg-type]
        return error.value.field

    assert refused(answer_by=NOW.date()) == refused(answer_by=LAST) == "answer_by"
    assert refused(nudge_days=[1, 2, 3, 4, 5, 6]) == refused(nudge_days=[61]) == "nudge_days"
    assert refused(version=0) is None
    dates_asked.schedule(
        session, tour, answer_by=ANSWER_BY, nudge_days=[2, 7, 7], version=tour.version, clock=act.clock
    )
    assert tour.nudge_days == [7, 2]
    proposal = replace(tour_proposals.from_tour(tour, NOW.date()), weekdays=frozenset(range(7)))
    next_tour = tours.copy(session, tour, proposal, act.clock)
    assert (next_tour.nudge_days, next_tour.answer_by, next_tour.asked_at) == ([7, 2], None, None)


def test_nobody_is_asked_before_the_last_day_is_known(session: Session, act: evenings.Act) -> None:
    """Nor once it has come."""
    tour = make.make_tour(session, dates=[FIRST])
    with pytest.raises(InvalidInput):
        dates_asked.ask(session, tour, act)
    assert dates_asked.usual_answer_by(tour, act.clock) == ANSWER_BY
    tour.answer_by = NOW.date()
    with pytest.raises(InvalidInput):
        dates_asked.ask(session, tour, act)


def test_a_village_without_a_date_is_told_once(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, act: evenings.Act,
    clock: FixedClock, sms: FakeSms,
) -> None:  # fmt: skip
    """Not before the dates are online; one that has an evening, or had one that was called off, knows already."""
    village(session, tour, "Allichamps", act.vault)
    served, _ = village(session, tour, "Bailly", act.vault, phone="+33639980002")
    called_off, _ = village(session, tour, "Ceffonds", act.vault, phone="+33639980003")
    later, _ = village(session, tour, "Droyes", act.vault, phone="+33639980004")
    mute, _ = village(session, tour, "Eurville", act.vault, phone=LANDLINE)
    assert dates_asked.without_date(session, tour, act.vault) == []
    shown = [
        make.make_evening(session, tour=tour, commune=served.commune),
        make.make_evening(session, tour=tour, commune=called_off.commune, state="cancelled"),
    ]
    make.make_publication(session, tour=tour, evenings=shown)
    silent = dates_asked.without_date(session, tour, act.vault)
    assert [each.commune.name for each in silent] == ["Allichamps", "Droyes", "Eurville"]
    assert (silent[2].addressee, silent[2].people[0].committee.commune) == (None, mute.commune)
    dates_asked.note_rung(session, tour, mute.commune_insee, act)
    session.flush()
    assert [each.knows for each in dates_asked.without_date(session, tour, act.vault)] == [False, False, True]
    for known in (mute, served):
        with pytest.raises(NotFound):
            dates_asked.note_rung(session, tour, known.commune_insee, act)
    assert (dates_asked.tell(session, tour, act), dates_asked.tell(session, tour, act)) == (2, 0)
    assert all(each.knows for each in dates_asked.without_date(session, tour, act.vault))
    make.make_evening(session, tour=tour, commune=later.commune)
    session.commit()
    assert send(session_factory, clock, sms, act.vault) == {"sent": 1, "dropped": 1}
    assert sms.sent[0].body.startswith(
        "Guinguette : pas de soirée à Allichamps cette fois. Les dates retenues : https://guinguette.example Pour en "
        "parler, appelez-nous au 03 25 00 00 00. STOP : "
    )


def test_a_village_that_joined_after_the_plan_is_for_the_next(session: Session, tour: Tour, act: evenings.Act) -> None:
    """Nobody has passed it over yet; whom the plan could not serve is told."""
    short, _ = village(session, tour, "Allichamps", act.vault)
    plan = make.make_plan(session, tour=tour)
    plan.unserved = [UnservedWish(commune=short.commune, missing=1)]
    make.make_publication(session, tour=tour, plan_id=plan.id)
    village(session, tour, "Bailly", act.vault, phone="+33639980002")
    assert [each.commune.name for each in dates_asked.without_date(session, tour, act.vault)] == ["Allichamps"]


def test_forty_villages_are_as_many_queries_as_one(
    session: Session, tour: Tour, act: evenings.Act, queries: list[str]
) -> None:
    """However long the list, the page opens as fast."""

    def asked() -> int:
        session.flush()
        session.expire_all()
        _ = tour.dates
        queries.clear()
        dates_board.of_tour(session, tour, act.clock, act.vault)
        dates_asked.without_date(session, tour, act.vault)
        return len(queries)

    make.make_publication(session, tour=tour, evenings=[])
    village(session, tour, "Allichamps", act.vault)
    few = asked()
    for number in range(8):
        village(session, tour, f"Village-{number}", act.vault, phone=f"+3363998001{number}")
    assert asked() == few
    assert session.scalar(select(Commune.name).where(Commune.name == "Village-7"))
