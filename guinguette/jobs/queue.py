"""Queues, built from a URL, and the ``Jobs`` port on them."""

from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

#: A code somebody is waiting for never stands behind a solve that takes minutes, nor an e-mail behind ten thousand SMS:
#: messages are prepared on one queue and leave on another, one for each channel. A run waits for its parts.
PLANNING, PARTS, MESSAGES, SMS, EMAIL = "planning", "parts", "messages", "sms", "email"


def build_queue(url: str, name: str) -> Huey:
    """Return the queue ``name`` at ``url``: ``sqlite:///<file>``, ``postgresql://…`` or ``redis://…``.

    Results are not kept: what a task does stands in the database. Raises ``ValueError`` on another scheme.
    """
    scheme = urlsplit(url).scheme.split("+")[0]
    options: dict[str, Any] = {"name": f"guinguette-{name}", "results": False}
    if scheme == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(filename=str(path), timeout=30, **options)
    if scheme == "postgresql":
        # psycopg knows nothing of the driver that SQLAlchemy's addresses name
        return PostgresHuey(dsn="postgresql://" + url.split("://", 1)[1], **options)
    if scheme in ("redis", "rediss"):
        return RedisHuey(url=url, **options)
    raise ValueError(f"no queue for {scheme}://")


class QueuedJobs:
    """``adapters.ports.Jobs``: puts tasks on the queues. Opens nothing before the first call."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _tasks(self) -> Any:
        # the tasks import this module, and every service: only whoever asks for one pays
        from guinguette.jobs.tasks import Tasks  # noqa: PLC0415

        return Tasks(self._url)

    def solve(self, run_id: int) -> None:
        """Ask a worker to run the solver."""
        self._tasks.solve(run_id)

    def wake_for_parts(self, waiting: int) -> None:
        """See to it that a worker comes for each part of a run that waits."""
        self._tasks.wake_for_parts(waiting)

    def send_due(self) -> None:
        """Ask the workers to send what is due, on each channel."""
        self._tasks.send_due()

    def send_sign_in_link(self, user_id: int) -> None:
        """Ask a worker to send a sign-in link."""
        self._tasks.send_sign_in_link(user_id)

    def send_host_link(self, address_encrypted: str) -> None:
        """Ask a worker to send a host's link."""
        self._tasks.send_host_link(address_encrypted)

    def close(self) -> None:
        """Let go of the queue's connections, where there are any."""
        if "_tasks" in self.__dict__:
            self._tasks.close()

    def waiting(self) -> int:
        """Return how many tasks wait for a worker. Raises what the queue's driver raises when it is out of reach."""
        return sum(queue.pending_count() for queue in self._tasks.queues)
