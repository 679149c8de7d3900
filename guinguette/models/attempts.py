"""How often something that invites guessing was tried: signing in, asking for a code."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from guinguette.models.base import Base


class Attempt(Base):
    """A count that starts again at ``resets_at``. ``key`` is a keyed hash: who tried, and what, cannot be read here."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    resets_at: Mapped[datetime]
