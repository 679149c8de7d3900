"""What a village and the association have agreed for an evening: the terms, in words, and on one sheet of paper."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from guinguette.domain.clock import PARIS
from guinguette.domain.equipment import EQUIPMENT
from guinguette.domain.errors import N_
from guinguette.domain.site_words import PLUGS, plugs
from guinguette.domain.text import upper_first
from guinguette.publishing import facts
from guinguette.publishing.paper import render
from guinguette.publishing.words import Translate, day_words, hour_words

#: What either side may bring, in words; whatever else a village needs is named as it was typed.
THINGS: dict[str, str] = {
    "tables": N_("les tables et les bancs"),
    "parking": N_("la place pour se garer"),
    "power": N_("le courant"),
    "hall": N_("la salle s’il pleut"),
    "room": N_("la salle"),
    "van": N_("le camion"),
    "crew": N_("l’équipe"),
    "bar": N_("le bar"),
}
LABELS: dict[str, str] = {
    "date": N_("Date"),
    "hours": N_("Heures"),
    "place": N_("Lieu"),
    "hall": N_("S’il pleut"),
    "power": N_("Électricité"),
    "permit": N_("Buvette"),
    "host": N_("Le village apporte"),
    "ours": N_("L’association apporte"),
    "prices": N_("Prix"),
    "payment": N_("Moyens de paiement"),
}
_METRES = N_("à {metres} m")
_HOURS = N_("de {start} à {end}")
_ASKS = N_("{holder} demande l’autorisation à la mairie")
_NO_PERMIT = N_("aucune autorisation à demander")
_TO_COME = N_("à choisir")
_AUTHOR = "La Guinguette mobile"
#: More than the columns hold of a place and its address: what was agreed is on paper whole.
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed, as it is frozen. Hours are local; places and texts are as people typed them.

    ``plugs`` are codes of ``site_words.PLUGS``, ``host`` and ``ours`` codes of ``THINGS`` or of ``EQUIPMENT``, or free
    words.
    """

    commune: str
    tour: str
    date: dt.date
    starts_at: dt.time
    ends_at: dt.time
    place: str
    hall: str
    plugs: tuple[str, ...]
    metres: int | None
    power: str
    permit_holder: str
    host: tuple[str, ...]
    ours: tuple[str, ...]
    prices: str
    payment: str

    def to_json(self) -> dict[str, Any]:
        """Return the terms as JSON values."""
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in asdict(self).items()
        }

    @property
    def digest(self) -> str:
        """Return what a page gives back to say which terms were read on it."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:16]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Terms":
        """Return the terms that ``to_json`` has made JSON values of."""
        lists = {name: tuple(stored[name]) for name in ("plugs", "host", "ours")}
        instants = {
            "date": dt.date.fromisoformat(stored["date"]),
            "starts_at": dt.time.fromisoformat(stored["starts_at"]),
            "ends_at": dt.time.fromisoformat(stored["ends_at"]),
        }
        plain = {each.name: stored[each.name] for each in fields(cls)}
        return cls(**{**plain, **lists, **instants})


@dataclass(frozen=True, slots=True)
class Line:
    """One of the terms in words: its name in ``LABELS``, its label, what is agreed."""

    name: str
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who has agreed, when, by which way, and which version of the agreement it is.

    ``how``: link, phone, sms, desk; offered where ``by`` had named the day, which the association has taken since.
    """

    number: int
    by: str
    how: str
    at: dt.datetime


def lines(terms: Terms, translate: Translate, locale: str) -> list[Line]:
    """Return the terms in words, those that say nothing left out."""
    hours = {"start": hour_words(terms.starts_at, locale), "end": hour_words(terms.ends_at, locale)}
    permit = translate(_ASKS).format(holder=terms.permit_holder) if terms.permit_holder else translate(_NO_PERMIT)
    said = {
        "date": day_words(terms.date, locale, year=True),
        "hours": translate(_HOURS).format(**hours),
        "place": terms.place or translate(_TO_COME),
        "hall": terms.hall,
        "power": _power(terms, translate),
        "permit": permit,
        "host": things(terms.host, translate),
        "ours": things(terms.ours, translate),
        "prices": terms.prices,
        "payment": terms.payment,
    }
    return [Line(name, translate(LABELS[name]), words) for name, words in said.items() if words]


def changed(old: Terms, new: Terms, translate: Translate, locale: str) -> list[tuple[str, str, str]]:
    """Return what is otherwise now than it was agreed: (label, before, now), "" where nothing was or is said."""
    before, now = ({line.name: line.words for line in lines(each, translate, locale)} for each in (old, new))
    return [
        (translate(label), before.get(name, ""), now.get(name, ""))
        for name, label in LABELS.items()
        if before.get(name) != now.get(name)
    ]


def signed(signature: Signature) -> str:
    """Return « Version 2, acceptée par Mme Petit par son lien, le samedi 5 juin 2027 à 14 h 10. », French."""
    local = signature.at.astimezone(PARIS)
    when = f"le {day_words(local.date(), 'fr', year=True)} à {hour_words(local.time(), 'fr')}"
    who = {
        "link": f"acceptée par {signature.by} par son lien",
        "sms": f"acceptée par {signature.by} par SMS",
        "offered": f"jour proposé par {signature.by} et retenu par l’association",
        "phone": f"acceptée par téléphone, notée ainsi\u00a0: {signature.by}",
    }.get(signature.how, "notée au bureau de l’association")
    return f"Version\u00a0{signature.number}, {who}, {when}."


def sheet(terms: Terms, signature: Signature, *, phone: str) -> bytes:
    """Return the agreement on one page (PDF, A4). ``phone`` is the association's, "" where nobody has said."""
    village = facts.name(terms.commune)
    number = facts.line(phone, facts.LINE).replace(" ", "\u00a0")
    data = {
        "title": f"Accord pour la soirée à {village}, {day_words(terms.date, 'fr', year=True)}",
        "author": _AUTHOR,
        "village": village,
        "day": upper_first(day_words(terms.date, "fr", year=True)),
        "tour": facts.line(terms.tour, facts.LINE),
        "lines": [
            {"label": line.label, "words": upper_first(facts.line(line.words, _LONGEST))}
            for line in lines(terms, str, "fr")
            if line.name != "date"
        ],
        "signed": facts.line(signed(signature), _LONGEST),
        "question": f"Un empêchement\u00a0? Appelez le {number}." if number else "",
        "footer": facts.HEALTH,
    }
    return render("accord", data, format="pdf", at=signature.at)


def _power(terms: Terms, translate: Translate) -> str:
    has = [translate(PLUGS[name]) for name in plugs(terms.plugs)]
    metres = [translate(_METRES).format(metres=terms.metres)] if terms.metres is not None else []
    return ", ".join(filter(None, [*has, *metres, terms.power]))


def things(codes: Sequence[str], translate: Translate) -> str:
    """Return what either side brings, in words: ours, pieces of equipment, or whatever somebody typed."""
    return ", ".join(_named(code, translate) for code in codes)


def _named(code: str, translate: Translate) -> str:
    """Return a thing in words: one of ours, a piece of equipment, or whatever somebody typed."""
    if code in THINGS:
        return translate(THINGS[code])
    return translate(EQUIPMENT[code]).lower() if code in EQUIPMENT else code
