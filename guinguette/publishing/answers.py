"""The SMS that answer somebody: welcome, what was not understood, who we are. In GSM-7, two segments at most."""

from guinguette.domain.errors import N_
from guinguette.domain.sms_text import transliterate
from guinguette.publishing.messages import MAX_SEGMENTS, segments
from guinguette.publishing.words import Translate

_WELCOME = N_("Guinguette : c’est noté ({scope}). Un SMS la veille, et un si la soirée change. STOP : {stop}")
_SIGNED = N_(
    "Guinguette : vous avez signé notre liste ({scope}). Un SMS la veille, et un si la soirée change. STOP : {stop}"
)
_CONTACT = N_("Guinguette mobile : {who}. {url} - Répondez STOP pour ne plus rien recevoir.")
_NOT_UNDERSTOOD = {
    "empty": N_("Guinguette : envoyez GUINGUETTE puis le nom ou le code postal de votre village. Ou : {url}"),
    "unknown": N_(
        "Guinguette : nous ne connaissons pas « {typed} ». Envoyez GUINGUETTE puis le nom ou le code postal du "
        "village. Ou : {url}"
    ),
    "misspelt": N_("Guinguette : « {typed} », est-ce {village} ? Alors envoyez GUINGUETTE {village}. Sinon : {url}"),
    "several": N_(
        "Guinguette : plusieurs villages répondent à « {typed} ». Envoyez GUINGUETTE, le nom et le code postal. "
        "Ou : {url}"
    ),
}
_LONGEST = (80, 40, 25, 12)


def welcome_text(scope: str, *, signed: bool, stop_url: str, translate: Translate) -> str:
    """Return the SMS that says what somebody is subscribed to; ``signed``: on paper, not by their own SMS."""
    return _fitted(translate(_SIGNED if signed else _WELCOME), scope=scope, stop=stop_url)


def contact_text(who: str, *, url: str, translate: Translate) -> str:
    """Return the SMS that says who we are, which each short code must answer CONTACT with."""
    return _fitted(translate(_CONTACT), who=who, url=url)


def help_text(fault: str, *, typed: str, village: str, url: str, translate: Translate) -> str:
    """Return the SMS that says how to subscribe. ``fault``: empty, unknown, several, misspelt (``village``)."""
    return _fitted(translate(_NOT_UNDERSTOOD[fault]), typed=typed, village=village, url=url)


def _fitted(template: str, **values: str) -> str:
    """Fill the template; what people or organisers have written gives way until it fits, addresses never."""
    text = ""
    for longest in _LONGEST:
        short = {
            k: v if k in ("stop", "url") or len(v) <= longest else f"{v[: longest - 1]}…" for k, v in values.items()
        }
        text = transliterate(template.format(**short))
        if segments(text) <= MAX_SEGMENTS:
            break
    return text
