"""One process tree: a parent that starts children, starts again those that die, and takes them along when it stops."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

_STOP_SECONDS = 8.0
_AGAIN_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Part:
    """A child to be kept alive: a command, or a function that runs in a copy of this process.

    The copy has every module loaded already, so the web answers seconds earlier.
    """

    name: str
    work: list[str] | Callable[[], None]


def run_together(parts: list[Part], say: Callable[[str], None]) -> None:
    """Run ``parts`` until SIGTERM or Ctrl-C; return when all of them have ended.

    A child that ends by itself is started again a second later: a worker killed in the middle of a solve loses that
    run and nothing else. The caller has no thread and no open connection.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in _STOPPING:
        signal.signal(number, stop)
    running = {part.name: _start(part) for part in parts}
    died: dict[str, float] = {}
    while not stopping:
        time.sleep(0.2)
        for part in parts:
            code = running[part.name].poll()
            if code is None:
                continue
            if part.name not in died:
                say(f"{part.name} s’est arrêté (code {code}) : on le relance.")
                died[part.name] = time.monotonic()
            elif time.monotonic() - died[part.name] >= _AGAIN_SECONDS:
                del died[part.name]
                running[part.name] = _start(part)
    _stop_all(list(running.values()))


class _Copy:
    """A forked copy of this process that does one thing, with as much of ``Popen`` as is needed here."""

    def __init__(self, work: Callable[[], None]) -> None:
        sys.stdout.flush()
        self._code: int | None = None
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                _die_with_parent()
                for number in _STOPPING:
                    signal.signal(number, signal.SIG_DFL)
                work()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            finally:
                os._exit(code)

    def poll(self) -> int | None:
        """Return the exit code (negative: the signal that ended it), or null while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def send_signal(self, number: int) -> None:
        """Send a signal to it, while it runs."""
        if self.poll() is None:
            os.kill(self._pid, number)


def _start(part: Part) -> "subprocess.Popen[bytes] | _Copy":
    if callable(part.work):
        return _Copy(part.work)
    # our own command, started by a process without threads
    return subprocess.Popen(part.work, preexec_fn=_die_with_parent)  # noqa: S603, PLW1509


def _die_with_parent() -> None:
    """Ask Linux to end this child with its parent, even one killed with -9: nothing must go on sending unseen."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop_all(children: "list[subprocess.Popen[bytes] | _Copy]") -> None:
    for child in children:
        child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while any(child.poll() is None for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    for child in children:
        child.send_signal(signal.SIGKILL)
    while any(child.poll() is None for child in children):
        time.sleep(0.05)
