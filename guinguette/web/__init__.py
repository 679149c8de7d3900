"""The pages: a blueprint file per audience. A view parses, calls one use case, answers."""

from flask import Flask

from guinguette.web import (
    assets,
    association,
    calendars,
    converters,
    design,
    desk_feed,
    email_subscribers,
    embeds,
    errors,
    feeds,
    health,
    hooks,
    host_door,
    kept,
    language,
    log_secrets,
    maps,
    notices,
    own_data,
    posters,
    presenting,
    public,
    pwa,
    robots,
    security,
    sessions,
    sign_in,
    site_words,
    subscribers,
    uploads,
    visits,
)
from guinguette.web.host import blueprint as host
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
    pwa.register(app)
    errors.register(app)
    log_secrets.register(app)
    robots.register(app)
    uploads.register(app)
    site_words.register(app)
    for blueprint in (
        public.blueprint,
        subscribers.blueprint,
        email_subscribers.blueprint,
        own_data.blueprint,
        maps.blueprint,
        calendars.blueprint,
        embeds.blueprint,
        notices.blueprint,
        pwa.blueprint,
        visits.blueprint,
    ):
        language.register_in_every_language(app, blueprint)
    for blueprint in (
        desk_feed.blueprint,
        feeds.blueprint,
        health.blueprint,
        host,
        host_door.blueprint,
        hooks.blueprint,
        posters.blueprint,
        robots.blueprint,
        sign_in.blueprint,
        organiser,
        pwa.worker,
    ):
        app.register_blueprint(blueprint)
    if not app.extensions["guinguette"].settings.production:
        app.register_blueprint(design.blueprint)
    kept.register(app)
