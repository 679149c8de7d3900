"""One process tree: a parent that starts children, starts again those that die, and takes them along when it stops."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType

_STOP_SECONDS = 8.0
_AGAIN_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def run_together(commands: list[list[str]], *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Run ``commands`` until SIGTERM or Ctrl-C; return when all of them have ended.

    A child that ends by itself is started again a second later: a worker killed in the middle of a solve loses that
    run and nothing else.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    children = {index: _start(command, environ) for index, command in enumerate(commands)}
    died: dict[int, float] = {}
    while not stopping:
        time.sleep(0.2)
        for index, child in children.items():
            if child.poll() is None:
                continue
            if index not in died:
                say(f"{commands[index][-1]} s’est arrêté (code {child.returncode}) : on le relance.")
                died[index] = time.monotonic()
            elif time.monotonic() - died[index] >= _AGAIN_SECONDS:
                del died[index]
                children[index] = _start(commands[index], environ)
    _stop_all(list(children.values()))


def _start(command: list[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # our own commands, started before this process has any thread
    return subprocess.Popen(command, env=dict(environ), preexec_fn=_die_with_parent)  # noqa: S603, PLW1509


def _die_with_parent() -> None:
    """Ask Linux to end this child with its parent, even one killed with -9: nothing must go on sending unseen."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop_all(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for child in children:
        try:
            child.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
