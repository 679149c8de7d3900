"""Which senders are in force: settings choose."""

from guinguette.adapters.mail_console import ConsoleEmail, NoEmail
from guinguette.adapters.mail_smtp import SmtpEmail
from guinguette.adapters.ports import EmailSender, Senders, SmsSender
from guinguette.adapters.sms_console import ConsoleSms, NoSms
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.config import Settings
from guinguette.domain import mail_server


def build_senders(settings: Settings) -> Senders:
    """Return what SMS and e-mails leave by."""
    return Senders(sms=_sms(settings), email=_email(settings))


def _sms(settings: Settings) -> SmsSender:
    if settings.sms == "twilio":
        return TwilioSms(settings)
    return ConsoleSms() if settings.sends_sms else NoSms()


def _email(settings: Settings) -> EmailSender:
    if settings.smtp_url:
        return SmtpEmail(mail_server.parse(settings.smtp_url))
    return NoEmail() if settings.production else ConsoleEmail()
