"""The Guinguette mobile: ``create_app``, and nothing else."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from guinguette.config import Settings
    from guinguette.domain.clock import Clock


def create_app(settings: "Settings | None" = None, *, clock: "Clock | None" = None) -> "Flask":
    """Return the Flask app for ``settings`` (default: the environment's), which tells time by ``clock`` (the system's).

    Raises ``config.ConfigError`` where the environment is unsafe or wrong.
    """
    # Imported here: whoever imports one of this package's rooms (routing's tests, a job) need not load the web.
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from guinguette import config, extensions, paths, web
    from guinguette.adapters.geocoding import BanGeocoder
    from guinguette.adapters.senders import build_senders
    from guinguette.adapters.vault import Vault
    from guinguette.domain.clock import SystemClock
    from guinguette.jobs.queue import QueuedJobs
    from guinguette.web.edge import Edge
    from guinguette.web.flask_config import flask_config

    settings = settings or config.load()
    app = Flask(__name__, template_folder=str(paths.TEMPLATES), static_folder=str(paths.STATIC))
    app.config.update(flask_config(settings))
    for extension in (
        extensions.db,
        extensions.alembic,
        extensions.compress,
        extensions.csrf,
        extensions.limiter,
        extensions.security,
    ):
        extension.init_app(app)
    app.extensions["guinguette"] = Edge(
        settings=settings,
        clock=clock or SystemClock(),
        vault=Vault(settings.data_key),
        senders=build_senders(settings),
        jobs=QueuedJobs(settings.queue_url),
        geocoder=BanGeocoder(settings.geocoding_url),
    )
    web.register(app)
    if settings.production:  # behind its proxy (docs/operations.md); elsewhere anybody could write these headers
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign] # as Flask documents
    return app
