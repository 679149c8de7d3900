"""The e-mails, from a published evening: subject and text (``mail_html`` makes a page of it).

A text is paragraphs parted by empty lines: what there is to know, the facts a line each, the links a line each
("Words : https://…"), then under ``RULE`` why this came and how to stop.
"""

import datetime as dt
import re
from dataclasses import dataclass

from guinguette.domain.errors import N_
from guinguette.domain.states import UNSURE
from guinguette.publishing import calendar
from guinguette.publishing.messages import at_commune, hours_words
from guinguette.publishing.tour import PublishedEvening
from guinguette.publishing.words import Translate, day_words

#: What parts a text from its signature, in mail as on Usenet (RFC 3676, 4.3).
RULE = "-- "

_SUBJECTS = {
    "reminder": N_("La guinguette est {where} {day}"),
    "week_ahead": N_("La guinguette est {where} {day}"),
    "moved_to_hall": N_("EN SALLE\u00a0: la guinguette {where}, {day}"),
    "cancelled": N_("ANNULÉE\u00a0: la guinguette {where}, {day}"),
    "postponed": N_("REPORTÉE\u00a0: la guinguette {where}, {day}"),
    "changed": N_("CHANGEMENT\u00a0: la guinguette {where}, {day}"),
}
_SENTENCES = {
    "reminder": N_("La guinguette est {where} {day}, {hours}."),
    "week_ahead": N_("La guinguette est {where} {day}, {hours}."),
    "moved_to_hall": N_("La guinguette {where} a lieu en salle, {day}, {hours}."),
    "cancelled": N_("La guinguette {where} du {day} est annulée."),
    "postponed": N_("La guinguette {where} du {day} est reportée au {later}."),
    "postponed_maybe": N_("La guinguette {where} du {day} est reportée, sans doute au {later} (à confirmer)."),
    "postponed_open": N_("La guinguette {where} du {day} est reportée. La nouvelle date suivra."),
    "changed": N_("La guinguette {where} change\u00a0: {day}, {hours}."),
    "moved_date": N_("La guinguette {where} n’est plus le {before}, mais le {day}, {hours}."),
}
#: The kinds of messages that there is an e-mail of one evening for.
KINDS = frozenset(_SUBJECTS)
_TO_BE_CONFIRMED = N_("Cette date reste à confirmer.")
_WHERE = N_("Où\u00a0: {place}")
_PAGE = N_("Tout sur la soirée\u00a0: {url}")
_WHY = N_("Vous recevez cet e-mail parce que vous l’avez demandé à la Guinguette mobile.")
#: Why an e-mail came to somebody who gave a number.
INSTEAD = N_("Le SMS n’a pas pu vous parvenir\u00a0: cet e-mail en tient lieu, comme vous l’avez demandé.")
_STOP = N_("Ne plus rien recevoir\u00a0: {url}")

_CODE_SUBJECT = N_("Guinguette mobile\u00a0: confirmez votre adresse")
_CODE = N_("Votre code est {code}.")
_CODE_HELP = N_("Écrivez-le sur la page que vous avez laissée ouverte, ou confirmez d’ici. Il vaut {hours} heures.")
_CONFIRM = N_("Confirmer mon adresse\u00a0: {url}")
_NOT_YOU = N_("Vous n’avez rien demandé\u00a0? Ne faites rien\u00a0: sans ce geste, nous n’écrirons pas.")
_OPEN_SUBJECT = N_("Guinguette mobile\u00a0: votre code pour voir vos données")
_OPEN_HELP = N_("Écrivez-le sur la page «\u00a0Mes données\u00a0» que vous avez laissée ouverte. Il vaut une heure.")
_OPEN_NOT_YOU = N_("Vous n’avez rien demandé\u00a0? Ne faites rien\u00a0: sans ce code, personne ne voit vos données.")
_SIGN_IN_SUBJECT = N_("Votre lien de connexion")
_SIGN_IN = N_("Voici votre lien pour entrer dans l’espace de l’association.")
_SIGN_IN_HELP = N_("Il sert une seule fois, dans les {hours} heures. Ne le transmettez à personne.")
_SIGN_IN_LINK = N_("Entrer\u00a0: {url}")
_SIGN_IN_NOT_YOU = N_("Vous n’avez rien demandé\u00a0? Ne faites rien\u00a0: personne n’entre sans ce lien.")


@dataclass(frozen=True, slots=True)
class Mail:
    """A subject and a text."""

    subject: str
    text: str


def evening_mail(
    kind: str,
    evening: PublishedEvening,
    *,
    public_url: str,
    stop_url: str,
    locale: str,
    translate: Translate,
    date_before: dt.date | None = None,
    instead_of_sms: bool = False,
) -> Mail:
    """Return the e-mail of a kind (as ``models.Message``) about the evening. ``public_url`` is that of the language.

    ``date_before`` is the date people have in mind where this change has moved the evening.
    """
    values = {
        "where": at_commune(evening.commune, locale, translate),
        "day": day_words(evening.date, locale),
        "before": day_words(date_before or evening.date, locale),
        "later": day_words(evening.postponed_to_date or evening.date, locale),
        "hours": hours_words(evening.starts_at, evening.ends_at, locale),
    }
    links = [translate(_PAGE).format(url=f"{public_url}/soirees/{evening.id}")]
    text = _text(
        [translate(_SENTENCES[_variant(kind, evening, date_before)]).format(**values)],
        _facts(evening, translate),
        links,
        [translate(INSTEAD if instead_of_sms else _WHY), translate(_STOP).format(url=stop_url)],
    )
    return Mail(_one_line(translate(_SUBJECTS[kind]).format(**values)), text)


def code_mail(code: str, *, hours: int, url: str, stop_url: str, translate: Translate) -> Mail:
    """Return the e-mail that asks whether an address is its owner's. Its subject says nothing secret."""
    text = _text(
        [translate(_CODE).format(code=code)],
        [translate(_CODE_HELP).format(hours=hours)],
        [translate(_CONFIRM).format(url=url)],
        [translate(_NOT_YOU), translate(_STOP).format(url=stop_url)],
    )
    return Mail(translate(_CODE_SUBJECT), text)


def own_data_mail(code: str, *, stop_url: str, translate: Translate) -> Mail:
    """Return the e-mail with the code, good for an hour, that shows somebody what is kept about them."""
    text = _text(
        [translate(_CODE).format(code=code)],
        [translate(_OPEN_HELP)],
        [translate(_OPEN_NOT_YOU), translate(_STOP).format(url=stop_url)],
    )
    return Mail(translate(_OPEN_SUBJECT), text)


def sign_in_mail(*, url: str, hours: int, translate: Translate) -> Mail:
    """Return the e-mail that lets an organiser in once."""
    text = _text(
        [translate(_SIGN_IN)],
        [translate(_SIGN_IN_HELP).format(hours=hours)],
        [translate(_SIGN_IN_LINK).format(url=url)],
        [translate(_SIGN_IN_NOT_YOU)],
    )
    return Mail(translate(_SIGN_IN_SUBJECT), text)


def attached_calendar(evening: PublishedEvening, *, public_url: str) -> bytes:
    """Return the evening's .ics, word for word as the feeds have it (they are French), so that both name one event.

    Opened again after a change, it corrects the date in the reader's own calendar.
    """
    return calendar.render(
        [evening],
        name=calendar.title(evening, translate=str, locale="fr"),
        description="",
        public_url=public_url,
        source_url=f"{public_url}/soirees/{evening.id}.ics",
        translate=str,
        locale="fr",
    )


def _variant(kind: str, evening: PublishedEvening, date_before: dt.date | None) -> str:
    """Return the key of the sentence: a kind of message may be said in several ways."""
    if kind == "changed" and date_before not in (None, evening.date):
        return "moved_date"
    if kind == "postponed" and evening.postponed_to_date is None:
        return "postponed_open"
    if kind == "postponed" and not evening.postponed_to_sure:
        return "postponed_maybe"
    return kind


def _facts(evening: PublishedEvening, translate: Translate) -> list[str]:
    """Return what there is to know, a line each; of what does not take place, only why."""
    if not evening.alive:
        return [evening.change_note]
    maybe = translate(_TO_BE_CONFIRMED) if evening.state in UNSURE else ""
    where = translate(_WHERE).format(place=calendar.location(evening))
    return [maybe, where, *calendar.description(evening, "", translate).splitlines()]


def _text(*paragraphs: list[str]) -> str:
    """Return the paragraphs, the last one under the rule; what an organiser typed is never taken for the rule."""
    lines = ([_one_line(line) for line in paragraph] for paragraph in paragraphs)
    *body, end = ["\n".join(line for line in some if line) for some in lines]
    return "\n\n".join([*(part for part in body if part), f"{RULE}\n{end}\n"])


def _one_line(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", calendar.plain(text)).strip()
