"""What a view may reach for: settings, clock, adapters and jobs, all put there by ``create_app``."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from guinguette.adapters.ports import Geocoder, Jobs, Senders
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.domain.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The collaborators of the running app."""

    settings: Settings
    clock: Clock
    vault: Vault
    senders: Senders
    jobs: Jobs
    geocoder: Geocoder


def edge() -> Edge:
    """Return the running app's collaborators."""
    return cast(Edge, current_app.extensions["guinguette"])
