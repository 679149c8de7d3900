"""The organisers' own words for the messages: read, kept, taken back. A text once kept has a version ever after."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, Conflict, NotFound
from guinguette.models import MessageTemplate
from guinguette.publishing.message_limits import refuse_too_long
from guinguette.publishing.message_texts import TEMPLATES, Template, lacking, stored
from guinguette.publishing.messages import Voice
from guinguette.services import host_links, opting_out
from guinguette.services.wording import translator


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one text in one language: as in force, and the built-in ones. ``version`` 0: never edited.

    ``set_aside`` are the organisers' own where they are from before a release that asks for another field, ``lacks``.
    """

    key: str
    template: Template
    locale: str
    text: str
    built_in: str
    version: int = 0
    saved_by: str = ""
    set_aside: str = ""
    lacks: str = ""

    @property
    def own(self) -> bool:
        """Tell whether they are the organisers' own."""
        return self.text != self.built_in


def listing(session: Session, locales: Sequence[str]) -> list[tuple[str, Template, tuple[Wording, ...]]]:
    """Return every text with its words in each of ``locales``, in one query."""
    rows = {(row.key, row.locale): row for row in session.scalars(select(MessageTemplate))}
    return [
        (key, template, tuple(_wording(key, locale, rows.get((key, locale))) for locale in locales))
        for key, template in TEMPLATES.items()
    ]


def get(session: Session, key: str, locale: str) -> Wording:
    """Return the words of a text in a language. Raises ``NotFound``."""
    if key not in TEMPLATES:
        raise NotFound(N_("Ce texte n’existe pas."))
    return _wording(key, locale, session.get(MessageTemplate, (key, locale)))


def voice(session: Session, locale: str) -> Voice:
    """Return in which words texts are written in a language now: never in some that lack a field, as the link."""
    rows = session.execute(
        select(MessageTemplate.key, MessageTemplate.text).where(
            MessageTemplate.locale == locale, MessageTemplate.text != ""
        )
    )
    return Voice(
        locale=locale,
        translate=translator(locale),
        own={key: text for key, text in rows if key in TEMPLATES and not lacking(key, text)},
    )


def checked(key: str, typed: str, locale: str, *, names: str, public_url: str) -> str:
    """Return what was typed as it is kept; ``names`` is the language of the fields' names.

    Raises ``InvalidInput`` (field ``text``) for unknown or missing fields, or where it could make more than two SMS.
    """
    text = stored(key, typed, translator(names))
    refuse_too_long(
        key,
        text,
        Voice(locale=locale, translate=translator(locale)),
        stop_url=opting_out.stop_url(public_url, locale, opting_out.TOKEN_PLACEHOLDER),
        page=home(public_url, locale),
        link=host_links.placeholder_url(public_url),
    )
    return text


def save(session: Session, key: str, locale: str, typed: str, *, version: int, names: str, public_url: str) -> None:
    """Keep an organiser's words, or go back to the built-in ones where these were typed. ``typed`` as in ``checked``.

    Raises ``InvalidInput``, ``NotFound``, and ``Conflict`` where somebody has saved since ``version``.
    """
    now = get(session, key, locale)
    text = checked(key, typed, locale, names=names, public_url=public_url)
    same = text.replace("\u00a0", " ") == now.built_in.replace("\u00a0", " ")
    _put(session, now, "" if same else text, version)


def reset(session: Session, key: str, locale: str, *, version: int) -> None:
    """Go back to the built-in words. Raises ``NotFound``, ``Conflict``."""
    _put(session, get(session, key, locale), "", version)


def home(public_url: str, locale: str) -> str:
    """Return the address of the page with all dates, in a language."""
    return public_url if locale == "fr" else f"{public_url}/{locale}"


def _put(session: Session, now: Wording, text: str, version: int) -> None:
    if version != now.version:
        if not now.saved_by:
            raise Conflict(N_("Quelqu’un a modifié ce texte entre-temps : relisez-le, puis enregistrez."))
        raise Conflict(N_("{who} a modifié ce texte entre-temps : relisez-le, puis enregistrez."), who=now.saved_by)
    row = session.get(MessageTemplate, (now.key, now.locale))
    if row is None:
        session.add(MessageTemplate(key=now.key, locale=now.locale, text=text))
    else:
        row.text = text
    session.flush()


def _wording(key: str, locale: str, row: MessageTemplate | None) -> Wording:
    built_in, own = translator(locale)(TEMPLATES[key].text), row.text if row else ""
    lacks = lacking(key, own) if own else []
    return Wording(
        key=key,
        template=TEMPLATES[key],
        locale=locale,
        text=built_in if lacks else own or built_in,
        built_in=built_in,
        version=row.version if row else 0,
        saved_by=row.saved_by if row else "",
        set_aside=own if lacks else "",
        lacks=next(iter(lacks), ""),
    )
