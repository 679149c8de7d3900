"""A page of tables that is written row by row, and taken up again where it stopped."""

from __future__ import annotations

import hashlib
import itertools
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import routing

_SOLVER = Path(routing.__file__).parent


def machine() -> str:
    """What the figures were measured on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def digest() -> str:
    """Eight letters that change with the solver's sources (the benchmark's own left out)."""
    total = hashlib.sha256()
    for path in sorted(_SOLVER.rglob("*.py")):
        if "bench" not in path.relative_to(_SOLVER).parts:
            total.update(path.read_bytes())
    return total.hexdigest()[:8]


@dataclass(slots=True)
class Table:
    """A heading, sentences, columns, what makes each row, by its first cell, and lines below the table."""

    head: Sequence[str]
    columns: Sequence[str]
    jobs: Mapping[str, Callable[[], Sequence[str]]]  # the cells after the first
    tail: Sequence[str] = ()
    rows: dict[str, str] = field(default_factory=dict)

    def top(self) -> str:
        """What stands above the rows."""
        return "\n".join([*self.head, "", "| " + " | ".join(self.columns) + " |", "|" + "---|" * len(self.columns)])

    def bottom(self) -> str:
        """What stands below them."""
        return "".join(f"\n{line}\n" for line in self.tail)

    def text(self) -> str:
        """The table as far as it is known."""
        return "".join(f"{line}\n" for line in (self.top(), *self.rows.values())) + self.bottom()

    def take_up(self, page: str) -> None:
        """Keep rows of a page that has this very heading, so that seconds, seeds, machine and solver are alike."""
        _, found, rest = page.partition(self.top() + "\n")
        if found:
            lines = itertools.takewhile(lambda line: line.startswith("|"), rest.splitlines())
            known = {line.split("|")[1].strip(): line for line in lines}
            self.rows = {name: known[name] for name in self.jobs if name in known}

    def make(self, name: str) -> None:
        """Run the job of a row; rows stay in the order of their jobs."""
        self.rows[name] = "| " + " | ".join([name, *self.jobs[name]()]) + " |"
        self.rows = {job: self.rows[job] for job in self.jobs if job in self.rows}


def fill(title: str, tables: Sequence[Table], out: Path | None) -> None:
    """Make the rows that `out` does not have yet, each printed and written as soon as it is known. Raises OSError."""
    page = out.read_text(encoding="utf-8") if out is not None and out.exists() else ""
    for table in tables:
        table.take_up(page)
    _say(title)
    for table in tables:
        _say(f"\n{table.top()}")
        for name in table.jobs:
            if name not in table.rows:
                table.make(name)
            _say(table.rows[name])
            if out is not None:
                out.write_text("\n".join([title + "\n", *(item.text() for item in tables)]), encoding="utf-8")
        sys.stdout.write(table.bottom())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
