"""How many requests a second the calendar feed answers: ``python -m benchmarks.feeds`` (needs ``wrk`` and radicale).

Three servers with two web processes each serve the same eighty evenings: the site as ``guinguette serve`` runs it, a
bare Flask route that returns the same bytes under the same gunicorn, and Radicale under the same gunicorn (its own
server is one process). They are asked in turns, whole and with the validator that each gave out, so that whatever else
the machine does is shared by all. Writes ``benchmarks/feeds.md``; exit 1 where we promise more. ``wrk`` is Debian's,
radicale PyPI's; ``--radicale PYTHON`` names an interpreter that has it (and gunicorn), where this one has not.
"""

import argparse
import contextlib
import datetime as dt
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from guinguette.models import Base
from guinguette.services import publication
from tests import factories as make
from tests.fakes import FixedClock

ROOT = Path(__file__).parent.parent
EVENINGS, WORKERS, THREADS, CONNECTIONS = 80, 2, 8, 16
BARE_SHARE, RADICALE_TIMES = 0.6, 15
FIRST = dt.date(2027, 5, 6)

_BARE = """
from pathlib import Path
from flask import Flask, Response
app = Flask(__name__)
body = Path({path!r}).read_bytes()

@app.get("/agenda.ics")
def agenda():
    return Response(body, mimetype="text/calendar")
"""
_RADICALE = """
[auth]
type = none
[rights]
type = authenticated
[storage]
filesystem_folder = {folder}
[logging]
level = error
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers: its name, the feed's address, the headers that get it whole, and its ETag if any."""

    name: str
    url: str
    headers: tuple[str, ...]
    etag: str | None


def main() -> int:
    """Serve, measure in turns, write the table; return 1 where a promise is not kept."""
    options = _options()
    with contextlib.ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        servers = _start(running, Path(folder), options.radicale)
        rates: dict[tuple[str, bool], list[float]] = {}
        for _ in range(options.turns):
            for server in servers:
                for validating in (False, True):
                    if not validating or server.etag:
                        rate = _rate(server, validating=validating, seconds=options.seconds)
                        rates.setdefault((server.name, validating), []).append(rate)
        size = len(_ask(servers[0].url)[0])
        load = os.getloadavg()[0]
        running.close()
    table, kept = _table(rates, size=size, options=options, load=load)
    sys.stdout.write(table)
    (ROOT / "benchmarks" / "feeds.md").write_text(table, encoding="utf-8")
    return 0 if kept else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="for each measure of a turn")
    parser.add_argument("--radicale", default=sys.executable, metavar="PYTHON")
    return parser.parse_args()


def _start(running: contextlib.ExitStack, folder: Path, radicale: str) -> list[Server]:
    """Start the three servers, two processes each; they are stopped with ``running``."""
    database = f"sqlite:///{folder / 'site.sqlite3'}"
    site, bare, other = (_free_port() for _ in range(3))
    environ = os.environ | {
        "GUINGUETTE_INSTANCE": str(folder),
        "GUINGUETTE_DATABASE_URL": database,
        "PYTHONPATH": str(ROOT),
    }
    cli = [sys.executable, "-m", "guinguette.cli"]
    subprocess.run([*cli, "db", "upgrade"], check=True, env=environ, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603
    _fill(database)
    serve = [*cli, "serve", "--no-jobs", "--processes", str(WORKERS), "--port", str(site)]
    running.enter_context(_process(serve, site, environ, folder))
    body, headers = _ask(f"http://127.0.0.1:{site}/agenda.ics")
    (folder / "agenda.ics").write_bytes(body)
    (folder / "bare.py").write_text(_BARE.format(path=str(folder / "agenda.ics")), encoding="utf-8")
    running.enter_context(_process(_gunicorn(sys.executable, bare, "bare:app"), bare, environ, folder))
    config = folder / "radicale.ini"
    config.write_text(_RADICALE.format(folder=folder / "collections"), encoding="utf-8")
    asks = environ | {"RADICALE_CONFIG": str(config)}
    running.enter_context(_process(_gunicorn(radicale, other, "radicale:application"), other, asks, folder))
    calendar, login = f"http://127.0.0.1:{other}/villager/agenda/", "Authorization: Basic dmlsbGFnZXI6eA=="
    _ask(calendar, login, "Content-Type: text/calendar", body=body)
    answer, theirs = _ask(calendar, login)
    if answer.count(b"BEGIN:VEVENT") != EVENINGS:
        raise SystemExit("Radicale does not serve the same evenings")
    return [
        Server("guinguette serve", f"http://127.0.0.1:{site}/agenda.ics", (), headers["ETag"]),
        Server("a bare Flask route", f"http://127.0.0.1:{bare}/agenda.ics", (), None),
        Server("Radicale", calendar, (login,), theirs["ETag"]),
    ]


def _gunicorn(python: str, port: int, app: str) -> list[str]:
    """Return a command with what ``guinguette.cli.web_server`` sets."""
    size = ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)]
    return [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *size, "--log-level", "warning", app]


def _fill(database: str) -> None:
    """Publish a tour of as many evenings as villages, with a programme as people write it."""
    engine = create_engine(database)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        van = make.make_vehicle(session)
        dates = [FIRST + dt.timedelta(days=day) for day in range(EVENINGS)]
        tour = make.make_tour(session, slug="ete", dates=dates, vehicles=[van])
        for date in dates:
            commune = make.make_commune(session)
            make.make_evening(
                session,
                tour=tour,
                commune=commune,
                vehicle=van,
                date=date,
                state="confirmed",
                pitch=make.make_pitch(session, commune=commune),
                fallback_venue=make.make_hall(session, commune=commune),
                artists="Les Copains d’à Côté, musette et swing",
                food="Planches, crêpes, frites",
                prices="Entrée libre",
            )
        publication.refresh(session, tour, actor="benchmark", clock=FixedClock())
        session.commit()
    engine.dispose()


@contextlib.contextmanager
def _process(command: list[str], port: int, environ: dict[str, str], folder: Path) -> Iterator[None]:
    """Run a server until it is left, once it answers at its port."""
    process = subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait(port, process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"does not answer: {process.args!r}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ask(url: str, *headers: str, body: bytes | None = None) -> tuple[bytes, dict[str, str]]:
    request = urllib.request.Request(url, data=body, method="PUT" if body else "GET")  # noqa: S310
    for header in headers:
        request.add_header(*header.split(": ", 1))
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.read(), dict(answer.headers)


def _rate(server: Server, *, validating: bool, seconds: int) -> float:
    """Return the requests a second that ``wrk`` counts."""
    headers = [*server.headers, *([f"If-None-Match: {server.etag}"] if validating else [])]
    given = [part for header in headers for part in ("-H", header)]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *given, server.url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    if (found := re.search(r"Requests/sec:\s+([\d.]+)", said)) is None or "Non-2xx" in said:
        raise SystemExit(said)
    return float(found[1])


def _table(
    rates: dict[tuple[str, bool], list[float]], *, size: int, options: argparse.Namespace, load: float
) -> tuple[str, bool]:
    """Return the table as Markdown, and whether what we promise holds."""
    ours, bare, radicale = dict.fromkeys(name for name, _ in rates)

    def times(name: str, *, validating: bool, named: bool) -> float:
        pairs = zip(rates[ours, validating], rates[name, named], strict=True)
        return statistics.median(one / other for one, other in pairs)

    share, whole = times(bare, validating=False, named=False), times(radicale, validating=False, named=False)
    tagged = times(radicale, validating=True, named=True)
    where = (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; load {load:.1f} at the end"
    )
    lines = [
        f"""# How many requests a second the calendar feed answers

`/agenda.ics` with {EVENINGS} evenings ({size} bytes, no coding), {WORKERS} web processes of {THREADS} threads each,
wrk with {CONNECTIONS} connections on the same machine ({where}).
Medians of {options.turns} turns of {options.seconds} s. Radicale runs under the same gunicorn; it has an ETag, but
answers whoever brings it with the whole calendar all the same. Written by `python -m benchmarks.feeds`.

| server | whole (req/s) | with its ETag (req/s) |
|---|---|---|"""
    ]
    for name in (ours, bare, radicale):
        known = [rates.get((name, validating)) for validating in (False, True)]
        cells = [f"{statistics.median(each):.0f}" if each else "–" for each in known]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} |")
    lines.append(
        f"""
Medians of the quotients turn by turn: {share:.2f} of the bare route (promised: {BARE_SHARE}); {whole:.0f} times
Radicale whole, {tagged:.0f} times with an ETag (promised: {RADICALE_TIMES})."""
    )
    return "\n".join(lines) + "\n", share >= BARE_SHARE and min(whole, tagged) >= RADICALE_TIMES


if __name__ == "__main__":
    sys.exit(main())
