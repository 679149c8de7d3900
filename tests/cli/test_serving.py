"""The process tree of ``guinguette serve``, for real (guinguette/cli/serving.py, processes.py)."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guinguette.cli import run
from tests.conftest import POSTGRESQL
from tests.loopback import free_port

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(bool(POSTGRESQL), reason="the embedded default is what is served here"),
    pytest.mark.timeout(180),
]


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    return free_port()


@pytest.fixture
def served(installation: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``guinguette serve`` on an empty schema, answering."""
    assert run(["db", "upgrade"]) == 0
    with (installation / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "guinguette.cli", "serve", "--port", str(port)], stdout=log, stderr=log
        )
    _wait(lambda: _status(port, "/healthz") == 200, seconds=60)
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(20)


def _wait(happened: Callable[[], bool], *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def _status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _family(pid: int) -> dict[int, str]:
    """Return the descendants of a process: their ids and command lines."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdigit() or int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) != pid:
                continue
            found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found |= _family(int(entry.name))
    return found


def _alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


def _planning_worker(pid: int) -> int | None:
    return next((child for child, line in _family(pid).items() if "--queue planning" in line), None)


def test_it_serves_works_and_stops_without_orphans(served: subprocess.Popen[bytes], port: int) -> None:
    """Web and both workers in one tree; SIGTERM ends all of them within seconds, with exit code 0."""
    _wait(lambda: len([line for line in _family(served.pid).values() if "--queue" in line]) == 2, seconds=20)
    assert _status(port, "/readyz") == 200
    family = set(_family(served.pid))
    started = time.monotonic()
    served.send_signal(signal.SIGTERM)
    assert served.wait(20) == 0
    assert time.monotonic() - started < 10
    assert not _alive(family)


def test_nothing_outlives_a_parent_killed_with_9(served: subprocess.Popen[bytes]) -> None:
    """Nobody would know that they still send."""
    _wait(lambda: len([line for line in _family(served.pid).values() if "--queue" in line]) == 2, seconds=20)
    family = set(_family(served.pid))
    served.kill()
    served.wait()
    _wait(lambda: not _alive(family), seconds=20)


def test_a_killed_worker_is_replaced_and_its_run_marked(
    served: subprocess.Popen[bytes], installation: Path, port: int
) -> None:
    """Kill -9 in the middle of a solve: the web goes on, a new worker marks the run interrupted."""
    _wait(lambda: _planning_worker(served.pid) is not None, seconds=20)
    database = installation / "instance" / "guinguette.sqlite3"
    with sqlite3.connect(database, timeout=30) as connection:
        now = time.strftime("%Y-%m-%d %H:%M:%S.000000", time.gmtime())
        connection.execute(
            "INSERT INTO tour (slug, name, season, starts_at, ends_at, hall_required, default_needs, detour,"
            " cost_no_evening, cost_missing, cost_if_need_be, cost_moved, solver_seconds, presentation,"
            " published_version, created_at, version)"
            " VALUES ('t', 't', 'summer', '18:00:00', '22:00:00', 0, '[]', 1.3, 1, 1, 1, 1, 5, '', 0, ?, 1)",
            (now,),
        )
        connection.execute(
            "INSERT INTO solver_run (tour_id, state, season, seconds_limit, seed, seconds, stop_requested, error,"
            " created_at, started_at, heartbeat_at) VALUES (1, 'running', '{}', 60, 1, 0, 0, '', ?, ?, ?)",
            (now, now, now),
        )
    connection.close()
    first = _planning_worker(served.pid)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    _wait(lambda: _planning_worker(served.pid) not in (None, first), seconds=20)
    assert _status(port, "/healthz") == 200

    def marked() -> bool:
        connection = sqlite3.connect(database, timeout=30)
        state = connection.execute("SELECT state FROM solver_run").fetchone()[0]
        connection.close()
        return bool(state == "interrupted")

    _wait(marked, seconds=60)


def test_a_taken_port_is_one_sentence(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1 and which port, at once."""
    assert run(["db", "upgrade"]) == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        capsys.readouterr()
        assert run(["serve", "--port", str(port)]) == 1
    assert f"Le port {port} n’est pas libre" in capsys.readouterr().err
