"""Which SMS sender is in force: one setting chooses."""

from guinguette.adapters.ports import SmsSender
from guinguette.adapters.sms_console import ConsoleSms, NoSms
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.config import Settings


def build_sms(settings: Settings) -> SmsSender:
    """Return the sender that ``GUINGUETTE_SMS`` names."""
    if settings.sms == "twilio":
        return TwilioSms(settings)
    return ConsoleSms() if settings.sends_sms else NoSms()
