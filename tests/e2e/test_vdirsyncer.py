"""A Linux desktop that subscribes: vdirsyncer fetches /agenda.ics over HTTP into a folder, khal lists what is there."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from guinguette.models import Evening
from tests import factories
from tests.fakes import NOW

pytestmark = pytest.mark.enable_socket

NAMES = [
    "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson-sur-la-Rivière",  # 62 octets
    'L’Épine, "aux Œufs" ; côté d\'amont',
    "Ay\\n; Ÿ, «\u00a0Hÿ\u00a0» ; 100\u202f% élevé, très, très, très, très, très longtemps",
]


@pytest.fixture
def season(session: Session) -> list[Evening]:
    """A published tour: one evening in each of the villages, a week apart."""
    tour = factories.make_tour(session, slug="ete", name='Été ; “vingt-sept”, "le grand"')
    evenings = [
        factories.make_evening(
            session,
            tour=tour,
            commune=factories.make_commune(session, name=name),
            date=dt.date(2027, 6, 19) + dt.timedelta(weeks=week),
        )
        for week, name in enumerate(NAMES)
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()
    return evenings


@pytest.fixture
def desktop(tmp_path: Path, address: str) -> Callable[..., str]:
    """Run one of the two programs of a desktop that is subscribed to the app; return what it says."""
    (tmp_path / "calendar").mkdir()
    (tmp_path / "vdirsyncer.conf").write_text(f"""
[general]
status_path = "{tmp_path}/status/"
[pair guinguette]
a = "desktop"
b = "site"
collections = null
[storage desktop]
type = "filesystem"
path = "{tmp_path}/calendar"
fileext = ".ics"
[storage site]
type = "http"
url = "{address}/agenda.ics"
""")
    (tmp_path / "khal.conf").write_text(f"""
[calendars]
[[guinguette]]
path = {tmp_path}/calendar
readonly = True
[locale]
local_timezone = Europe/Paris
default_timezone = Europe/Paris
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
highlight_event_days = False
[sqlite]
path = {tmp_path}/khal.db
""")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))}
    environ |= {"HOME": str(tmp_path), "VDIRSYNCER_CONFIG": str(tmp_path / "vdirsyncer.conf")}

    def run(program: str, *arguments: str) -> str:
        command = [str(Path(sys.executable).parent / program), *arguments]
        said = subprocess.check_output(command, env=environ, cwd=tmp_path, stderr=subprocess.STDOUT, timeout=60)
        return said.decode()

    return run


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return what vdirsyncer wrote: when, and what."""
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.iterdir()}


def _listed(desktop: Callable[..., str]) -> list[str]:
    said = desktop("khal", "-c", "khal.conf", "list", "2027-06-01", "60d", "--day-format", "", "--format",
                   "{start-date} {start-time} {title}")  # fmt: skip
    return [line for line in said.splitlines() if line]


def test_a_desktop_stays_in_step(
    session: Session, season: list[Evening], desktop: Callable[..., str], tmp_path: Path
) -> None:
    """All evenings at the first sync, nothing at the second, after a cancellation that evening alone."""
    desktop("vdirsyncer", "discover")
    desktop("vdirsyncer", "sync")
    first = _files(tmp_path / "calendar")
    assert len(first) == 3
    dates = ["2027-06-19", "2027-06-26", "2027-07-03"]
    titles = [f"Guinguette mobile\u00a0: {name}" for name in NAMES]
    assert _listed(desktop) == [f"{date} 18:00 {title}" for date, title in zip(dates, titles, strict=True)]

    said = desktop("vdirsyncer", "sync")
    assert "Copying" not in said
    assert _files(tmp_path / "calendar") == first

    called_off = season[1]
    called_off.state, called_off.sequence = "cancelled", called_off.sequence + 1
    called_off.updated_at = NOW + dt.timedelta(hours=1)
    factories.make_publication(session, tour=called_off.tour, evenings=season)
    session.commit()
    said = desktop("vdirsyncer", "sync")
    assert (said.count("Deleting item"), said.count("Copying")) == (1, 1)  # it names files by their bytes, not by UID
    second = _files(tmp_path / "calendar")
    assert (len(first.items() - second.items()), len(second.items() - first.items())) == (1, 1)
    titles[1] = f"ANNULÉ – {titles[1]}"
    assert _listed(desktop) == [f"{date} 18:00 {title}" for date, title in zip(dates, titles, strict=True)]
