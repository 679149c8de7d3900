"""A real OSRM on loopback, with the streets of Helsinki's centre (``scripts/osrm.py`` puts both into .venv)."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.loopback import free_port, wait_for

#: Whoever asks for these marks the test ``osrm``: it is skipped where this folder is not there.
HERE = Path(sys.prefix) / "osrm"
#: Where the extract has streets: south, west, north, east, in degrees.
CENTRE = (60.1650, 24.9350, 60.1750, 24.9550)


def places(count: int) -> np.ndarray:
    """Return so many places of the centre, latitude and longitude, no two alike."""
    south, west, north, east = CENTRE
    steps = (np.arange(count) + 0.5) / count
    return np.stack([south + (north - south) * steps, west + (east - west) * (steps * 7 % 1)], axis=1)


def prepare_osrm(folder: Path) -> Path:
    """Make the map ready in ``folder`` (half a second) and return it."""
    (folder / "city.osm.pbf").write_bytes((HERE / "Helsinki.osm.pbf").read_bytes())
    profile = str(HERE / "profiles" / "car.lua")
    for program, *arguments in (
        ("osrm-extract", "--threads", "1", "--profile", profile, "city.osm.pbf"),
        ("osrm-partition", "--threads", "1", "city.osrm"),
        ("osrm-customize", "--threads", "1", "city.osrm"),
    ):
        subprocess.run([HERE / "bin" / program, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


@contextmanager
def serve_osrm(folder: Path, *, most: int = 100) -> Iterator[str]:
    """Serve a prepared map on a free port of loopback, give the address; ``most`` is its --max-table-size."""
    port = free_port()
    command = [HERE / "bin" / "osrm-routed", "--algorithm", "mld", "--ip", "127.0.0.1", "--port", str(port),
               "--threads", "1", "--max-table-size", str(most), "city.osrm"]  # fmt: skip
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port, "osrm-routed", seconds=30)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
