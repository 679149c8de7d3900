"""Lighthouse on a phone, against a running installation: ``python benchmarks/lighthouse.py [ADDRESS [PATH …]]``.

Five runs a page (Lighthouse's own slow phone and slow 4G), medians into ``benchmarks/lighthouse.md``. Needs
``make install-test`` and Chromium; leave the machine alone meanwhile. Exit 1 where a page is below what we promise:
accessibility 100, performance 95.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RUNS = 5
SCORES = ("performance", "accessibility", "best-practices", "seo")
TIMES = {
    "first-contentful-paint": "first paint (ms)",
    "largest-contentful-paint": "largest paint (ms)",
    "total-blocking-time": "blocked (ms)",
    "cumulative-layout-shift": "layout shift",
    "total-byte-weight": "transfer (bytes)",
}


def run(address: str) -> dict[str, Any]:
    """Return Lighthouse's report of one run on a page, as plain JSON values."""
    tool = shutil.which("lighthouse", path=f"{ROOT / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}")
    chromium = shutil.which("chromium")
    if not tool or not chromium:
        sys.exit("lighthouse.py: make install-test and chromium are needed")
    flags = "--headless=new --no-sandbox --disable-gpu"
    command = [tool, address, "--output=json", "--quiet", f"--chrome-flags={flags}"]
    command.append(f"--only-categories={','.join(SCORES)}")
    answer = subprocess.run(command, env=os.environ | {"CHROME_PATH": chromium}, capture_output=True, check=True)  # noqa: S603
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def medians(reports: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median of each score (0 to 100) and each measure over the runs."""
    scores = {name: statistics.median(r["categories"][name]["score"] * 100 for r in reports) for name in SCORES}
    times = {name: statistics.median(r["audits"][name]["numericValue"] for r in reports) for name in TIMES}
    return scores | times


def table(found: dict[str, dict[str, float]], version: str) -> str:
    """Return the page of results in Markdown."""
    heads = [*SCORES, *TIMES.values()]
    lines = [
        "# Lighthouse, mobile",
        "",
        f"Medians of {RUNS} runs by `benchmarks/lighthouse.py`, {datetime.now(UTC):%d %B %Y}, Lighthouse {version},",
        f"{os.cpu_count()} processors, {platform.machine()}.",
        "",
        "| page | " + " | ".join(heads) + " |",
        "|---|" + "---:|" * len(heads),
    ]
    for path, values in found.items():
        cells = [
            f"{value:.3f}" if name == "cumulative-layout-shift" else f"{value:.0f}" for name, value in values.items()
        ]
        lines.append(f"| `{path}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Measure the pages, write the table, tell whether the promise is kept."""
    address = (arguments[:1] or ["http://127.0.0.1:8000"])[0].rstrip("/")
    found: dict[str, dict[str, float]] = {}
    version = ""
    for path in arguments[1:] or ["/", "/communes/52182"]:
        reports = []
        for number in range(1, RUNS + 1):
            reports.append(run(address + path))
            print(f"{path}: {number}/{RUNS}", file=sys.stderr)  # noqa: T201
        found[path] = medians(reports)
        version = reports[0]["lighthouseVersion"]
    text = table(found, version)
    (ROOT / "benchmarks/lighthouse.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    return int(any(v["accessibility"] < 100 or v["performance"] < 95 for v in found.values()))  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
