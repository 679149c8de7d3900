"""What a provider's code means, and what to do: each code that the sender knows has words of its own."""

import pytest

from guinguette.adapters import sms_twilio
from guinguette.adapters.faults import explained

_KNOWN_TO_THE_SENDER = (
    {sms_twilio._OPTED_OUT} | sms_twilio._CONFIGURATION | sms_twilio._THIS_NUMBER | {20429, 30001, 21611, 63038}
)


@pytest.mark.parametrize("code", sorted(_KNOWN_TO_THE_SENDER | {21211, 21614, 21635, 30003, 30006, 30007, 30036}))
def test_every_code_is_explained(code: int) -> None:
    """As a callback says it, alone, and as a refusal does, with its status."""
    fault = explained(str(code))
    assert fault is not None
    assert fault == explained(f"{code} HTTP 400")
    assert fault.what.endswith(".")
    assert fault.todo.endswith(".")


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ("550 5.1.1 No such user", "Cette adresse e-mail n’existe pas."),
        ("552 Quota exceeded", "La boîte de la personne est pleine."),
        ("451 Greylisted", "Le serveur de courrier refuse pour l’instant."),
        ("554 Rejected", "Le serveur de courrier refuse le message."),
    ],
)
def test_what_mail_servers_say(error: str, what: str) -> None:
    """By the code alone: the words after it are each server's own."""
    fault = explained(error)
    assert fault is not None
    assert fault.what == what


@pytest.mark.parametrize("error", ["", "HTTP 500", "ReadTimeout", "12345 HTTP 400", "200 OK", "2101100 x", "trop tard"])
def test_what_nobody_has_explained(error: str) -> None:
    """Nothing is made up."""
    assert explained(error) is None
