"""The pages: a blueprint file per audience. A view parses, calls one use case, answers."""

from flask import Flask

from guinguette.web import (
    assets,
    association,
    converters,
    desk_feed,
    errors,
    feeds,
    health,
    hooks,
    language,
    maps,
    notices,
    posters,
    presenting,
    public,
    security,
    sessions,
    sign_in,
    subscribers,
)
from guinguette.web.organiser import blueprint as organiser


def register(app: Flask) -> None:
    """Put every blueprint, error page, header and template helper on the app."""
    converters.register(app)
    language.register(app)
    security.register(app)
    sessions.register(app)
    assets.register(app)
    association.register(app)
    presenting.register(app)
    errors.register(app)
    for blueprint in (public.blueprint, subscribers.blueprint, maps.blueprint, notices.blueprint):
        language.register_in_every_language(app, blueprint)
    for blueprint in (
        desk_feed.blueprint,
        feeds.blueprint,
        health.blueprint,
        hooks.blueprint,
        posters.blueprint,
        sign_in.blueprint,
        organiser,
    ):
        app.register_blueprint(blueprint)
