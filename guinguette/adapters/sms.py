"""Which SMS sender is in force: one setting chooses."""

from guinguette.adapters.ports import SmsSender
from guinguette.adapters.sms_console import ConsoleSms
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.config import Settings


def build_sms(settings: Settings) -> SmsSender:
    """Return the sender that ``GUINGUETTE_SMS`` names."""
    return TwilioSms(settings) if settings.sms == "twilio" else ConsoleSms()
