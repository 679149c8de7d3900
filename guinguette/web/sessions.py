"""The session cookie: no business of what everybody sees alike."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

#: Blueprints whose answers are the same for all, signed in or not.
_ALIKE = {"public", "maps", "embeds", "feeds", "calendars", "notices", "posters", "pwa", "robots"}


class SessionsApart(SecureCookieSessionInterface):
    """Flask's sessions, without ``Vary: Cookie`` and without a renewed cookie on public answers.

    Flask-Security looks for a signed-in user at every request, which Flask takes for a use of the session: no cache
    could keep a page or a feed for a second reader. A public answer that has changed the session (by showing, once,
    what a form had to say) is somebody's own, and keeps both.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie and its ``Vary`` unless this answer has nothing to do with it."""
        blueprint = (request.blueprint or "").split("_")[0]  # "public_en" is "public" in another language
        alike = blueprint in _ALIKE or request.endpoint in ("static", "stylesheet")
        if session.modified or not alike:
            super().save_session(app, session, response)


def register(app: Flask) -> None:
    """Let the app keep its sessions this way."""
    app.session_interface = SessionsApart()
