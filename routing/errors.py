"""What is raised when a season or a plan is not what the format says it must be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class FormatError(ValueError):
    """A value that the format refuses, with the place where it stands.

    `place` is a path such as `communes[3].availability["2026-06-31"]`, empty for the whole file.
    """

    def __init__(self, place: str, message: str) -> None:
        super().__init__(place, message)
        self.place = place
        self.message = message

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class SeasonError(FormatError):
    """The season is not a guinguette-season/1."""


class PlanError(FormatError):
    """The plan is not a guinguette-plan/1."""


@contextmanager
def within(prefix: str) -> Iterator[None]:
    """Put `prefix` before the place of any FormatError raised inside, so that nobody passes paths around."""
    try:
        yield
    except FormatError as error:
        glue = "." if prefix and error.place and not error.place.startswith("[") else ""
        raise type(error)(prefix + glue + error.place, error.message) from None
