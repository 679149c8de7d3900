"""A stage for real workers: a database, a Twilio that fails in every way, callbacks to the real app, kill -9."""

import datetime as dt
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import WSGIRequestHandler, make_server

from guinguette import config, create_app, extensions
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.adapters.vault import Vault
from guinguette.cli import run
from guinguette.config import Settings
from guinguette.domain.clock import SystemClock
from guinguette.jobs.queue import QueuedJobs
from guinguette.models import Message, RuleSetting, Subscriber
from guinguette.models.engine import session_factory
from guinguette.services import gateways, messages, reconciling, sending
from guinguette.services.evenings import Act
from tests.adapters.fake_twilio import FAULTS, Answer, FakeTwilio
from tests.conftest import DATA_KEY
from tests.factories import make_evening
from tests.fakes import FixedClock

TOKEN = "made-up-token"


@dataclass
class Stage:
    """What the tests do with it, and the account at the end. ``environ`` is the workers'."""

    settings: Settings
    environ: dict[str, str]
    twilio: FakeTwilio
    factory: sessionmaker[Session]
    log: Path
    dice: random.Random = field(default_factory=lambda: random.Random(6))  # noqa: S311 -- the same story each time
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def fill(self, count: int) -> None:
        """Queue a reminder of tomorrow's evening for so many people; urgent, for a test may run at night."""
        now, vault = SystemClock().now(), Vault(self.settings.data_key)
        with self.factory.begin() as session:
            for key, value in (("sms_per_second", max(20, count // 80)), ("sms_daily_budget", 100_000)):
                session.add(RuleSetting(key=key, value=value, valid_from=dt.date(2020, 1, 1), source="test"))
            evening = make_evening(session, date=now.date() + dt.timedelta(days=1))
            people = [
                Subscriber(
                    phone_encrypted=vault.encrypt(phone),
                    phone_hash=vault.fingerprint(phone),
                    stop_token_hash=f"{phone:0>64}",
                    created_at=now,
                    confirmed_at=now,
                )
                for phone in (f"+336{39980000 + number:08}" for number in range(count))
            ]
            session.add_all(people)
            session.flush()
            drafts = [
                messages.Draft(
                    subscriber_id=person.id, evening_id=evening.id, kind="reminder",
                    number=messages.reminder_number(evening.date), body="Guinguette : demain à Éclaron, 18 h.",
                    segments=1, urgent=True, due_at=now, expires_at=now + dt.timedelta(days=1),
                )
                for person in people
            ]  # fmt: skip
            assert messages.enqueue(session, drafts, SystemClock()) == count

    def misbehave(self, share: float) -> None:
        """Let Twilio fail in one of its ways for such a share of requests, and be slow now and then."""

        def mood() -> Answer:
            if self.dice.random() < share:
                return self.dice.choice(FAULTS)
            return Answer(seconds=self.dice.random() ** 8 * 0.2)

        self.twilio.mood = mood

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a real worker for messages; the round it is to make must be asked for."""
        command = [sys.executable, "-m", "guinguette.cli", "worker", "--queue", "messages", "--no-periodic"]
        with self.log.open("ab") as log:
            self.workers.append(subprocess.Popen(command, env=self.environ, stdout=log, stderr=log))
        return self.workers[-1]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9. Once no worker is left, what they had in hand grows old, as it would in five minutes."""
        worker.kill()
        worker.wait()
        self.workers.remove(worker)
        if not self.workers:
            with self.factory.begin() as session:
                old = SystemClock().now() - sending.LOST_AFTER
                session.execute(update(Message).where(Message.state == "sending").values(claimed_at=old))

    def ask(self) -> None:
        """Ask for a round as the periodic task does, and open what was shut for minutes, as an organiser may."""
        with self.factory.begin() as session:
            gateways.resume(session, "sms")
        jobs = QueuedJobs(self.settings.queue_url)
        jobs.send_due()
        jobs.close()

    def wait_for_sms(self, more: int) -> None:
        """Wait until so many more SMS have reached Twilio, or nothing is left to do."""
        before = len(self.twilio.accepted)
        self._ask_until(lambda states: len(self.twilio.accepted) >= before + more or not states["queued"])

    def drain(self) -> None:
        """Wait until nothing is queued and nothing is in anybody's hands."""
        self._ask_until(lambda states: not states["queued"] and not states["sending"])

    def _ask_until(self, done: Callable[[Counter[str]], bool]) -> None:
        """Ask for rounds, twice a second instead of each minute; the database may be away meanwhile."""
        until = time.monotonic() + 600
        while True:
            with suppress(OperationalError, psycopg.OperationalError):
                if done(self.states()):
                    return
                self.ask()
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.5)

    def states(self) -> Counter[str]:
        """Count the messages by state."""
        with self.factory() as session:
            rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
            return Counter({row[0]: row[1] for row in rows})

    def reconcile(self) -> None:
        """Ask Twilio, through the official client, as often as the worker would within the next hours."""
        sms, vault = TwilioSms(self.settings), Vault(self.settings.data_key)
        clock = FixedClock(SystemClock().now())
        for after in reconciling.LOOKS_AFTER:
            clock.advance(seconds=after.total_seconds() + 1)
            while reconciling.reconcile(self.factory, clock=clock, sms=sms, vault=vault):
                pass

    def send_never_left_again(self) -> int:
        """Do what an organiser does with what never left; return how many it were."""
        act = Act(
            actor="tests", clock=SystemClock(), vault=Vault(self.settings.data_key), public_url=self.settings.public_url
        )
        with self.factory.begin() as session:
            lost = session.scalars(select(Message).where(Message.state == "failed")).all()
            for message in lost:
                reconciling.send_again(session, message, act)
        return len(lost)

    def settle_callbacks(self) -> None:
        """Wait for Twilio's last words."""
        for thread in threading.enumerate():
            if thread.name.startswith("callback"):
                thread.join(60)

    def account(self) -> Counter[str]:
        """Hold every row against what really left: never two, and each is where it is said to be. Return the states."""
        self.settle_callbacks()
        left = Counter(self.twilio.ids())
        assert max(Counter(form["To"] for form in self.twilio.accepted).values()) == 1
        assert max(left.values()) == 1
        with self.factory() as session:
            rows = session.execute(select(Message.id, Message.state, Message.error)).all()
        for message_id, state, error in rows:
            if message_id in left:
                assert state in ("sent", "delivered"), (state, error)
            else:
                assert (state, error) == ("failed", messages.NEVER_LEFT)
        return Counter(state for _, state, _ in rows)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


@contextmanager
def open_stage(folder: Path, database_url: str = "") -> Iterator[Stage]:
    """Make an installation in ``folder``, with the app behind real HTTP for callbacks; stop all of it at the end.

    ``os.environ`` holds no setting of ours.
    """
    # kept from the start: its number stands in the settings, and nobody else may take it before the server is there
    port = socket.create_server(("127.0.0.1", 0))
    twilio = FakeTwilio(token=TOKEN)
    ours = {
        "GUINGUETTE_INSTANCE": str(folder / "instance"),
        "GUINGUETTE_DATA_KEY": DATA_KEY,
        "GUINGUETTE_PUBLIC_URL": f"http://127.0.0.1:{port.getsockname()[1]}",
        "GUINGUETTE_SMS": "twilio",
        "GUINGUETTE_TWILIO_API_URL": twilio.start(),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": TOKEN,
    } | ({"GUINGUETTE_DATABASE_URL": database_url} if database_url else {})
    os.environ.update(ours)
    assert run(["db", "upgrade"]) == 0
    settings = config.load()
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, fd=port.fileno())
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    factory = session_factory(settings.database_url)
    stage = Stage(settings, dict(os.environ), twilio, factory, folder / "workers.log")
    try:
        yield stage
    finally:
        for worker in stage.workers:
            worker.kill()
            worker.wait()
        stage.settle_callbacks()
        server.shutdown()
        serving.join(10)
        server.server_close()
        port.close()
        twilio.stop()
        factory.kw["bind"].dispose()
        with app.app_context():
            extensions.db.engine.dispose()
        for name in ours:
            del os.environ[name]
