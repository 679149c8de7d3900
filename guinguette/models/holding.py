"""What an organiser fixes by hand on a line of a plan, and on the evening that it becomes."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, false, text
from sqlalchemy.orm import Mapped, mapped_column


class Held:
    """A mixin: ``pinned`` keeps commune, date and vehicle where they are when the solver plans again.

    ``waived`` names the rules that it may break (season-format.md, "locked"), separated by spaces: an exception that
    somebody has made, with a reason, and which is pinned by that.
    """

    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    waived: Mapped[str] = mapped_column(String(120), default="", server_default=text("''"))
    waived_why: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    waived_by: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    waived_at: Mapped[datetime | None]

    @property
    def exception(self) -> frozenset[str]:
        """Return the rules that it may break."""
        return frozenset(self.waived.split())

    def hold_as(self, other: "Held") -> None:
        """Take over what was fixed on another line or evening."""
        for name in HELD:
            setattr(self, name, getattr(other, name))


HELD = ("pinned", "waived", "waived_why", "waived_by", "waived_at")


def signed_exception() -> CheckConstraint:
    """Return the constraint that an exception says who made it, when and why."""
    return CheckConstraint(
        "waived = '' OR (pinned AND waived_why <> '' AND waived_by <> '' AND waived_at IS NOT NULL)", name="waived"
    )


def held_values(line: Held) -> dict[str, Any]:
    """Return the values of the mixin's columns."""
    return {name: getattr(line, name) for name in HELD}
