"""A host's paper list, typed in: people signed under a sentence, and the sheet is kept as the proof.

Each line has a number, mobile or landline, perhaps a name and an e-mail. Wrong lines are refused one by one. A landline
is rung: with it alone the name is kept, encrypted. An e-mail counts only once its owner has confirmed it, by the link
or code that is sent to it.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS, Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.text import printable
from guinguette.models import Consent, Opposition, Subscriber
from guinguette.services import addresses, agreeing, email_subscriptions, scopes, subscriptions
from guinguette.services.addresses import Address
from guinguette.services.agreeing import Proof

#: What stands above the signatures. Change the version with every change of the words.
WORDING = N_(
    "En signant, j’accepte que la Guinguette mobile me prévienne : sur un portable, par SMS, la veille des soirées et "
    "quand elles changent ; sur un fixe, par un appel, quand elles changent ; par e-mail, si j’en donne un et le "
    "confirme. Cela ne sert à rien d’autre. J’arrête quand je veux : STOP par SMS, ou un mot à l’association."
)
WORDING_VERSION = "papier-1"
MOST_LINES = 500
_LONGEST_LINE, _LONGEST_NAME, _LONGEST_EVIDENCE = 300, 120, 120
_OLDEST = dt.timedelta(days=366)
_LEAST_DIGITS = 4
_EMAIL = re.compile(r"[^\s;,<>]*@[^\s;,<>]*")
_DIGITS = re.compile(r"\+?[(\d][\d\s.()/+-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is typed: the lines, and what holds for all of them. ``by`` is who types; dates are local.

    ``has_wording``: the sheet bears ``WORDING``, and each of them has signed.
    """

    lines: str
    scope: str
    signed_on: dt.date | None
    collected_by: str
    kept_at: str
    has_wording: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it was read; ``refusal`` says why it cannot be kept (null: it can)."""

    line: int
    text: str
    name: str = ""
    number: Address | None = None
    email: Address | None = None
    refusal: InvalidInput | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many people are subscribed now: by SMS, by telephone call; ``known`` of them had this scope already."""

    mobiles: int
    landlines: int
    known: int


def read(session: Session, sheet: Sheet, *, clock: Clock, vault: Vault) -> list[Line]:
    """Return the lines as they were read. Raises ``InvalidInput`` (with its field) where the sheet itself is wrong."""
    day = today(clock)
    scopes.checked(session, sheet.scope)
    if sheet.signed_on is None or not day - _OLDEST <= sheet.signed_on <= day:
        raise InvalidInput(N_("Écrivez le jour où la liste a été signée, il y a un an au plus."), field="signed_on")
    for field, text in (("collected_by", sheet.collected_by), ("kept_at", sheet.kept_at)):
        if not text.strip():
            raise InvalidInput(N_("Ce champ est à remplir."), field=field)
        if len(text) > _LONGEST_EVIDENCE:
            raise InvalidInput(
                N_("C’est trop long : {limit} caractères au plus."), field=field, limit=_LONGEST_EVIDENCE
            )
    if not sheet.has_wording:
        raise InvalidInput(N_("Sans cette phrase et leur signature, ce n’est pas un accord."), field="has_wording")
    lines = [(number, text) for number, text in enumerate(sheet.lines.splitlines(), 1) if text.strip(" \t;,")]
    if not lines:
        raise InvalidInput(N_("Recopiez au moins une ligne."), field="lines")
    if len(lines) > MOST_LINES:
        raise InvalidInput(N_("C’est trop long : {limit} lignes au plus en une fois."), field="lines", limit=MOST_LINES)
    return list(_without_twins(_checked(session, line, vault) for line in (_line(n, text) for n, text in lines)))


def record(
    session: Session, sheet: Sheet, lines: list[Line], *, clock: Clock, vault: Vault, public_url: str
) -> Recorded:
    """Subscribe whoever stands on a right line of ``read``; each mobile that is new here gets a welcome with STOP."""
    mobiles = landlines = known = 0
    for line in lines:
        if line.refusal or line.number is None:
            continue
        subscriber = _subscriber(session, line, line.number, clock=clock, vault=vault)
        landlines, mobiles = landlines + subscriber.landline, mobiles + (not subscriber.landline)
        is_new = agreeing.agree(
            session, subscriber, _proof(sheet, "call" if subscriber.landline else "sms"), clock=clock
        )
        if line.email:
            consent = Consent(subscriber_id=subscriber.id, **asdict(_proof(sheet, "email")))
            email_subscriptions.ask_beside(
                session, line.email.text, consent, locale="fr", clock=clock, vault=vault, public_url=public_url
            )
        if not is_new:
            known += 1
        elif not subscriber.landline:
            agreeing.welcome(
                session, subscriber, sheet.scope, signed=True, clock=clock, vault=vault, public_url=public_url
            )
    return Recorded(mobiles, landlines, known)


def _line(line: int, text: str) -> Line:
    """Read a line in any order: what has an @ is the e-mail, what has digits the number, the rest is the name."""
    text = printable(text).strip()
    emails = _EMAIL.findall(text)
    rest = _EMAIL.sub(" ", text)
    numbers = [n for n in _DIGITS.findall(rest) if len(re.sub(r"\D", "", n)) >= _LEAST_DIGITS]
    for each in numbers:
        rest = rest.replace(each, " ", 1)
    name = " ".join(re.sub(r"[;,<>\t]", " ", rest).split()).strip(" -:")
    try:
        if len(text) > _LONGEST_LINE or len(name) > _LONGEST_NAME:
            raise InvalidInput(N_("C’est trop long pour une seule personne."))
        if len(numbers) > 1 or len(emails) > 1:
            raise InvalidInput(N_("Un numéro et un e-mail par ligne, pas davantage."))
        if not numbers:
            raise InvalidInput(N_("Le numéro manque. Avec un e-mail seul, on s’inscrit soi-même sur le site."))
        number = addresses.number(numbers[0])
        email = addresses.email(emails[0]) if emails else None
    except InvalidInput as refusal:
        return Line(line=line, text=text, name=name, refusal=refusal)
    return Line(line=line, text=text, name=name, number=number, email=email)


def _checked(session: Session, line: Line, vault: Vault) -> Line:
    """Refuse somebody who has said STOP: a list that somebody else types in does not bring them back."""
    hashes = [each.hashed(vault) for each in (line.number, line.email) if each]
    if session.scalar(select(Opposition.address_hash).where(Opposition.address_hash.in_(hashes)).limit(1)) is None:
        return line
    refusal = InvalidInput(N_("Cette personne a dit STOP. Elle seule peut revenir, par le site, avec un code."))
    return Line(line=line.line, text=line.text, name=line.name, refusal=refusal)


def _without_twins(lines: Iterator[Line]) -> Iterator[Line]:
    first: dict[str, int] = {}
    for line in lines:
        if line.number is not None and first.setdefault(line.number.text, line.line) != line.line:
            twin = InvalidInput(N_("Le même numéro est déjà à la ligne {line}."), line=first[line.number.text])
            yield Line(line=line.line, text=line.text, name=line.name, refusal=twin)
        else:
            yield line


def _subscriber(session: Session, line: Line, number: Address, *, clock: Clock, vault: Vault) -> Subscriber:
    subscriber = subscriptions.subscriber_of(session, number.text, "fr", clock=clock, vault=vault)
    subscriber.landline = number.kind == "landline"
    if subscriber.landline and line.name:
        subscriber.name_encrypted = vault.encrypt(line.name)
    return subscriber


def _proof(sheet: Sheet, medium: str) -> Proof:
    signed_on = sheet.signed_on or dt.date.min
    return Proof(
        scope=sheet.scope,
        wording=WORDING,
        wording_version=WORDING_VERSION,
        channel="paper",
        medium=medium,
        recorded_by=sheet.by,
        evidence=f"{sheet.kept_at.strip()} ({sheet.collected_by.strip()})",
        given_at=dt.datetime.combine(signed_on, dt.time(), PARIS),
    )
