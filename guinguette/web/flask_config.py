"""Our settings in the words of Flask and its extensions."""

from datetime import timedelta
from typing import Any

from guinguette.config import Settings
from guinguette.migrations import context_options
from guinguette.models.engine import engine_options
from guinguette.paths import MIGRATIONS
from guinguette.web import attempts


def flask_config(settings: Settings) -> dict[str, Any]:
    """Return the Flask configuration for ``settings``."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_ENGINES": {"default": {"url": settings.database_url, **engine_options(settings.database_url)}},
        "ALEMBIC": {"script_location": str(MIGRATIONS)},
        "ALEMBIC_CONTEXT": context_options(),
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,  # an import's preview carries its file, signed, in a field
        # No danger to the CSRF field (BREACH): the session cookie is SameSite, no other site can ask for our pages
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_ALGORITHM_STREAMING": ["br", "deflate"],
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.production,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": None,  # the session's own lifetime holds: a form left open overnight must still save
        "RATELIMIT_STORAGE_URI": f"{attempts.SCHEME}://",
        "RATELIMIT_HEADERS_ENABLED": True,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SALT": settings.secret_key,
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_CSRF_COOKIE_NAME": None,
        "SECURITY_LOGIN_URL": "/connexion",
        "SECURITY_LOGOUT_URL": "/deconnexion",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/organisation/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_LOGIN_USER_TEMPLATE": "connexion.html",
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
    }
