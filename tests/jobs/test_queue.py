"""Queues by URL and the tasks on them (guinguette/jobs/): one process asks, another works."""

import datetime as dt
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from huey import PostgresHuey, RedisHuey, SqliteHuey
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import Known, Senders
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.jobs.queue import QueuedJobs, build_queue
from guinguette.jobs.tasks import Bench, Tasks
from guinguette.models import SolverPart, SolverRun
from guinguette.services import dates_asked, planning
from guinguette.services.evenings import Act
from tests import factories
from tests.conftest import POSTGRESQL, new_database
from tests.fakes import FakeEmail, FakeSms, FixedClock


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A queue of each kind that this run can reach."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'queue.sqlite3'}"
    elif POSTGRESQL:
        yield new_database("queue")  # of this test alone: a neighbour's process would take tasks off a shared queue
    else:
        pytest.skip("no PostgreSQL in this run (GUINGUETTE_TEST_DATABASE_URL)")


@pytest.fixture
def tasks(
    url: str,
    settings: Settings,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    vault: Vault,
    sms: FakeSms,
    email: FakeEmail,
) -> Iterator[Tasks]:
    """A worker's side of the queue."""
    bench = Bench(settings=settings, factory=session_factory, clock=clock, vault=vault, senders=Senders(sms, email))
    tasks = Tasks(url, lambda: bench)
    yield tasks
    tasks.close()


@pytest.fixture
def asking(url: str) -> Iterator[QueuedJobs]:
    """The side of whoever asks."""
    jobs = QueuedJobs(url)
    yield jobs
    jobs.close()


def _work(huey: SqliteHuey) -> int:
    """Do what a consumer does until the queue is empty; return how many tasks there were."""
    done = 0
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
        done += 1
    return done


def test_the_address_says_which_queue(tmp_path: Path) -> None:
    """SQLite makes the folder it needs; other schemes than the three are refused."""
    assert isinstance(build_queue(f"sqlite:///{tmp_path / 'a' / 'q.sqlite3'}", "x"), SqliteHuey)
    assert isinstance(build_queue("redis://127.0.0.1:1/0", "x"), RedisHuey)
    with pytest.raises(ValueError, match="no queue for"):
        build_queue("carrier-pigeon://home", "x")


@pytest.mark.skipif(not POSTGRESQL, reason="no PostgreSQL in this run (GUINGUETTE_TEST_DATABASE_URL)")
def test_postgresql_has_its_queue() -> None:
    """The database's own address serves for the queue too."""
    queue = build_queue(new_database("queue"), "x")
    assert isinstance(queue, PostgresHuey)
    queue.storage.close()


def test_asking_opens_nothing_before_it_asks(tmp_path: Path) -> None:
    """The web makes its jobs at start, whether or not a queue can be reached yet."""
    jobs = QueuedJobs(f"sqlite:///{tmp_path / 'later' / 'queue.sqlite3'}")
    assert not (tmp_path / "later").exists()
    assert jobs.waiting() == 0
    assert (tmp_path / "later").exists()
    jobs.close()


def test_what_one_asks_another_does(tasks: Tasks, asking: QueuedJobs, session: Session) -> None:
    """A solve asked for by the web is carried out on the worker's bench, once; each channel has a queue too."""
    run = factories.make_run(session)  # its season is empty: the solver refuses it, which is an answer
    session.commit()
    asking.solve(run.id)
    asking.send_due()
    assert asking.waiting() == 3
    assert [_work(queue) for queue in tasks.queues] == [1, 0, 0, 1, 1]
    assert asking.waiting() == 0
    session.refresh(run)
    assert run.state == "failed"


def test_due_messages_leave(tasks: Tasks, asking: QueuedJobs, session: Session, vault: Vault, sms: FakeSms) -> None:
    """``send_due`` sends with the bench's sender."""
    subscriber = factories.make_subscriber(session, vault=vault)
    factories.make_message(session, subscriber=subscriber, kind="code", body="Votre code : 123456", urgent=True)
    session.commit()
    asking.send_due()
    _work(tasks.sms)
    assert [message.body for message in sms.sent] == ["Votre code : 123456"]


def test_villages_are_nudged_for_their_dates_minute_by_minute(
    tasks: Tasks, session: Session, clock: FixedClock, vault: Vault, sms: FakeSms
) -> None:
    """Asked a week ago, they get one SMS on the day of the schedule, however many minutes it has."""
    tour = factories.make_tour(session, answer_by=dt.date(2027, 6, 30), nudge_days=[14], dates=[dt.date(2027, 8, 6)])
    contact = factories.make_contact(session, phone_encrypted=vault.encrypt("+33639980001"))
    factories.make_request(session, tour=tour, commune=contact.committee.commune)
    act = Act(actor="o@example.org", clock=clock, vault=vault, public_url=tasks._bench().settings.public_url)
    assert dates_asked.ask(session, tour, act) == 1
    session.commit()
    _work(tasks.sms)
    clock.advance(days=7)
    for _ in range(3):
        tasks._lapse()
        _work(tasks.sms)
    assert ["il nous manque vos soirs" in message.body for message in sms.sent] == [False, True]


def test_who_asks_ten_times_asks_for_one_round(tasks: Tasks, asking: QueuedJobs) -> None:
    """A round that waits will see everything; rounds must not pile up while ten thousand messages leave."""
    for _ in range(10):
        asking.send_due()
    assert [_work(queue) for queue in tasks.queues] == [0, 0, 0, 1, 1]


def test_emails_leave_while_sms_do_not(tasks: Tasks, session: Session, vault: Vault, email: FakeEmail) -> None:
    """Nobody works on the SMS here: a queue that is stuck holds the other channel in no way."""
    reader = factories.make_subscriber(session, vault=vault, email_encrypted=vault.encrypt("a@example.org"))
    factories.make_message(session, subscriber=reader)
    factories.make_message(session, subscriber=reader, channel="email", subject="Samedi", segments=0)
    session.commit()
    tasks.send_due()
    _work(tasks.email)
    assert [letter.subject for letter in email.sent] == ["Samedi"]


def test_a_worker_told_to_stop_leaves_the_rest_for_the_next(
    tasks: Tasks, session: Session, vault: Vault, sms: FakeSms
) -> None:
    """The clock stands still, so after a second's worth of messages the worker waits; then it is told to stop."""
    reader = factories.make_subscriber(session, vault=vault)
    for _ in range(30):
        factories.make_message(session, subscriber=reader)
    session.commit()
    tasks.stopping.set()
    tasks.send_due()
    _work(tasks.sms)
    assert len(sms.sent) == 10


def test_doubts_are_cleared_up_by_a_task(
    tasks: Tasks, session: Session, vault: Vault, sms: FakeSms, clock: FixedClock
) -> None:
    """The provider is asked, and says that it has the message."""
    reader = factories.make_subscriber(session, vault=vault)
    message = factories.make_message(session, subscriber=reader, state="uncertain", claimed_at=clock.now())
    session.commit()
    sms.known = [Known("SM1", message.body, "delivered", "")]
    clock.advance(minutes=1)
    tasks._reconcile()
    session.refresh(message)
    assert message.state == "delivered"


def test_a_new_worker_takes_up_what_the_last_one_left(tasks: Tasks, session: Session, clock: FixedClock) -> None:
    """A queued run whose task was lost is queued again; asking twice runs it once."""
    run = factories.make_run(session)
    session.commit()
    tasks.catch_up()
    tasks.catch_up()
    assert _work(tasks.planning) == 4  # each time the run, and the watch that follows later
    session.refresh(run)
    assert run.state == "failed"
    assert run.started_at == clock.now()


def test_parts_wake_as_many_workers_as_wait(tasks: Tasks, asking: QueuedJobs, session: Session) -> None:
    """One group for all; messages that nobody has taken serve again; each brings one worker for the oldest part."""
    call = pickle.dumps((abs, (-3,), {}))
    parts = [SolverPart(run_id=factories.make_run(session, state="running").id, payload=call) for _ in range(2)]
    session.add_all(parts)
    session.commit()
    asking.wake_for_parts(2)
    asking.wake_for_parts(3)
    assert asking.waiting() == 3
    assert _work(tasks.parts) == 3
    session.expire_all()
    assert [(part.state, part.tries, part.answer) for part in parts] == [("done", 1, pickle.dumps(3))] * 2


def test_parts_that_a_stopped_worker_had_are_asked_for_again(
    tasks: Tasks, asking: QueuedJobs, session: Session
) -> None:
    """It was told to stop in the middle of one: the next worker is called at once."""
    part = SolverPart(run_id=factories.make_run(session, state="running").id, payload=b"")
    session.add(part)
    session.commit()
    tasks._part_worker()._take(None)
    tasks.give_parts_back()
    session.expire_all()
    assert (part.state, part.tries, asking.waiting()) == ("waiting", 0, 1)


def test_a_silent_run_is_marked_interrupted(tasks: Tasks, session: Session, clock: FixedClock) -> None:
    """Its worker was killed: the watch marks it once it has been silent long enough, and not before."""
    tour = factories.make_tour(session)
    run = factories.make_run(session, tour=tour, state="running", started_at=clock.now(), heartbeat_at=clock.now())
    session.commit()
    tasks.watch_runs()
    _work(tasks.planning)
    session.refresh(run)
    assert run.state == "running"
    clock.advance(seconds=planning.SILENCE.total_seconds() + 1)
    tasks.watch_runs()
    _work(tasks.planning)
    session.refresh(run)
    assert run.state == "interrupted"
    assert session.get_one(SolverRun, run.id).finished_at == clock.now()


def test_whoever_asks_cannot_work(url: str) -> None:
    """The web's side has no bench: a task that ran there would be a mistake."""
    tasks = Tasks(url)
    with pytest.raises(RuntimeError, match="worker"):
        tasks.catch_up()
    tasks.close()
