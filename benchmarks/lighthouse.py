"""Lighthouse on a phone, against a running installation: ``python -m benchmarks.lighthouse [ADDRESS [PATH …]]``.

Five runs a page (Lighthouse's own slow phone and slow 4G), medians into ``benchmarks/lighthouse.md``. Without a PATH:
every public page in French, one of each kind, as the site's own links lead to them. Needs ``make install-test`` and
Chromium; leave the machine alone meanwhile. Exit 1 where a page is below what we promise: 100 in accessibility, best
practices and search engines, 95 in performance (not the map's page, which waits for its tiles).
"""

import html
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException

from guinguette import create_app
from guinguette.web.language import languages
from tests.public_pages import public_rules

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


LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
#: What is no public page: the map's own document, which a frame shows; a redirect; the page of a link sent to one
#: person alone, or the thanks after a form, which must not be found; the design system, which only development has.
NO_PAGES = {"maps.document", "subscribers.back", "subscribers.stop", "design.page", "visits.thanks"}
_LINK = re.compile(r'(?:href|src)="(?:https?://[^/"]+)?(/[^"?#]*)')


def every_page(address: str) -> list[str]:
    """Return the path of one public page of each kind, found by following links from the home page."""
    app = create_app()
    kinds = {rule.endpoint: rule for rule in public_rules(app) if rule.rule.split("/")[1] not in languages()[1:]}
    unlinked = (rule.rule for rule in kinds.values() if not rule.arguments)  # some are reached by a form
    addresses, found, waiting = app.url_map.bind("localhost"), dict[str, str](), ["/", *unlinked]
    while waiting:
        path = waiting.pop(0)
        try:
            endpoint, _ = addresses.match(path)
        except HTTPException:
            continue
        if endpoint not in kinds or endpoint in found or endpoint in NO_PAGES:
            continue
        found[endpoint] = path
        with urllib.request.urlopen(address + path) as answer:  # noqa: S310 -- the address is ours
            waiting += _LINK.findall(html.unescape(answer.read().decode()))
    for endpoint in kinds.keys() - found.keys() - NO_PAGES:
        print(f"no link leads to {kinds[endpoint].rule}", file=sys.stderr)  # noqa: T201
    return list(found.values())


def run(address: str) -> dict[str, Any]:
    """Return Lighthouse's report of one run on a page, as plain JSON values."""
    tool = shutil.which("lighthouse", path=f"{ROOT / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}")
    chromium = shutil.which("chromium")
    if not tool or not chromium:
        sys.exit("lighthouse.py: make install-test and chromium are needed")
    flags = "--headless=new --no-sandbox --disable-gpu"
    command = [tool, address, "--output=json", "--quiet", f"--chrome-flags={flags}"]
    command.append(f"--only-categories={','.join(SCORES)}")
    command.append('--extra-headers={"Accept-Language": "fr"}')  # to others the home page is a redirect
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
    for path in arguments[1:] or every_page(address):
        reports = []
        for number in range(1, RUNS + 1):
            reports.append(run(address + path))
            print(f"{path}: {number}/{RUNS}", file=sys.stderr)  # noqa: T201
        found[path] = medians(reports)
        version = reports[0]["lighthouseVersion"]
    text = table(found, version)
    (ROOT / "benchmarks/lighthouse.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    below = [
        f"{path}: {name} {values[name]:.0f}"
        for path, values in found.items()
        for name, least in LEAST.items()
        if values[name] < least and not (name == "performance" and path == "/carte")
    ]
    print("\n".join(below) or "all as promised", file=sys.stderr)  # noqa: T201
    return int(bool(below))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
