"""The executor that a run gives its parts to: any number of workers on any number of machines take them.

Rows are the truth (``models.SolverPart``); the queue only wakes workers up. So a message that is lost with its worker
loses nothing, and a worker killed in the middle of a part costs that part's time.
"""

import logging
import pickle
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Result, Row, delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from guinguette.models import SolverPart
from guinguette.services.planning.parts_helpers import Helpers

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")

#: A part that nobody has taken for so long, this machine does itself.
PATIENCE_SECONDS = 4.0
#: A part whose worker has not counted on for so long has lost it (it counts each second).
SILENCE_SECONDS = 10.0
_LOOK_SECONDS = 0.2
_TRIES = 2


@dataclass(slots=True)
class _Open:
    """A part without an answer yet: state, tries and beats of its row, and since when (``time.monotonic``)."""

    future: Future[Any]
    since: float
    seen: tuple[str, int, int] = ("waiting", 0, 0)


class PartsExecutor(Executor):
    """Gives module-level functions, with arguments that can be pickled, to whoever works on parts.

    ``wake(n)`` asks for workers while n parts wait. A worker that is silent for ``silence`` seconds is lost. What fails
    twice, or loses two workers, raises in its future; what nobody takes within ``patience`` seconds is done by
    processes of this machine. Costs nothing before the first ``submit``.
    """

    def __init__(
        self,
        factory: sessionmaker[Session],
        run_id: int,
        wake: Callable[[int], None],
        *,
        patience: float,
        silence: float,
    ) -> None:
        self._factory, self._run_id, self._wake = factory, run_id, wake
        self._patience, self._silence = patience, silence
        self._lock = threading.Lock()
        self._new: list[tuple[bytes, Future[Any]]] = []
        self._open: dict[int, _Open] = {}  # the thread's own
        self._closing = self._withdrawing = False
        self._look_now = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"parts-{run_id}", daemon=True)
        self._helpers = Helpers(factory, run_id, pause=patience)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Give a call away; what is submitted in one go leaves as one group. Raises what ``pickle.dumps`` raises."""
        payload, future = pickle.dumps((fn, args, kwargs)), Future[_T]()
        with self._lock:
            if self._closing:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._new.append((payload, future))
            if self._thread.ident is None:
                self._thread.start()
        self._look_now.set()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take nothing more. ``cancel_futures`` withdraws every part that has no answer, those under way too."""
        with self._lock:
            self._closing, self._withdrawing = True, cancel_futures
        self._look_now.set()
        if wait and self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        try:
            while self._look():
                self._look_now.wait(_LOOK_SECONDS)
                self._look_now.clear()
        finally:
            self._helpers.dismiss()

    def _look(self) -> bool:
        """Hand out what is new, hear what is done; tell whether there may be more."""
        try:
            self._withdraw()
            self._hand_out()
            self._hear()
        except Exception:  # a database that restarts must not cost the run: the next look tries again
            _log.warning("parts of run %s not looked after", self._run_id, exc_info=True)
            if self._withdrawing:
                return False  # ``parts.forget_lost`` will find the rows
        with self._lock:
            return bool(self._open or self._new or not self._closing)

    def _withdraw(self) -> None:
        with self._lock:
            if self._withdrawing:
                for future in [*(future for _, future in self._new), *(part.future for part in self._open.values())]:
                    future.cancel()
            for _, future in self._new:
                if future.cancelled():
                    future.set_running_or_notify_cancel()
            self._new = [(payload, future) for payload, future in self._new if not future.cancelled()]
        gone = [part_id for part_id, part in self._open.items() if part.future.cancelled()]
        for row in self._removed(gone):
            self._open.pop(row.id).future.set_running_or_notify_cancel()

    def _hand_out(self) -> None:
        with self._lock:
            new = list(self._new)
        if not new:
            return
        rows = [SolverPart(run_id=self._run_id, payload=payload) for payload, _ in new]
        with self._factory.begin() as session:
            session.add_all(rows)
            session.flush()
            ids = [row.id for row in rows]
        with self._lock:
            del self._new[: len(new)]
        now = time.monotonic()
        self._open |= {part_id: _Open(future, now) for part_id, (_, future) in zip(ids, new, strict=True)}
        # whoever is asked counts messages, and those under way are for parts that wait already
        self._ask_for_workers(sum(part.seen[0] == "waiting" for part in self._open.values()))

    def _hear(self) -> None:
        if not self._open:
            return
        with self._factory() as session:
            columns = SolverPart.id, SolverPart.state, SolverPart.worker, SolverPart.tries, SolverPart.beats
            rows = _plain(session.execute(select(*columns).where(SolverPart.run_id == self._run_id)))
        rows = [row for row in rows if row.id in self._open]
        for part_id in self._open.keys() - {row.id for row in rows}:
            self._end(part_id, error=BrokenExecutor("the run's parts were taken away: it was held for lost"))
        ended = [row.id for row in rows if row.state == "done" or (row.state == "failed" and row.tries >= _TRIES)]
        silent = [row for row in rows if row.state == "running" and self._unchanged_for(row) > self._silence]
        for gone in self._removed([*ended, *(row.id for row in silent if row.tries >= _TRIES)]):
            self._answer(gone)
        again = [row for row in silent if row.tries < _TRIES]
        again += [row for row in rows if row.state == "failed" and row.tries < _TRIES]
        self._give_again(again)
        self._mind_waiting(rows, given_again=len(again))

    def _unchanged_for(self, row: Row[Any]) -> float:
        """Return for how many seconds the row has stood as it is, as far as was seen here."""
        part, now = self._open[row.id], time.monotonic()
        if part.seen != (stands := (row.state, row.tries, row.beats)):
            part.seen, part.since = stands, now
        return now - part.since

    def _give_again(self, rows: Collection[Row[Any]]) -> None:
        if not rows:
            return
        with self._factory.begin() as session:
            for row in rows:
                _log.warning("part %s of run %s is given again: %s (%s)", row.id, self._run_id, row.state, row.worker)
                same = SolverPart.state == row.state, SolverPart.tries == row.tries, SolverPart.beats == row.beats
                session.execute(
                    update(SolverPart).where(SolverPart.id == row.id, *same).values(state="waiting", answer=None)
                )

    def _mind_waiting(self, rows: Collection[Row[Any]], *, given_again: int) -> None:
        """Wake workers for what is given again or waits too long; do the latter here, if need be."""
        waiting = [row for row in rows if row.state == "waiting" and row.id in self._open]
        late = any(self._unchanged_for(row) > self._patience for row in waiting)
        if late or given_again:
            self._ask_for_workers(len(waiting) + given_again)
        if not late:
            return
        others = any(row.state == "running" and not row.worker.startswith(f"{self._helpers.name}:") for row in rows)
        if self._helpers.hopeless and not others:
            for gone in self._removed([row.id for row in waiting]):
                self._end(gone.id, error=BrokenExecutor("nobody can work on the parts of this run"))
        else:
            self._helpers.call(len(waiting), others=others)

    def _ask_for_workers(self, waiting: int) -> None:
        try:
            self._wake(waiting)
        except Exception:  # whatever the queue's driver raises: where nobody comes, the work is done here
            _log.warning("no workers could be asked for the parts of run %s", self._run_id, exc_info=True)

    def _removed(self, ids: Collection[int]) -> list[Row[Any]]:
        """Delete those rows; return their ids, states and answers."""
        if not ids:
            return []
        columns = SolverPart.id, SolverPart.state, SolverPart.answer
        with self._factory.begin() as session:
            return _plain(session.execute(delete(SolverPart).where(SolverPart.id.in_(ids)).returning(*columns)))

    def _answer(self, row: Row[Any]) -> None:
        if row.state == "running":
            self._end(row.id, error=BrokenExecutor(f"{_TRIES} workers were lost on this part"))
            return
        try:
            value = pickle.loads(row.answer)  # noqa: S301 -- a worker wrote it (``planning.parts``)
        except Exception as error:  # of whatever the answer is made
            self._end(row.id, error=error)
            return
        if row.state == "done":
            self._end(row.id, value)
        else:
            self._end(row.id, error=value)

    def _end(self, part_id: int, value: Any = None, *, error: Exception | None = None) -> None:
        future = self._open.pop(part_id).future
        if not future.set_running_or_notify_cancel():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)


def _plain(result: Result[Any]) -> list[Row[Any]]:
    return list(result)


@contextmanager
def parts_of(
    factory: sessionmaker[Session], run_id: int, wake: Callable[[int], None] | None
) -> Iterator[PartsExecutor | None]:
    """Yield the executor of a run, and withdraw in the end what is left; null where there are no workers to wake."""
    if wake is None:
        yield None
        return
    executor = PartsExecutor(factory, run_id, wake, patience=PATIENCE_SECONDS, silence=SILENCE_SECONDS)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
