"""Programs of others on loopback: a port for one, and its first answer."""

import socket
import time

import pytest


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int, name: str, *, seconds: float) -> None:
    """Return once a program listens on the port; fail the test where ``name`` has not begun to in so many seconds."""
    for _ in range(int(seconds * 10)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"{name} did not start within {seconds:.0f} seconds")
