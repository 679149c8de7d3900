"""SMS through Twilio, by its official client. The only file that knows Twilio's codes and words."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from requests import ConnectionError as RequestsConnectionError
from requests import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from guinguette.adapters.ports import Accepted, Known, SendError
from guinguette.config import Settings

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
_API = "https://api.twilio.com"
#: The latest messages to one number that are looked through: nobody gets that many in an hour.
_LISTED = 50

_OPTED_OUT = 21610
#: Too fast (20429), or the queue is full (30001, 21611).
_BUSY = frozenset({20429, 30001, 21611})
_DAILY_CAP = 63038
#: Nothing is wrong with the message: the account, its sender or its geographic permissions must be put right.
_CONFIGURATION = frozenset({20003, 20404, 21212, 21603, 21606, 21701, 21703})
#: The settings too, but perhaps for this number's country or operator alone.
_THIS_NUMBER = frozenset({21408, 21612})
_ACCOUNT = (401, 403, 404)  # wrong token, or an address that knows no such account
_TOO_MANY = 429
_SERVER_ERROR = 500

#: Twilio's words for a message's life, in ours (``models.Message.state``).
_STATES = {
    "accepted": "sent", "scheduled": "sent", "queued": "sent", "sending": "sent", "sent": "sent",
    "delivered": "delivered", "read": "delivered",
    "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip


class TwilioSms:
    """Sends through a messaging service where one is set, else from the alphanumeric sender or short code."""

    def __init__(self, settings: Settings) -> None:
        self._client = Client(
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            http_client=_Http(settings.twilio_api_url or _API),
        )
        self._public_url = settings.public_url
        self._origin = (
            {"messaging_service_sid": settings.twilio_messaging_service_sid}
            if settings.twilio_messaging_service_sid
            else {"from_": settings.sms_sender}
        )

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Hand the SMS to Twilio. Raises ``SendError``: it says whether to try again and whether it may have left."""
        try:
            message = self._client.messages.create(
                to=to,
                body=body,
                status_callback=f"{self._public_url}/sms/statut/{message_id}",
                **self._origin,
            )
        except (TwilioRestException, TwilioServiceException) as error:
            raise _refusal(error.status, error.code) from error
        except RequestException as error:
            raise _unreachable(error) from error
        except (TwilioException, ValueError) as error:  # an answer that is no JSON, or not the API's
            raise SendError("réponse illisible", uncertain=True) from error
        if not message.sid:
            raise SendError("réponse sans identifiant", uncertain=True)
        return Accepted(provider_id=message.sid)

    def sent_to(self, to: str, since: datetime) -> list[Known]:
        """Return what Twilio has for a number since an instant. Raises ``SendError``: whatever it says, ask later.

        Twilio's own filter goes by the date of sending, which a message still in its queue has not got.
        """
        try:
            listed = self._client.messages.list(to=to, limit=_LISTED, page_size=_LISTED)
        except (TwilioException, RequestException, ValueError) as error:
            raise SendError(type(error).__name__, code=str(getattr(error, "code", None) or "")) from error
        return [
            Known(m.sid, m.body or "", state_of(m.status) or "sent", str(m.error_code or ""))
            for m in listed
            if m.date_created is None or m.date_created >= since
        ]


class _Http(TwilioHttpClient):  # type: ignore[misc] # its module publishes no types
    """The official HTTP client with a time-out (it has none by itself) and the base address of the settings."""

    def __init__(self, base: str) -> None:
        quiet = logging.getLogger("guinguette.twilio_requests")
        quiet.addHandler(logging.NullHandler())
        quiet.propagate = False  # it would log addresses with telephone numbers in them
        super().__init__(timeout=TIMEOUT_SECONDS, logger=quiet)
        self._base = base.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send the request to the base address instead of Twilio's."""
        return super().request(method, url.replace(_API, self._base, 1), *args, **kwargs)


def _refusal(status: int, code: object) -> SendError:
    number = code if isinstance(code, int) else 0
    sentence, name = f"HTTP {status}", str(code or "")
    if status >= _SERVER_ERROR:
        return SendError(sentence, code=name, uncertain=True)
    if number in _THIS_NUMBER:
        _log.error("Twilio's settings do not let us write to a number: HTTP %s, code %s", status, code)
        return SendError(sentence, code=name, this_number=True)
    if status in _ACCOUNT or number in _CONFIGURATION:
        _log.error("Twilio refuses the account's settings: HTTP %s, code %s", status, code)
        return SendError(sentence, code=name)
    if number == _DAILY_CAP:
        _log.error("Twilio's daily cap is met: HTTP %s, code %s", status, code)
        return SendError(sentence, code=name, capped=True)
    if status == _TOO_MANY or number in _BUSY:
        return SendError(sentence, code=name, busy=True)
    return SendError(sentence, code=name, permanent=True, opted_out=number == _OPTED_OUT)


def _unreachable(error: RequestException) -> SendError:
    """Tell a connection that was never made (nothing left) from one that broke (it may have)."""
    reason = error.args[0].reason if error.args and isinstance(error.args[0], MaxRetryError) else None
    never_made = isinstance(error, ConnectTimeout) or (
        isinstance(error, RequestsConnectionError) and isinstance(reason, NewConnectionError)
    )
    return SendError(type(error).__name__, uncertain=not never_made)


def means_stop(code: str) -> bool:
    """Tell whether the ``ErrorCode`` of a callback says that the person has told Twilio to stop."""
    return code == str(_OPTED_OUT)


def state_of(status: str) -> str | None:
    """Return our state for the ``MessageStatus`` of a callback, or null for a word we do not know."""
    return _STATES.get(status)


def signed_by_twilio(settings: Settings, path: str, form: Mapping[str, str], signature: str) -> bool:
    """Tell whether a request to ``path`` (with its query, if any) of our public address carries Twilio's signature."""
    if not settings.twilio_auth_token:
        return False
    validator = RequestValidator(settings.twilio_auth_token)
    return bool(validator.validate(settings.public_url + path, form, signature))
