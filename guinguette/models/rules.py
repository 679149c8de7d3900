"""Rules of real life: dated settings with their source beside them, editable, none buried in code."""

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from guinguette.models.base import Base


class RuleSetting(Base):
    """One value of one rule from a date on. In force is the one with the latest ``valid_from`` not after the day."""

    __tablename__ = "rule_setting"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[dt.date] = mapped_column(primary_key=True)
    value: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))
