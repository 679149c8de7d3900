"""How fast a cancellation reaches ten thousand people: queued in the request, then sent at the provider's rate.

``python -m benchmarks.messages`` runs the real process tree (``guinguette serve``: web and workers) against a Twilio on
loopback that answers after a fifth of a second, first with a quiet web, then with one that ``wrk`` loads. Writes
``benchmarks/messages.md``; exit 1 where a promise is not kept.
"""

import argparse
import datetime as dt
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.feeds import ROOT, WORKERS, _free_port, _wait
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import SystemClock
from guinguette.jobs.queue import QueuedJobs
from guinguette.models import Evening, Message, RuleSetting, Subscriber, Subscription
from guinguette.services import evenings, publication
from guinguette.services.evenings import Act
from tests import factories as make
from tests.adapters.fake_twilio import Answer
from tests.e2e.sms_stage import Stage, open_stage

QUEUED_WITHIN_SECONDS, SHARE_OF_RATE = 5.0, 0.9
TWILIO_SECONDS = 0.2


def main() -> int:
    """Queue, send, measure, write the page."""
    options = _options()
    for name in [name for name in os.environ if name.startswith(("GUINGUETTE_", "TWILIO_"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder, open_stage(Path(folder), options.database) as stage:
        stage.twilio.mood = lambda: Answer(seconds=TWILIO_SECONDS)
        _people(stage, options)
        port = _free_port()
        serve = [sys.executable, "-m", "guinguette.cli", "serve", "--port", str(port), "--processes", str(WORKERS)]
        environ = stage.environ | {"PYTHONPATH": str(ROOT)}
        with (Path(folder) / "log").open("wb") as log:
            site = subprocess.Popen(serve, env=environ, cwd=folder, stdout=log, stderr=log)  # noqa: S603
        try:
            _wait(port, site)
            queued = _cancel(stage)
            stage.wait_for_sms(2 * options.rate)  # the workers are up, and have emptied the bucket
            quiet = _reached(stage, options.seconds)
            load = ["wrk", "-t1", "-c16", f"-d{options.seconds + 1}s", f"http://127.0.0.1:{port}/"]
            web = subprocess.Popen(load, stdout=subprocess.PIPE, text=True)  # noqa: S603
            loaded = _reached(stage, options.seconds)
            said = web.communicate()[0]
            twice = len(stage.twilio.ids()) - len(set(stage.twilio.ids()))
        finally:
            site.send_signal(signal.SIGTERM)
            site.wait(30)
        pages = re.search(r"Requests/sec:\s+([\d.]+)", said)
    text, kept = _page(options, queued, quiet, loaded, float(pages[1]) if pages else 0.0, twice)
    sys.stdout.write(text)
    (ROOT / "benchmarks" / "messages.md").write_text(text, encoding="utf-8")
    return 0 if kept else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=10, help="segments a second that the provider takes")
    parser.add_argument("--seconds", type=int, default=30, help="for each measure")
    parser.add_argument("--database", default="", help="postgresql://…, empty; SQLite without it")
    return parser.parse_args()


def _people(stage: Stage, options: argparse.Namespace) -> None:
    """Publish tomorrow's evening and subscribe everybody to its village."""
    clock, vault = SystemClock(), Vault(stage.settings.data_key)
    with stage.factory.begin() as session:
        for key, value in (("sms_per_second", options.rate), ("sms_daily_budget", 1_000_000)):
            session.add(RuleSetting(key=key, value=value, valid_from=dt.date(2020, 1, 1), source="benchmark"))
        tour, commune = make.make_tour(session, slug="ete"), make.make_commune(session, insee="52182")
        date = clock.now().date() + dt.timedelta(days=1)
        make.make_evening(session, tour=tour, commune=commune, date=date)
        publication.refresh(session, tour, actor="benchmark", clock=clock)
        now = clock.now()
        session.add_all(
            Subscriber(
                phone_encrypted=vault.encrypt(phone),
                phone_hash=vault.fingerprint(phone),
                stop_token_hash=f"{phone:0>64}",
                created_at=now,
                confirmed_at=now,
                subscriptions=[Subscription(scope="commune:52182", created_at=now, confirmed_at=now)],
            )
            for phone in (f"+336{39000000 + number:08}" for number in range(options.people))
        )


def _cancel(stage: Stage) -> float:
    """Call the evening off as the organiser's page does, commit included; return the seconds."""
    settings = stage.settings
    act = Act(actor="benchmark", clock=SystemClock(), vault=Vault(settings.data_key), public_url=settings.public_url)
    jobs = QueuedJobs(settings.queue_url)
    started = time.monotonic()
    with stage.factory.begin() as session:
        evenings.cancel(session, session.scalars(select(Evening)).one(), act, reason="Orage annoncé.")
    jobs.send_due()
    seconds = time.monotonic() - started
    jobs.close()
    return seconds


def _reached(stage: Stage, seconds: int) -> float:
    """Return how many segments a second reach the provider."""
    before, started = len(stage.twilio.accepted), time.monotonic()
    time.sleep(seconds)
    messages, took = len(stage.twilio.accepted) - before, time.monotonic() - started
    with stage.factory() as session:
        each = session.scalar(select(func.max(Message.segments))) or 1
    return messages * each / took


def _page(
    options: argparse.Namespace, queued: float, quiet: float, loaded: float, pages: float, twice: int
) -> tuple[str, bool]:
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    database = "PostgreSQL" if options.database else "SQLite"
    kept = queued < QUEUED_WITHIN_SECONDS and min(quiet, loaded) >= SHARE_OF_RATE * options.rate and not twice
    text = f"""# How fast a cancellation reaches everybody

{options.people} people are concerned. {database}, `guinguette serve` with {WORKERS} web processes, a Twilio on the same
machine that answers after {TWILIO_SECONDS} s ({where}). Written by `python -m benchmarks.messages`.

| | measured | promised |
|---|---|---|
| queued, publication and commit included | {queued:.1f} s | under {QUEUED_WITHIN_SECONDS:.0f} s |
| sent, the web being quiet | {quiet:.1f} segments/s | {options.rate} (the provider's rate) |
| sent, while wrk loads the web | {loaded:.1f} segments/s | {options.rate} |
| pages served meanwhile | {pages:.0f}/s | |
| sent twice | {twice} | 0 |
"""
    return text, kept


if __name__ == "__main__":
    sys.exit(main())
