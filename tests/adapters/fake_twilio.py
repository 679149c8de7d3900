"""A stateful Twilio on loopback: real HTTP, errors, slowness, dropped connections, STOP, callbacks, a memory."""

import json
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import requests
from twilio.request_validator import RequestValidator


@dataclass(frozen=True, slots=True)
class Answer:
    """What the next request gets. ``accept`` tells whether the SMS leaves; ``hang_up`` closes without an answer."""

    status: int = 201
    code: int | None = None
    accept: bool = True
    hang_up: bool = False
    wait: threading.Event | None = None
    seconds: float = 0.0


#: Every way in which it goes wrong, whether or not the SMS leaves. A 429 sends nothing, and says so.
FAULTS = (
    Answer(hang_up=True),
    Answer(hang_up=True, accept=False),
    Answer(status=503, code=20503),
    Answer(status=500, code=20500, accept=False),
    Answer(status=429, code=20429, accept=False),
)


@dataclass
class FakeTwilio:
    """``accepted`` holds the form of each SMS that really left; ``answers`` are used up in order, then ``mood`` says.

    ``opted_out`` are the numbers that told Twilio to stop. Where ``token`` is set, callbacks are posted, signed, to the
    address that came with the SMS: some twice, in any order, some never.
    """

    answers: list[Answer] = field(default_factory=list)
    accepted: list[dict[str, str]] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    mood: Callable[[], Answer] = Answer
    token: str = ""
    asked: threading.Event = field(default_factory=threading.Event)
    refused_callbacks: list[str] = field(default_factory=list)
    _dates: list[datetime] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    def start(self) -> str:
        """Serve on a free port; return the base address."""
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Stop serving; harmless where it never started."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self, form: dict[str, str]) -> Answer:
        """Return what a request gets: as programmed, a refusal of whoever opted out, or as the mood is."""
        with self._lock:
            if self.answers:
                return self.answers.pop(0)
        return Answer(status=400, code=21610, accept=False) if form["To"] in self.opted_out else self.mood()

    def take(self, path: str, form: dict[str, str]) -> str:
        """Remember an SMS that leaves; return Twilio's name for it."""
        with self._lock:
            self.accepted.append({"path": path, **form})
            self._dates.append(datetime.now(UTC))
            sid = _sid(len(self.accepted) - 1)
        if self.token:
            threading.Thread(target=self._call_back, args=(form, sid), name=f"callback {sid}", daemon=True).start()
        return sid

    def listed(self, to: str, size: int) -> list[dict[str, object]]:
        """Return the latest messages to a number, as Twilio's list endpoint shows them."""
        with self._lock:
            found = [
                {
                    "sid": _sid(number), "to": form["To"], "body": form["Body"], "status": "delivered",
                    "error_code": None, "date_created": format_datetime(self._dates[number]), "date_sent": None,
                }
                for number, form in enumerate(self.accepted)
                if form["To"] == to
            ]  # fmt: skip
        return found[::-1][:size]

    def ids(self) -> list[str]:
        """Return which of our messages left, in order: the id stands in the callback's address."""
        return [form["StatusCallback"].rsplit("/", 1)[1] for form in self.accepted]

    def _call_back(self, form: dict[str, str], sid: str) -> None:
        dice = random.Random(sid)  # noqa: S311 -- the same story each time
        told = ["queued", "sent", "delivered"]
        told = [word for word in told + told if dice.random() < 0.5]  # twice, once or never
        dice.shuffle(told)
        for word in told:
            time.sleep(dice.random() * 0.05)
            fields = {"MessageSid": sid, "MessageStatus": word, "To": form["To"]}
            url = form["StatusCallback"]
            signature = RequestValidator(self.token).compute_signature(url, fields)
            try:
                requests.post(
                    url, data=fields, headers={"X-Twilio-Signature": signature}, timeout=30
                ).raise_for_status()
            except requests.RequestException as error:
                self.refused_callbacks.append(str(error))


def _sid(number: int) -> str:
    return f"SM{number + 1:032x}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    fake: FakeTwilio

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        answer = self.fake.next_answer(form)
        sid = self.fake.take(self.path, form) if answer.accept else ""
        self.fake.asked.set()
        if answer.wait:
            answer.wait.wait(30)
        time.sleep(answer.seconds)
        if answer.hang_up:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body: dict[str, object] = {"sid": sid, "status": "queued"} if answer.accept else {"message": "no"}
        if answer.code:
            body["code"] = answer.code
        self._answer(answer.status, json.dumps(body).encode())

    def do_GET(self) -> None:
        query = dict(parse_qsl(urlsplit(self.path).query))
        found = self.fake.listed(query["To"], int(query.get("PageSize", "50")))
        page = {"messages": found, "page": 0, "page_size": 50, "next_page_uri": None, "uri": self.path}
        self._answer(200, json.dumps(page).encode())

    def _answer(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # whoever asked has gone: killed, or tired of waiting

    def log_message(self, *_: object) -> None:
        """Say nothing."""
