"""Settings: read once from the environment, frozen, refused where production would be unsafe (docs/operations.md)."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from guinguette.domain import mail_server, road_server

_SECRET_CHARACTERS = 32
_KEY_BYTES = 32
_GEOCODING = "https://data.geopf.fr/geocodage"
_SECRETS = {"secret_key", "data_key", "twilio_auth_token", "database_url", "queue_url", "smtp_url", "roads_url"}


class ConfigError(Exception):
    """A setting is missing or unsafe; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is in force. ``data_key`` is 32 bytes in URL-safe base64 (Fernet's); URLs are SQLAlchemy's and huey's."""

    env: str
    instance: Path
    secret_key: str
    data_key: str
    database_url: str
    queue_url: str
    public_url: str
    sms: str
    sms_sender: str
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_messaging_service_sid: str
    twilio_api_url: str
    smtp_url: str
    geocoding_url: str
    roads_url: str
    tiles: str

    @property
    def production(self) -> bool:
        """Tell whether real people are at the other end."""
        return self.env == "production"

    @property
    def many_machines(self) -> bool:
        """Tell whether workers may run on other machines too: SQLite is a file of this one."""
        return not self.database_url.startswith("sqlite") and not self.queue_url.startswith("sqlite")

    @property
    def sends_sms(self) -> bool:
        """Tell whether people get their SMS: on the console of a production nobody would."""
        return self.sms == "twilio" or not self.production

    @property
    def receives_sms(self) -> bool:
        """Tell whether people can answer our SMS: a number can be answered, a name (« Guinguette ») cannot."""
        return self.sms_sender.removeprefix("+").isdigit()

    @property
    def sends_email(self) -> bool:
        """Tell whether people get their e-mails: a production without a mail server sends none."""
        return bool(self.smtp_url) or not self.production

    @property
    def rehearsing(self) -> bool:
        """Tell whether no message reaches anybody: printed, or given to a stand-in on this machine."""
        sms = self.sms == "console" or urlsplit(self.twilio_api_url).hostname in mail_server.HERE
        email = not self.smtp_url or mail_server.parse(self.smtp_url).host in mail_server.HERE
        return not self.production and sms and email

    def masked(self) -> dict[str, str]:
        """Return every setting by its environment name, secrets as ``********``."""
        return {
            environment_name(f.name): "********"
            if f.name in _SECRETS and getattr(self, f.name) and not _harmless(getattr(self, f.name))
            else str(getattr(self, f.name))
            for f in fields(self)
        }


def environment_name(field: str) -> str:
    """Return the variable that sets a field (contract.md): Twilio's own names where the official client has them."""
    if field.startswith("twilio_") and field != "twilio_api_url":
        return field.upper()
    return f"GUINGUETTE_{field.upper()}"


def load(environ: Mapping[str, str] | None = None, *, root: Path | None = None) -> Settings:
    """Read the settings from ``environ`` (default: the process's, completed by a ``.env`` file in ``root``).

    Raises ``ConfigError`` with one sentence where production would be unsafe or a value is not one of those allowed.
    """
    base = root or Path.cwd()
    if environ is None:
        environ = {**{k: v for k, v in dotenv_values(base / ".env").items() if v is not None}, **os.environ}
    env = environ.get("GUINGUETTE_ENV", "development")
    if env not in ("development", "production"):
        raise ConfigError(f"GUINGUETTE_ENV vaut « {env} » : écrire development ou production.")
    instance = Path(environ.get("GUINGUETTE_INSTANCE") or base / "instance").resolve()
    database_url = environ.get("GUINGUETTE_DATABASE_URL") or f"sqlite:///{instance / 'guinguette.sqlite3'}"
    if database_url.startswith(("postgres://", "postgresql://")):
        database_url = "postgresql+psycopg://" + database_url.split("://", 1)[1]
    settings = Settings(
        env=env,
        instance=instance,
        secret_key=environ.get("GUINGUETTE_SECRET_KEY") or _kept(instance, "secret_key", env),
        data_key=environ.get("GUINGUETTE_DATA_KEY") or _kept(instance, "data_key", env),
        database_url=database_url,
        queue_url=environ.get("GUINGUETTE_QUEUE_URL") or _queue_beside(database_url, instance),
        public_url=(environ.get("GUINGUETTE_PUBLIC_URL") or f"http://127.0.0.1:{environ.get('PORT') or 8000}").rstrip(
            "/"
        ),
        sms=environ.get("GUINGUETTE_SMS") or "console",
        sms_sender=environ.get("GUINGUETTE_SMS_SENDER") or "Guinguette",
        twilio_account_sid=environ.get("TWILIO_ACCOUNT_SID", ""),
        twilio_auth_token=environ.get("TWILIO_AUTH_TOKEN", ""),
        twilio_messaging_service_sid=environ.get("TWILIO_MESSAGING_SERVICE_SID", ""),
        twilio_api_url=environ.get("GUINGUETTE_TWILIO_API_URL", ""),
        smtp_url=environ.get("GUINGUETTE_SMTP_URL", ""),
        geocoding_url=environ.get("GUINGUETTE_GEOCODING_URL", _GEOCODING).rstrip("/"),
        roads_url=environ.get("GUINGUETTE_ROADS_URL", ""),
        tiles=environ.get("GUINGUETTE_TILES") or "ign",
    )
    _refuse_unsafe(settings)
    return settings


def _harmless(value: object) -> bool:
    """SQLite and road server addresses without a password may be shown, which helps and harms nobody."""
    return str(value).startswith("sqlite") or (str(value).startswith(road_server.SCHEMES) and "@" not in str(value))


def _queue_beside(database_url: str, instance: Path) -> str:
    if database_url.startswith("sqlite"):
        return f"sqlite:///{instance / 'queue.sqlite3'}"
    return database_url


def _kept(instance: Path, name: str, env: str) -> str:
    """Return the development key kept in the instance folder, made at the first start. Production must be given one."""
    if env == "production":
        return ""
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / name
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
    return key


def _refuse_unsafe(settings: Settings) -> None:
    _refuse_malformed(settings)
    if not settings.production:
        return
    if len(settings.secret_key) < _SECRET_CHARACTERS:
        raise ConfigError("GUINGUETTE_SECRET_KEY manque ou fait moins de 32 caractères : donnez une clé au hasard.")
    if not settings.public_url.startswith("https://"):
        raise ConfigError("GUINGUETTE_PUBLIC_URL doit commencer par https:// en production.")


def _refuse_malformed(settings: Settings) -> None:
    try:
        key_ok = len(base64.urlsafe_b64decode(settings.data_key)) == _KEY_BYTES
    except ValueError:
        key_ok = False
    if not key_ok:
        raise ConfigError("GUINGUETTE_DATA_KEY doit être 32 octets en base64 (44 caractères).")
    try:
        if settings.smtp_url:
            mail_server.parse(settings.smtp_url)
    except ValueError as error:
        raise ConfigError(f"GUINGUETTE_SMTP_URL ne se lit pas : {error}.") from error
    if settings.geocoding_url and not settings.geocoding_url.startswith(("https://", "http://")):
        raise ConfigError("GUINGUETTE_GEOCODING_URL doit commencer par https:// (ou rester vide : aucune recherche).")
    try:
        if settings.roads_url:
            road_server.parse(settings.roads_url)
    except ValueError as error:
        raise ConfigError(f"GUINGUETTE_ROADS_URL ne se lit pas : {error}.") from error
    if settings.tiles not in ("ign", "osm"):
        raise ConfigError(f"GUINGUETTE_TILES vaut « {settings.tiles} » : écrire ign ou osm.")
    if settings.sms not in ("console", "twilio"):
        raise ConfigError(f"GUINGUETTE_SMS vaut « {settings.sms} » : écrire console ou twilio.")
    if settings.sms == "twilio" and not (settings.twilio_account_sid and settings.twilio_auth_token):
        raise ConfigError("GUINGUETTE_SMS=twilio demande TWILIO_ACCOUNT_SID et TWILIO_AUTH_TOKEN.")
