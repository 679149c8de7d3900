"""The tasks: five lines each, that call a service. Huey never tries one again: the rows say what is left to do."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from huey import Huey, crontab
from huey.api import group
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette import association
from guinguette.adapters.ports import Senders
from guinguette.adapters.senders import build_senders
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.domain.clock import Clock, SystemClock
from guinguette.jobs.queue import EMAIL, MESSAGES, PARTS, PLANNING, SMS, build_queue
from guinguette.models import SolverRun
from guinguette.models.engine import session_factory
from guinguette.services import (
    dates_asked,
    host_messages,
    lost_links,
    options,
    planning,
    reconciling,
    reminders,
    retention,
    sending,
    sign_in_mails,
    subscriptions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What tasks work with."""

    settings: Settings
    factory: sessionmaker[Session]
    clock: Clock
    vault: Vault
    senders: Senders


def build_bench(settings: Settings) -> Bench:
    """Return a worker's bench: an engine of its own, the system's clock, the senders in force."""
    return Bench(
        settings=settings,
        factory=session_factory(settings.database_url),
        clock=SystemClock(),
        vault=Vault(settings.data_key),
        senders=build_senders(settings),
    )


def _not_here() -> Bench:
    raise RuntimeError("tasks run in a worker, not where they are asked for")


class Tasks:
    """The queues and their tasks. Whoever only asks for tasks gives no bench.

    ``stopping`` is set when the worker is to stop: a round of ten thousand messages ends after those in hand.
    """

    def __init__(self, url: str, bench: Callable[[], Bench] = _not_here) -> None:
        self.planning = build_queue(url, PLANNING)
        self.parts = build_queue(url, PARTS)
        self.messages = build_queue(url, MESSAGES)
        self.sms = build_queue(url, SMS)
        self.email = build_queue(url, EMAIL)
        self.queues: tuple[Huey, ...] = (self.planning, self.parts, self.messages, self.sms, self.email)
        self.stopping = threading.Event()
        self._bench = cache(bench)
        self._part_worker = cache(lambda: planning.PartWorker(self._bench().factory))
        self.solve = self.planning.task(name="solve")(self._solve)
        self.watch_runs = self.planning.task(name="watch_runs")(self._watch_runs)
        self._take_part = self.parts.task(name="take_part")(self._work_on_part)
        self._send_sms = self.sms.task(name="send_sms")(partial(self._send, "sms"))
        self._send_email = self.email.task(name="send_email")(partial(self._send, "email"))
        self.send_sign_in_link = self.messages.task(name="send_sign_in_link")(self._send_sign_in_link)
        self.send_host_link = self.messages.task(name="send_host_link")(self._send_host_link)
        self.planning.periodic_task(crontab(), name="watch_runs_each_minute")(self._watch_runs)
        self.messages.periodic_task(crontab(), name="remind_each_minute")(self._remind)
        self.messages.periodic_task(crontab(), name="lapse_each_minute")(self._lapse)
        self.messages.periodic_task(crontab(), name="reconcile_each_minute")(self._reconcile)
        self.messages.periodic_task(crontab(hour="3", minute="17"), name="forget_each_night")(self._forget)

    def close(self) -> None:
        """Let go of the queues' connections."""
        for queue in self.queues:
            queue.storage.close()

    def send_due(self) -> None:
        """Ask for a round of each channel, unless one waits already: it will see whatever has been committed."""
        for queue, ask in ((self.sms, self._send_sms), (self.email, self._send_email)):
            if not queue.pending_count():
                ask()

    def wake_for_parts(self, waiting: int) -> None:
        """Put as many messages on the queue as parts wait, as one group; those that nobody has taken yet serve again.

        A message says no more than that there is work: whoever takes one takes the part that has waited longest.
        """
        missing = waiting - self.parts.pending_count()
        if missing > 0:
            self.parts.enqueue(group([self._take_part.s() for _ in range(missing)]))

    def give_parts_back(self) -> None:
        """Called as a worker for parts ends: what it was doing, others do at once."""
        if given := self._part_worker().give_back():
            self.wake_for_parts(given)

    def catch_up(self) -> None:
        """Called as a planning worker starts: what its predecessor left is queued again, or marked interrupted.

        A task is taken off the queue before it runs, so a worker killed between the two would lose it; a run that is
        queued twice is claimed once. A run it was solving is known lost only when it has been silent long enough.
        """
        with self._bench().factory() as session:
            queued = session.scalars(select(SolverRun.id).where(SolverRun.state == "queued")).all()
        for run_id in queued:
            self.solve(run_id)
        self.watch_runs.schedule(delay=planning.SILENCE.total_seconds() + 1)

    def _solve(self, run_id: int) -> None:
        bench = self._bench()
        url, wake = bench.settings.roads_url, self.wake_for_parts if bench.settings.many_machines else None
        planning.execute_run(bench.factory, run_id, bench.clock, roads_url=url, wake=wake)

    def _work_on_part(self) -> None:
        self._part_worker().do_one()

    def _watch_runs(self) -> None:
        bench = self._bench()
        with bench.factory.begin() as session:
            planning.mark_interrupted(session, bench.clock)

    def _lapse(self) -> None:
        bench = self._bench()
        phone = association.read(bench.settings.instance / "association.toml").phone
        url, replies = bench.settings.public_url, bench.settings.receives_sms
        with bench.factory.begin() as session:
            options.expire(session, clock=bench.clock, vault=bench.vault, public_url=url, phone=phone)
            host_messages.nudge(
                session, clock=bench.clock, vault=bench.vault, public_url=url, phone=phone, replies=replies
            )
            dates_asked.nudge(session, clock=bench.clock, vault=bench.vault, public_url=url, phone=phone)
        self.send_due()

    def _forget(self) -> None:
        bench = self._bench()
        with bench.factory.begin() as session:
            retention.forget(session, bench.clock)

    def _remind(self) -> None:
        bench = self._bench()
        with bench.factory.begin() as session:
            reminders.prepare(session, clock=bench.clock, vault=bench.vault, public_url=bench.settings.public_url)
            subscriptions.erase_unconfirmed(session, bench.clock)
        self.send_due()

    def _reconcile(self) -> None:
        bench = self._bench()
        reconciling.reconcile(bench.factory, clock=bench.clock, sms=bench.senders.sms, vault=bench.vault)

    def _send(self, channel: str) -> None:
        bench = self._bench()
        url, wait = bench.settings.public_url, self.stopping.wait
        with bench.factory() as session:
            at_once = sending.senders_needed(session, channel, bench.clock)
        sending.Round(bench.factory, channel, bench.clock, bench.senders, bench.vault, url, wait).run(at_once)

    def _send_sign_in_link(self, user_id: int) -> None:
        bench = self._bench()
        url = bench.settings.public_url
        sign_in_mails.send(bench.factory, user_id, clock=bench.clock, sender=bench.senders.email, public_url=url)

    def _send_host_link(self, address_encrypted: str) -> None:
        bench = self._bench()
        address, url = bench.vault.decrypt(address_encrypted), bench.settings.public_url
        with bench.factory.begin() as session:
            lost_links.ask(session, address, clock=bench.clock, vault=bench.vault, public_url=url)
        self.send_due()
