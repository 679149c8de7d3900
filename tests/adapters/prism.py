"""Twilio's own OpenAPI specification, served by prism: it refuses what Twilio's would not understand."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NODE_MODULES = Path("node_modules")
_PRISM = _NODE_MODULES / ".bin" / "prism"
_SPECIFICATION = _NODE_MODULES / "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"


@contextmanager
def serve_specification() -> Iterator[str]:
    """Serve on a free port of loopback and give the base address; skip the test where npm's packages are missing."""
    node = shutil.which("node")
    if node is None or not _PRISM.exists() or not _SPECIFICATION.exists():
        pytest.skip("prism or Twilio's specification is not in node_modules/: npm ci")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [node, str(_PRISM.resolve()), "mock", "--port", str(port), "--host", "127.0.0.1", str(_SPECIFICATION)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("prism did not start within a minute")
