"""The SMS that answer somebody: welcome, what was not understood, who we are, what a host has said.

In GSM-7, two segments at most.
"""

import datetime as dt

from guinguette.domain.errors import N_
from guinguette.domain.sms_text import transliterate
from guinguette.publishing.messages import MAX_SEGMENTS, RING, RING_LENGTH, at_commune, segments
from guinguette.publishing.words import Translate, day_words

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
_TO_HOSTS = {
    "accepted": N_("Guinguette : c’est dit, nous venons {day} {where}. L’accord et la suite : {link}"),
    "refused": N_(
        "Guinguette : c’est noté, nous ne venons pas {day} {where}. Une autre date ? Appelez-nous{ring}, ou : {link}"
    ),
    "already": N_("Guinguette : c’est déjà confirmé, nous venons {day} {where}. L’accord et la suite : {link}"),
    "too_late_to_refuse": N_(
        "Guinguette : {day} {where} est déjà confirmé. Vous ne pouvez plus nous recevoir ? Appelez-nous vite{ring}."
    ),
    "lapsed": N_(
        "Guinguette : nous attendions votre réponse pour {day} {where} jusqu’au {until}, la date n’est plus retenue. "
        "Pour en parler, appelez-nous{ring}."
    ),
    "several": N_("Guinguette : plusieurs dates vous sont demandées. Répondez à chacune ici : {link}"),
    "nothing": N_("Guinguette : aucune date n’attend votre réponse. Vos soirées : {link} ou appelez-nous{ring}."),
    "unclear": N_(
        "Guinguette : nous n’avons pas compris. Pour {day} {where}, envoyez OUI ou NON, sans rien d’autre. "
        "Ou ici : {link}"
    ),
    "impossible": N_(
        "Guinguette : votre réponse pour {day} {where} n’a pas pu être notée. Répondez ici : {link} ou "
        "appelez-nous{ring}."
    ),
}
_NEVER_CUT = ("stop", "url", "link", "day", "until", "ring")
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


def host_text(
    kind: str,
    *,
    translate: Translate,
    link: str,
    phone: str,
    commune: str = "",
    day: dt.date | None = None,
    until: dt.date | None = None,
) -> str:
    """Return the SMS that answers a host's own, a key of ``_TO_HOSTS``. ``link`` is their personal one, ``phone`` ours.

    ``commune``, ``day`` and ``until`` are those of the option that it is about.
    """
    return _fitted(
        translate(_TO_HOSTS[kind]),
        link=link,
        ring=translate(RING).format(phone=phone[:RING_LENGTH]) if phone else "",
        where=at_commune(commune, "fr", translate),
        day=day_words(day, "fr") if day else "",
        until=day_words(until, "fr") if until else "",
    )


def _fitted(template: str, **values: str) -> str:
    """Fill the template; what people or organisers have written gives way until it fits, addresses never."""
    text = ""
    for longest in _LONGEST:
        short = {k: v if k in _NEVER_CUT or len(v) <= longest else f"{v[: longest - 1]}…" for k, v in values.items()}
        text = transliterate(template.format(**short))
        if segments(text) <= MAX_SEGMENTS:
            break
    return text
