"""What road servers say over HTTP: a real OSRM, a Valhalla as its documentation describes it, and bad days of both."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from routing.road_servers import Osrm, Valhalla
from routing.roads import NO_ROAD, Limit, OffRoadError, RoadsError, TooLargeError, ask, on_grid
from routing.travel import great_circle_metres
from tests.osrm import places, prepare_osrm, serve_osrm

from .test_roads import MemoryCache

pytestmark = pytest.mark.enable_socket

THREE = on_grid(np.array([(48.0, 4.0), (48.5, 4.25), (49.0, 4.5)]))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map, prepared."""
    return prepare_osrm(tmp_path_factory.mktemp("osrm"))


@pytest.fixture
def osrm(city: Path, socket_enabled: None) -> Iterator[str]:
    """A real OSRM that takes tables of 100 pairs."""
    with serve_osrm(city, most=10) as url:
        yield url


@pytest.mark.osrm
def test_a_real_osrm_is_asked_in_tables_that_it_takes(osrm: str) -> None:
    """It refuses a hundred places a side, is asked for less, and the matrix is the one of single pairs."""
    degrees = places(25)
    answer = ask(Osrm(osrm), degrees, MemoryCache())
    assert answer.failure == ""
    assert not answer.drives.metres.diagonal().any()
    none = answer.drives.metres == NO_ROAD  # streets that nobody may leave by car
    assert 0 < none.sum() < 200
    assert (answer.drives.metres[~none] >= 0).all()
    assert (answer.drives.seconds[none] == NO_ROAD).all()
    single = Osrm(osrm)
    for i, j in ((0, 24), (24, 0), (3, 17), (11, 2), tuple(np.argwhere(none)[0])):
        pair = single.table(answer.points[i : i + 1], answer.points[j : j + 1])
        assert pair.metres[0, 0] == answer.drives.metres[i, j]
        assert pair.seconds[0, 0] == answer.drives.seconds[i, j]


@pytest.mark.osrm
def test_real_roads_are_longer_than_the_crow_flies_and_differ_there_and_back(osrm: str) -> None:
    """One-way streets: metres are metres, seconds those of a car in a town."""
    answer = ask(Osrm(osrm), places(25), MemoryCache())
    degrees = answer.points / 100_000
    circle = great_circle_metres(degrees[:, 0], degrees[:, 1], detour=1.0)
    far = (circle > 300) & (answer.drives.metres != NO_ROAD)  # both ends are moved to the nearest street
    assert (answer.drives.metres[far] > 0.8 * circle[far]).all()
    assert 1.1 < answer.drives.metres[far].sum() / circle[far].sum() < 3
    assert (answer.drives.metres != answer.drives.metres.T)[far & far.T].any()
    speed = answer.drives.metres[far].sum() / answer.drives.seconds[far].sum() * 3.6
    assert 10 < speed < 60


@pytest.mark.osrm
def test_a_real_osrm_says_what_is_wrong(osrm: str) -> None:
    """An address that is not OSRM's is one clear line, not a table."""
    server = Osrm(osrm, "driving/nothing")
    with pytest.raises(RoadsError, match="OSRM says Invalid"):
        server.table(THREE, THREE)


class Loopback(BaseHTTPRequestHandler):
    """Answers as its server was told to, and remembers what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a table of OSRM."""
        self._answer(None)

    def do_POST(self) -> None:
        """Answer a matrix of Valhalla."""
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        server: Any = self.server
        server.asked.append((self.path, body, self.headers.get("Authorization")))
        status, answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        if status == 0:  # hangs up
            self.close_connection = True
            return
        if callable(answer):
            status, answer = answer(body)
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if status == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def loopback() -> Iterator[Any]:
    """A server that answers what ``answers`` says, its last line for ever."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Loopback)
    server.block_on_close = False  # a client may have hung up, or keep its connection open
    server.handle_error = lambda *_: None
    server.asked, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def valhalla(body: Any) -> tuple[int, Any]:
    """Answer as Valhalla's API reference says: row-ordered cells, kilometres, seconds, null where there is no route."""
    if len(body["sources"]) * len(body["targets"]) > 4:
        return 400, {"error_code": 150, "error": "Exceeded max locations: 4", "status_code": 400}
    if any(place["lat"] == 49.0 for place in body["sources"] + body["targets"]):
        return 400, {"error_code": 171, "error": "No suitable edges near location", "status_code": 400}

    def cell(i: int, source: dict[str, float], j: int, target: dict[str, float]) -> dict[str, Any]:
        if source["lat"] > target["lat"]:
            return {"from_index": i, "to_index": j, "distance": None, "time": None}
        away = (target["lat"] - source["lat"]) * 111.2
        return {"from_index": i, "to_index": j, "distance": round(away, 3), "time": round(away * 60)}

    rows = [[cell(i, s, j, t) for j, t in enumerate(body["targets"])] for i, s in enumerate(body["sources"])]
    return 200, {"sources_to_targets": rows, "units": "kilometers"}


def test_valhalla_answers_in_kilometres(loopback: Any) -> None:
    """Batches within its limit, metres out, no road where it says null or finds no edge, its costing named."""
    loopback.answers = [(200, valhalla)]
    answer = ask(Valhalla(loopback.url + "/prefix/", "truck"), THREE / 100_000, MemoryCache())
    assert answer.failure == ""
    assert answer.drives.metres.tolist() == [[0, 55_600, NO_ROAD], [NO_ROAD, 0, NO_ROAD], [NO_ROAD] * 3]
    assert answer.drives.seconds.tolist() == [[0, 3336, NO_ROAD], [NO_ROAD, 0, NO_ROAD], [NO_ROAD] * 3]
    path, body, _ = loopback.asked[0]
    assert path == "/prefix/sources_to_targets"
    assert body["costing"] == "truck"
    assert body["units"] == "kilometers"
    assert body["sources"][1] == {"lat": 48.5, "lon": 4.25}


def test_osrm_is_asked_as_its_documentation_says(loopback: Any) -> None:
    """Longitude first, both annotations, each place once, a password only where there is one."""
    table = [[0, 5.5], [None, 0], [1, 2]]
    loopback.answers = [(200, {"code": "Ok", "distances": table, "durations": table})]
    found = Osrm(loopback.url, user="anne", password="secret").table(THREE, THREE[:2])
    assert found.metres.tolist() == [[0, 6], [NO_ROAD, 0], [1, 2]]
    [(path, _, authorization)] = loopback.asked
    assert path == (
        "/table/v1/driving/4.00000,48.00000;4.25000,48.50000;4.50000,49.00000"
        "?annotations=distance,duration&sources=0;1;2&destinations=0;1"
    )
    assert authorization == "Basic YW5uZTpzZWNyZXQ="


def test_busy_and_restarting_servers_are_asked_again(loopback: Any) -> None:
    """429 with how long to wait, 503, a line that breaks: the third or fourth time it answers."""
    table = [[0, 1, 2], [3, 0, 4], [5, 6, 0]]
    loopback.answers = [
        (429, {}),
        (503, b"<html>"),
        (0, b""),
        (200, {"code": "Ok", "distances": table, "durations": table}),
    ]
    pauses: list[float] = []
    assert Osrm(loopback.url, pause=pauses.append).table(THREE, THREE).metres.tolist() == table
    assert pauses == [7.0, 10.0, 10.0]


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((500, b"oops"), RoadsError, "HTTP 500, tried 4 times"),
        ((0, b""), RoadsError, "no connection"),
        ((200, b"<html>"), RoadsError, "no JSON object"),
        ((404, {"message": "not here"}), RoadsError, "HTTP 404, OSRM says None"),
        ((400, {"code": "TooBig", "message": "Too many table coordinates"}), TooLargeError, "TooBig"),
        ((200, {"code": "Ok", "distances": [[0]], "durations": [[0]]}), RoadsError, r"\(3, 3\) was asked for"),
        ((200, {"code": "Ok", "durations": [[0] * 3] * 3}), RoadsError, "was asked for"),
        ((200, {"code": "Ok", "distances": [["x"] * 3] * 3, "durations": [[0] * 3] * 3}), RoadsError, "numbers"),
    ],
)
def test_a_bad_answer_is_one_clear_error(
    loopback: Any, answer: tuple[int, Any], error: type[RoadsError], said: str
) -> None:
    """Nothing that a server can say becomes a distance by accident, or a traceback."""
    loopback.answers = [answer]
    with pytest.raises(error, match=said) as caught:
        Osrm(loopback.url, pause=lambda _: None).table(THREE, THREE)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, {"error_code": 154, "error": "Path distance exceeds the max distance limit"}), RoadsError),
        ((400, {"error_code": 171, "error": "No suitable edges near location"}), OffRoadError),
        ((200, {"sources_to_targets": [[1]]}), RoadsError),
    ],
)
def test_a_bad_answer_of_valhalla(loopback: Any, answer: tuple[int, Any], error: type[RoadsError]) -> None:
    """Its error codes say which could be helped by asking for less."""
    loopback.answers = [answer]
    with pytest.raises(error) as caught:
        Valhalla(loopback.url).table(THREE, THREE)
    assert type(caught.value) is error


def test_distances_below_zero_are_osrms_own(loopback: Any) -> None:
    """A decimetre between neighbours is nothing; kilometres, as in its issue 7269, are not believed."""
    distances, durations = [[0, -0.3, -8157.5], [1, 0, 2], [3, 4, 0]], [[0, 0, 700], [1, 0, -2], [3, 4, 0]]
    loopback.answers = [(200, {"code": "Ok", "distances": distances, "durations": durations})]
    found = Osrm(loopback.url).table(THREE, THREE)
    assert found.metres.tolist() == [[0, 0, NO_ROAD], [1, 0, NO_ROAD], [3, 4, 0]]
    assert found.seconds.tolist() == [[0, 0, NO_ROAD], [1, 0, NO_ROAD], [3, 4, 0]]


def test_a_silent_server_is_not_waited_for_for_ever(loopback: Any) -> None:
    """Four times a short while; then the answer says why there is none."""
    silence = threading.Event()
    loopback.answers = [(200, lambda _: (silence.wait(0.5), (200, {}))[1])]
    server = Osrm(loopback.url, timeout_seconds=0.05, pause=lambda _: None)
    answer = ask(server, THREE / 100_000, MemoryCache())
    silence.set()
    assert answer.failure == "no answer in time, tried 4 times"


def test_nobody_there() -> None:
    """A closed port is said as such."""
    server = Osrm("http://127.0.0.1:9", pause=lambda _: None)
    assert "no connection" in ask(server, THREE / 100_000, MemoryCache()).failure


def test_a_limit_is_never_below_a_pair() -> None:
    """Halving ends, with a reason."""
    assert Limit(5, 3).halved() == Limit(1, 2)
    with pytest.raises(RoadsError):
        Limit(1, 2).halved()
