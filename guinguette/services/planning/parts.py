"""Whoever is free works on a part of a run: takes it, shows that it is alive, writes the answer down.

A call and its answer are pickled. That trusts the database as much as huey's messages, pickled too, trust the queue:
whoever can write to either can do as they please in any worker.
"""

import contextlib
import logging
import os
import pickle
import socket
import threading
import uuid
from collections.abc import Iterator

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from guinguette.models import SolverPart, SolverRun

_log = logging.getLogger(__name__)

_BEAT_SECONDS = 1.0


class PartWorker:
    """Works on one part after the other. ``name`` stands in the rows of those it has taken."""

    def __init__(self, factory: sessionmaker[Session], name: str = "") -> None:
        self._factory = factory
        self._name = f"{name or socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex}"

    def do_one(self, run_id: int | None = None) -> bool:
        """Take the part that waits longest (of one run, or of any) and do it; tell whether there was one."""
        part = self._take(run_id)
        if part is None:
            return False
        part_id, payload = part
        with self._beating(part_id):
            state, answer = _done(payload)
        result = update(SolverPart).where(SolverPart.id == part_id).values(state=state, answer=answer)
        if state == "done":
            # first come, first served: an answer is good from whoever was thought lost, too, and counts once
            result = result.where(SolverPart.state.in_(("waiting", "running")))
        else:
            result = result.where(SolverPart.state == "running", SolverPart.worker == self._name)
        with self._factory.begin() as session:
            session.execute(result)
        return True

    def give_back(self) -> int:
        """Let others have at once what this worker is told to leave; return how many parts. It was no try."""
        mine = SolverPart.state == "running", SolverPart.worker == self._name
        left = {"state": "waiting", "worker": "", "tries": SolverPart.tries - 1}
        with self._factory.begin() as session:
            return len(session.scalars(update(SolverPart).where(*mine).values(left).returning(SolverPart.id)).all())

    def _take(self, run_id: int | None) -> tuple[int, bytes] | None:
        oldest = select(SolverPart.id).where(SolverPart.state == "waiting").order_by(SolverPart.id).limit(1)
        if run_id is not None:
            oldest = oldest.where(SolverPart.run_id == run_id)
        taken = {"state": "running", "worker": self._name, "tries": SolverPart.tries + 1, "beats": 0}
        with self._factory.begin() as session:
            row = session.execute(
                update(SolverPart)
                .where(SolverPart.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
                .where(SolverPart.state == "waiting")
                .values(taken)
                .returning(SolverPart.id, SolverPart.payload)
            ).first()
            return None if row is None else (row.id, row.payload)

    @contextlib.contextmanager
    def _beating(self, part_id: int) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=(part_id, over), name=f"part-{part_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, part_id: int, over: threading.Event) -> None:
        mine = SolverPart.id == part_id, SolverPart.worker == self._name
        while not over.wait(_BEAT_SECONDS):
            try:
                with self._factory.begin() as session:
                    session.execute(update(SolverPart).where(*mine).values(beats=SolverPart.beats + 1))
            except SQLAlchemyError:  # a database that restarts must not cost the part: the next beat tries again
                _log.warning("heartbeat of part %s not written", part_id, exc_info=True)


def forget_lost(session: Session) -> None:
    """Delete the parts of runs that nobody carries out any more."""
    running = select(SolverRun.id).where(SolverRun.state == "running")
    session.execute(
        delete(SolverPart).where(SolverPart.run_id.not_in(running)).execution_options(synchronize_session=False)
    )


def _done(payload: bytes) -> tuple[str, bytes]:
    """Do what was asked; return the state and the answer of its row."""
    try:
        function, args, kwargs = pickle.loads(payload)  # noqa: S301 -- our own run wrote it, see above
        return "done", pickle.dumps(function(*args, **kwargs))
    except Exception as error:
        _log.exception("a part of a run failed")
        return "failed", _pickled(error)


def _pickled(error: Exception) -> bytes:
    try:
        pickle.loads(written := pickle.dumps(error))  # noqa: S301 -- written here
    except Exception:  # an error may hold what cannot be pickled, or read what it does not write
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    return written
