"""Processes of this machine that work on the parts of one run, where nobody else does."""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess

from sqlalchemy.orm import Session, sessionmaker

from guinguette.models.engine import session_factory
from guinguette.services.planning.parts import PartWorker

_PAUSE_SECONDS = 0.2
_MOST_DEAD = 3


class Helpers:
    """The processes; ``name`` begins their names as workers. They end with this process, however it ends."""

    def __init__(self, factory: sessionmaker[Session], run_id: int, *, pause: float) -> None:
        self._factory, self._run_id, self._pause = factory, run_id, pause
        self._processes: list[BaseProcess] = []
        self._last = 0.0
        self.name = f"run-{run_id}"

    @property
    def hopeless(self) -> bool:
        """Tell whether they die by themselves: a new one would, too."""
        return sum(not process.is_alive() for process in self._processes) >= _MOST_DEAD

    def call(self, waiting: int, *, others: bool) -> None:
        """Start as many as parts wait: one beside ``others`` who work, else as many as there are cores.

        Those started last are given ``pause`` seconds to take something.
        """
        if time.monotonic() - self._last < self._pause:
            return
        alive = sum(process.is_alive() for process in self._processes)
        room = (1 if others else os.cpu_count() or 1) - alive
        for _ in range(min(room, waiting)):
            self._start()
        self._last = time.monotonic()

    def dismiss(self) -> None:
        """End them, whatever they do."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()

    def _start(self) -> None:
        url = self._factory.kw["bind"].url.render_as_string(hide_password=False)
        # spawned, not forked: a run has threads and connections, of which a fork would have halves
        process = multiprocessing.get_context("spawn").Process(
            target=_help, args=(url, self._run_id, self.name), name=f"part-helper-{self._run_id}", daemon=True
        )
        process.start()
        self._processes.append(process)


def _help(url: str, run_id: int, name: str) -> None:
    """Work on the parts of a run until killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this, who ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    worker = PartWorker(session_factory(url), name)
    while True:
        if not worker.do_one(run_id):
            time.sleep(_PAUSE_SECONDS)


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
