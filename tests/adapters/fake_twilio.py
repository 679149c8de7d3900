"""A small stateful Twilio on loopback: real HTTP, error codes, slowness, dropped connections, and a memory."""

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Answer:
    """What the next request gets. ``accept`` tells whether the SMS leaves; ``hang_up`` closes without an answer."""

    status: int = 201
    code: int | None = None
    accept: bool = True
    hang_up: bool = False
    wait: threading.Event | None = None


@dataclass
class FakeTwilio:
    """``accepted`` holds the form of each SMS that really left; ``answers`` are used up in order, then all is well."""

    answers: list[Answer] = field(default_factory=list)
    accepted: list[dict[str, str]] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    def start(self) -> str:
        """Serve on a free port; return the base address."""
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Stop serving; harmless where it never started."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeTwilio

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        answer = self.fake.answers.pop(0) if self.fake.answers else Answer()
        sid = f"SM{len(self.fake.accepted) + 1:032x}"
        if answer.accept:
            self.fake.accepted.append({"path": self.path, **form})
        self.fake.asked.set()
        if answer.wait:
            answer.wait.wait(30)
        if answer.hang_up:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body: dict[str, object] = {"sid": sid, "status": "queued"} if answer.accept else {"message": "no"}
        if answer.code:
            body["code"] = answer.code
        self._answer(answer.status, json.dumps(body).encode())

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
