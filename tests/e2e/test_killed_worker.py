"""A worker killed while the provider holds its request: nobody ever gets the SMS twice."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from guinguette import config
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.domain.clock import SystemClock
from guinguette.jobs.queue import QueuedJobs
from guinguette.models import Message
from guinguette.models.engine import session_factory as build_factory
from guinguette.services.sending import LOST_AFTER
from tests.adapters.fake_twilio import Answer, FakeTwilio
from tests.conftest import DATA_KEY
from tests.factories import make_message, make_subscriber

pytestmark = pytest.mark.enable_socket

_COMMAND = (sys.executable, "-m", "guinguette.cli")


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """A Twilio that remembers."""
    fake = FakeTwilio()
    yield fake
    fake.stop()


@pytest.fixture
def environ(twilio: FakeTwilio, tmp_path: Path) -> dict[str, str]:
    """An installation of its own, whose SMS go to the fake; its schema is made."""
    ours = {
        "GUINGUETTE_INSTANCE": str(tmp_path),
        "GUINGUETTE_DATA_KEY": DATA_KEY,
        "GUINGUETTE_SMS": "twilio",
        "GUINGUETTE_TWILIO_API_URL": twilio.start(),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "t",
    }
    others = {k: v for k, v in os.environ.items() if not k.startswith(("GUINGUETTE_", "TWILIO_"))}
    subprocess.run([*_COMMAND, "db", "upgrade"], env=others | ours, check=True, capture_output=True)
    return others | ours


@pytest.fixture
def settings_of_worker(environ: dict[str, str], tmp_path: Path) -> Settings:
    """The same settings, in this process."""
    return config.load(environ, root=tmp_path)


@pytest.fixture
def factory(settings_of_worker: Settings) -> Iterator[sessionmaker[Session]]:
    """Sessions on the worker's database."""
    factory = build_factory(settings_of_worker.database_url)
    yield factory
    factory.kw["bind"].dispose()


@pytest.fixture
def start_worker(environ: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a real worker for messages; whatever still runs at the end is stopped."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [*_COMMAND, "worker", "--queue", "messages", "--no-periodic"]
        started.append(subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _state(factory: sessionmaker[Session], message_id: str) -> str:
    with factory() as session:
        return session.get_one(Message, message_id).state


def test_a_worker_killed_while_sending_never_leads_to_a_second_sms(
    twilio: FakeTwilio,
    settings_of_worker: Settings,
    factory: sessionmaker[Session],
    start_worker: Callable[[], subprocess.Popen[bytes]],
) -> None:
    """kill -9 with the request in flight: the message becomes uncertain, and Twilio has it exactly once."""
    now = SystemClock().now()
    hour = timedelta(hours=1)
    with factory.begin() as session:
        subscriber = make_subscriber(session, vault=Vault(settings_of_worker.data_key))
        row = make_message(session, subscriber=subscriber, kind="code", urgent=True, due_at=now, expires_at=now + hour)
        message_id = row.id
    held = threading.Event()
    twilio.answers = [Answer(wait=held)]
    jobs = QueuedJobs(settings_of_worker.queue_url)

    jobs.send_due()
    worker = start_worker()
    assert twilio.asked.wait(60), "the worker never asked Twilio"
    worker.kill()
    worker.wait()
    held.set()
    assert _state(factory, message_id) == "sending"

    with factory.begin() as session:  # the minutes go by, and another message comes
        session.execute(update(Message).values(claimed_at=now - LOST_AFTER))
        second = make_message(
            session, subscriber=subscriber, kind="code", urgent=True, due_at=now, expires_at=now + hour
        ).id
    twilio.asked.clear()
    jobs.send_due()
    start_worker()
    assert twilio.asked.wait(60), "the second worker never asked Twilio"
    assert _state(factory, message_id) == "uncertain"
    assert [form["StatusCallback"].rsplit("/", 1)[1] for form in twilio.accepted] == [message_id, second]
