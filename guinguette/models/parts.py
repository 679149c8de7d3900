"""Parts of a solver run, while other processes work on them."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from guinguette.models.base import Base


class SolverPart(Base):
    """A part of a run (``planning.parts``) that whoever is free takes; gone as soon as its run has the answer.

    ``state``: waiting, running, done, failed. ``payload`` is the pickled call, ``answer`` its pickled result or error.
    ``worker`` took it last, as the ``tries``-th, and counts ``beats`` up while it works: a count, since the clocks of
    two machines may differ by more than a heartbeat.
    """

    __tablename__ = "solver_part"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("solver_run.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    worker: Mapped[str] = mapped_column(String(120), default="")
    tries: Mapped[int] = mapped_column(default=0)
    beats: Mapped[int] = mapped_column(default=0)
