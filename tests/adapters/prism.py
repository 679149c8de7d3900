"""Twilio's own OpenAPI specification, served by prism: it refuses what Twilio's would not understand."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.loopback import free_port, wait_for

_NODE_MODULES = Path("node_modules")
_PRISM = _NODE_MODULES / ".bin" / "prism"
_SPECIFICATION = _NODE_MODULES / "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"


@contextmanager
def serve_specification() -> Iterator[str]:
    """Serve on a free port of loopback and give the base address; skip the test where npm's packages are missing."""
    node = shutil.which("node")
    if node is None or not _PRISM.exists() or not _SPECIFICATION.exists():
        pytest.skip("prism or Twilio's specification is not in node_modules/: npm ci")
    port = free_port()
    command = [node, str(_PRISM.resolve()), "mock", "--port", str(port), "--host", "127.0.0.1", str(_SPECIFICATION)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port, "prism", seconds=60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
