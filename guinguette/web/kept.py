"""Public answers kept in memory, in front of Flask: a page or a feed that has not changed costs no query and no view.

An answer is good for one *state*: what is published (``services.published.version``) and the date in Paris. The state
is asked of the database at most once a second, and again after every commit of this process: whoever publishes sees it
at once, another process within the second. It is read before the view runs, never after, so that an answer is at worst
newer than what it is filed under: an evening called off cannot come back as confirmed.

What is kept answers a request made here, which holds nothing but its key: no cookie, no validator, no header of the
visitor's. So no answer can have something of somebody in it, and no header (``Host``, ``X-Forwarded-…``) can slip into
what others read.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from cachetools import TTLCache
from flask import Flask, request
from flask import Response as FlaskResponse
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers, LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import is_resource_modified, parse_accept_header, remove_entity_headers
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.services import published
from guinguette.web.language import FRENCH, preferred_language

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: How much memory the answers of one process may take.
_BYTES = 32 * 1024 * 1024
#: What an answer takes besides its body.
_OVERHEAD_BYTES = 2048
#: An answer is made anew after that long, for the sake of what no version counts: a commune renamed by a new import.
_LASTS_SECONDS = 600
#: For how long a process may believe that no other one has published.
_BELIEVED_SECONDS = 1.0
_CODINGS = ("br", "gzip")
#: By what a kept answer may vary: its coding, and the front page by what makes it lead elsewhere (see ``_key``).
_CODED = {"accept-encoding"}
_NEGOTIATED = _CODED | {"accept-language", "referer", "sec-fetch-site"}

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Policy:
    """What an answer depends on besides its path: ``query`` names; ``anybody``: visitors with a session get it too."""

    query: tuple[str, ...]
    anybody: bool


_policies: dict[Callable[..., Any], _Policy] = {}


def page(*query: str) -> Callable[[View], View]:
    """Mark a page that depends on its address, these names of the query and what is published: on nothing else.

    A visitor with a session goes to the view: it may have something to say to that visitor, once.
    """
    return _mark(_Policy(query, anybody=False))


def feed(view: View) -> View:
    """Mark a feed, or any answer without a place for a message: the same for everybody, with a session or without."""
    return _mark(_Policy((), anybody=True))(view)


def _mark(policy: _Policy) -> Callable[[View], View]:
    def mark(view: View) -> View:
        _policies[view] = policy
        return view

    return mark


class _Commits:
    """The last commit of this process, whatever it wrote."""

    last = object()


@event.listens_for(Session, "after_commit")
def _note_commit(_session: Session) -> None:
    _Commits.last = object()


class Version:
    """What ``read`` returns, asked again once a second (by ``tick``, monotonic seconds) and after each commit here.

    ``now()`` is null while the database does not answer.
    """

    def __init__(self, read: Callable[[], object], tick: Callable[[], float]) -> None:
        self._read, self._tick = read, tick
        self._lock = threading.Lock()
        self._value: object = None
        self._at = float("-inf")
        self._commit: object = None

    def now(self) -> object:
        """Return the version, at most a second old."""
        with self._lock:
            commit, at = _Commits.last, self._tick()  # both before the database is asked: what comes later counts
            if commit is not self._commit or at - self._at >= _BELIEVED_SECONDS:
                try:
                    self._value = self._read()
                except SQLAlchemyError:
                    return None
                self._commit, self._at = commit, at
            return self._value


@dataclass(frozen=True, slots=True)
class _Key:
    """What an answer depends on. ``codings`` are those of ours that the visitor's program can undo."""

    root: str
    path: str
    query: tuple[tuple[str, str], ...]
    codings: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """A whole answer (200), ready to be sent, and the state it is good for."""

    state: object
    body: bytes
    headers: list[tuple[str, str]]
    headers_unchanged: list[tuple[str, str]]
    etag: str | None
    last_modified: str | None

    @classmethod
    def of(cls, response: Response, state: object) -> "_Answer":
        """Take what is to be sent from the view's response."""
        body = response.get_data()
        headers = Headers([(name, value) for name, value in response.headers if name.lower() != "date"])
        headers["Content-Length"] = str(len(body))
        unchanged = Headers(headers)
        remove_entity_headers(unchanged)
        return cls(
            state=state,
            body=body,
            headers=headers.to_wsgi_list(),
            headers_unchanged=unchanged.to_wsgi_list(),
            etag=headers.get("ETag"),
            last_modified=headers.get("Last-Modified"),
        )

    def __len__(self) -> int:
        """Return the bytes of memory it takes, nearly."""
        return len(self.body) + _OVERHEAD_BYTES

    def send(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer with it, or 304 where the visitor has it."""
        validates = "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ
        if validates and not is_resource_modified(environ, etag=self.etag, last_modified=self.last_modified):
            start_response("304 NOT MODIFIED", list(self.headers_unchanged))
            return []
        start_response("200 OK", list(self.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Kept:
    """The WSGI application around Flask's, which is ``behind`` it. ``tick`` tells monotonic seconds."""

    def __init__(self, app: Flask, wsgi_app: "WSGIApplication", tick: Callable[[], float] = time.monotonic) -> None:
        self._app, self.behind = app, wsgi_app
        self._addresses = app.url_map.bind("kept")
        self._answers: TTLCache[_Key, _Answer] = TTLCache(_BYTES, _LASTS_SECONDS, timer=tick, getsizeof=len)
        self._lock = threading.Lock()
        self._version = Version(self._read_version, tick)
        self._session_cookies = (f"{app.config['SESSION_COOKIE_NAME']}=", "remember_token=")
        public = urlsplit(app.extensions["guinguette"].settings.public_url)
        self._own = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": public.scheme, "HTTP_HOST": public.netloc}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from memory, or ask Flask, and keep what may be kept."""
        key = self._key(environ)
        version = self._version.now() if key else None
        if key is None or version is None:
            return self.behind(environ, start_response)
        state = (version, today(self._app.extensions["guinguette"].clock))
        with self._lock:
            answer = self._answers.get(key)
        if answer is None or answer.state != state:
            response = self._ask(environ, key)
            if not _may_be_kept(response, varies=_NEGOTIATED if key.path == "/" else _CODED):
                return response(environ, start_response)
            answer = _Answer.of(response, state)
            self._keep(key, answer)
        return answer.send(environ, start_response)

    def _read_version(self) -> object:
        with self._app.app_context():
            return published.version(db.session)

    def _key(self, environ: "WSGIEnvironment") -> _Key | None:
        """Return under what the answer is kept, or null where it is Flask's alone to give."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        try:
            endpoint, _ = self._addresses.match(_unwrapped(environ.get("PATH_INFO", "")), method="GET")
        except HTTPException:  # nothing there, or a redirect
            return None
        policy = _policies.get(self._app.view_functions[endpoint])
        if policy is None or not (policy.anybody or self._without_session(environ.get("HTTP_COOKIE", ""))):
            return None
        if environ.get("PATH_INFO") == "/" and not _reads_french(environ.get("HTTP_ACCEPT_LANGUAGE", "")):
            return None  # the one page that may lead to another language's, which is the view's to decide
        query: tuple[tuple[str, str], ...] = ()
        if policy.query and environ.get("QUERY_STRING"):
            pairs = parse_qsl(_unwrapped(environ["QUERY_STRING"]))
            given = dict(reversed(pairs))  # the first of a name counts, as in request.args
            query = tuple((name, given[name]) for name in policy.query if name in given)
        codings = _codings(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return _Key(environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""), query, codings)

    def _without_session(self, cookies: str) -> bool:
        return not any(name in cookies for name in self._session_cookies)

    def _ask(self, environ: "WSGIEnvironment", key: _Key) -> Response:
        """Ask Flask for the whole answer, with nothing of the visitor's in the request."""
        own = {name: value for name, value in environ.items() if not name.startswith(("HTTP_", "CONTENT_"))}
        own |= self._own | {"QUERY_STRING": urlencode(key.query), "HTTP_ACCEPT_ENCODING": key.codings}
        return Response.from_app(self.behind, own, buffered=True)

    def _keep(self, key: _Key, answer: _Answer) -> None:
        with self._lock:
            if len(answer) <= self._answers.maxsize:
                self._answers[key] = answer


def _unwrapped(text: str) -> str:
    """Return a text of the WSGI environment, which holds bytes as Latin-1, as the UTF-8 that they are."""
    return text.encode("latin-1").decode(errors="replace")


@lru_cache(maxsize=256)
def _codings(accept_encoding: str) -> str:
    """Return which of our codings are accepted, as a header of its own: browsers write theirs in many ways."""
    accepted = parse_accept_header(accept_encoding)
    names = {name.lower() for name, quality in accepted if quality > 0}
    refused = {name.lower() for name, quality in accepted if quality <= 0}
    return ", ".join(name for name in _CODINGS if name in names or ("*" in names and name not in refused)) or "identity"


@lru_cache(maxsize=256)
def _reads_french(accept_language: str) -> bool:
    """Tell whether French comes first of our languages, or none of them is asked for."""
    return preferred_language(parse_accept_header(accept_language, LanguageAccept)) == FRENCH


def _may_be_kept(response: Response, *, varies: set[str]) -> bool:
    """Tell whether the answer is whole, everybody's, and the same but for what ``varies`` names (in lower case)."""
    control = response.cache_control
    private = "Set-Cookie" in response.headers or bool(control.no_store) or bool(control.private)
    ours = {name.lower() for name in response.vary} <= varies
    return response.status_code == HTTPStatus.OK and ours and not private


def revalidate(response: FlaskResponse) -> FlaskResponse:
    """Let browsers keep a page, and ask for it again each time: an unchanged one costs a phone a few bytes.

    What says itself how it is to be kept (a document with a nonce: not at all) stays as it is.
    """
    if request.method in ("GET", "HEAD") and response.is_sequence and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
    return response


def register(app: Flask) -> None:
    """Stand in front of the app, to be called once every address is there."""
    app.wsgi_app = Kept(app, app.wsgi_app)  # type: ignore[method-assign] # as Flask documents
