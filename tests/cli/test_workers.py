"""Which processes ``guinguette worker`` starts (guinguette/cli/serving.py)."""

from pathlib import Path

import pytest

from guinguette.cli import run


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the processes of the trees that were to run, none of which does."""
    names: list[str] = []
    monkeypatch.setattr(
        "guinguette.cli.serving.run_together", lambda parts, _say: names.extend(part.name for part in parts)
    )
    return names


def test_a_machine_gives_its_cores_to_parts(installation: Path, started: list[str]) -> None:
    """As many processes as asked for, and nothing else."""
    assert run(["db", "upgrade"]) == 0
    assert run(["worker", "--queue", "parts", "--processes", "3"]) == 0
    assert started == ["parts 1", "parts 2", "parts 3"]


def test_processes_are_for_parts_alone(
    installation: Path, started: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever gives a number that counts for nothing hears of it."""
    assert run(["db", "upgrade"]) == 0
    assert run(["worker", "--processes", "3"]) == 1
    assert "--queue parts" in capsys.readouterr().err
    assert started == []


def test_another_schema_is_refused_before_any_process_starts(installation: Path, started: list[str]) -> None:
    """Once, by the parent: its children would refuse it and be started again each second, for ever."""
    assert run(["worker", "--queue", "parts", "--processes", "3"]) == 1
    assert started == []
