"""What organisers have done of an evening's list, and the key of the calendar that shows them the rest."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.evenings import Evening
from guinguette.models.users import User


class DoneTask(Base):
    """A task of an evening that somebody has ticked. ``kind`` is one of ``services.deadlines``."""

    __tablename__ = "done_task"

    evening_id: Mapped[str] = mapped_column(ForeignKey("evening.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_at: Mapped[datetime]
    done_by: Mapped[str] = mapped_column(String(254))

    evening: Mapped[Evening] = relationship()


class FeedKey(Base):
    """The key in the address of one organiser's calendar of deadlines. Only its hash is kept; a new one replaces it."""

    __tablename__ = "feed_key"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship()
