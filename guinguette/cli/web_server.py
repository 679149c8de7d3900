"""gunicorn, run from this process instead of from its own command line."""

from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from guinguette import create_app

if TYPE_CHECKING:
    from flask import Flask

_STOPS_WITHIN_SECONDS = 5


class _Gunicorn(BaseApplication):  # type: ignore[misc] # gunicorn publishes no types
    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        return create_app()


def run(*, host: str, port: int, processes: int) -> None:
    """Serve until SIGTERM, then finish the requests under way. Each web process makes its own app."""
    _Gunicorn(
        {
            "bind": f"{host}:{port}",
            "workers": processes,
            "worker_class": "gthread",
            "threads": 8,
            "graceful_timeout": _STOPS_WITHIN_SECONDS,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
    ).run()
