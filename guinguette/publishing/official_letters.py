"""Letters that a village signs for its evening: facts in, a draft that people correct; a corrected text in, a PDF out.

French whatever the page's language: a town hall reads them. What nobody has told us stands in [brackets], to be
filled in by hand. They are drafts, not legal advice: each names the article it rests on.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from guinguette.domain.text import of
from guinguette.publishing import paper
from guinguette.publishing.words import day_words, hour_words

Kind = Literal["buvette", "arrete", "voie", "sacem"]

#: How long before it begins the van comes, and after it ends the place is empty again (product.md, "Facts").
SETUP, TEARDOWN = dt.timedelta(hours=2), dt.timedelta(hours=1)
_MAYOR = "Madame la Maire, Monsieur le Maire,"
_REGARDS = "Je vous prie d’agréer, Madame la Maire, Monsieur le Maire, l’expression de ma considération distinguée."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a letter says. Texts are as people typed them, empty where nobody has; hours are local.

    ``holder`` is who asks for the bar, ``writer`` who signs for it, ``phone`` theirs; ``used`` of the year's ``limit``
    bars are known, this one included. ``public`` is how many people are expected. ``association`` brings the van.
    """

    commune: str
    postcode: str
    day: dt.date
    starts_at: dt.time
    ends_at: dt.time
    place: str
    address: str
    capacity: int | None
    public: int
    artists: str
    prices: str
    holder: str
    holder_is_town_hall: bool
    used: int
    limit: int
    writer: str
    role: str
    phone: str
    association: str
    association_address: str
    association_phone: str
    association_email: str
    written_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as it stands on the page: each part is plain text, lines as people see them."""

    sender: str
    recipient: str
    dated: str
    subject: str
    body: str

    def as_text(self) -> str:
        """Return the whole letter as one text, to paste into any word processor."""
        parts = (self.sender, self.recipient, self.dated, f"Objet\u00a0: {' '.join(self.subject.split())}", self.body)
        return "\n\n".join(part.strip() for part in parts if part.strip()).replace("\r\n", "\n") + "\n"


def draft(kind: Kind, facts: Facts) -> Letter:
    """Return the draft of a letter, set as a French printer would."""
    made = _DRAFTS[kind](facts)
    return Letter(**{part: paper.french(text) for part, text in asdict(made).items()})


def pdf(letter: Letter, *, at: dt.datetime) -> bytes:
    """Return the letter as a PDF on A4, as many pages as it needs. ``at`` is an aware instant."""
    data = {
        "title": _line(letter.subject) or "Courrier",
        "author": "La Guinguette mobile",
        "sender": _lines(letter.sender),
        "recipient": _lines(letter.recipient),
        "dated": _line(letter.dated),
        "subject": _line(letter.subject),
        "paragraphs": [_lines(part) for part in re.split(r"\n[^\S\n]*\n\s*", _plain(letter.body)) if part.strip()],
    }
    return paper.render("courrier", data, format="pdf", at=at)


def _bar(facts: Facts) -> Letter:
    named = f"« {facts.holder} »" if facts.holder else "[nom de l’association]"
    body = f"""{_MAYOR}

Je vous demande, au nom de {named}, l’autorisation d’ouvrir un débit de boissons temporaire pendant une soirée de la \
Guinguette mobile, en application de l’article L3334-2 du Code de la santé publique.

{_when_and_where(facts)}
Boissons : groupes 1 et 3 (sans alcool ; vin, bière, cidre, poiré, vins doux naturels et apéritifs à base de vin \
jusqu’à 18 degrés).

{_count(facts)}

Nous ne servirons d’alcool ni aux mineurs, ni aux personnes ivres, et nous respecterons l’heure de fermeture. De l’eau \
sera servie gratuitement.

{_REGARDS}

{_signature(facts)}"""
    return _from_village(facts, "demande d’ouverture d’un débit de boissons temporaire", body)


def _count(facts: Facts) -> str:
    """Return how many of the year's bars are used: we know of the Guinguette's alone."""
    if facts.holder_is_town_hall or not facts.holder:
        return f"[À compléter : combien d’autorisations l’association compte en {facts.day.year}, sur cinq.]"
    some = "une autorisation" if facts.used == 1 else f"{facts.used} autorisations"
    return (
        f"Pour les soirées de la Guinguette mobile, l’association compte {some} en {facts.day.year}, celle-ci "
        f"comprise, sur les {facts.limit} que la loi permet chaque année. [Ajoutez celles de vos autres fêtes.]"
    )


def _order(facts: Facts) -> Letter:
    place = _place(facts)
    asker = f"« {facts.holder or facts.association} »" if facts.holder or facts.association else "[qui organise]"
    first, last = _around(facts)
    day = day_words(facts.day, "fr", year=True)
    eve = day_words(facts.day - dt.timedelta(days=1), "fr", year=True)
    body = f"""Le maire {of(facts.commune)},

Vu le Code général des collectivités territoriales, notamment ses articles L2212-1, L2212-2, L2213-1 et L2213-2 ;
Vu le Code général de la propriété des personnes publiques, notamment ses articles L2122-1 et L2125-1 ;
Vu le Code de la route, notamment ses articles R411-8, R411-25 et R417-10 ;
Vu la demande de {asker} en date du [date de la demande] ;
Considérant qu’une soirée de la Guinguette mobile réunit le {day} environ {facts.public} personnes, {place}, et que \
leur sécurité demande d’y régler le stationnement et la circulation,

ARRÊTE

Article 1. – {asker} est autorisé à occuper, {place}, le {day} de {first} à {last}, de quoi installer un \
véhicule-buvette, des tables et des bancs. L’autorisation est précaire et révocable.

Article 2. – Le stationnement est interdit à cet endroit, le {day} de {first} à {last}, sauf aux véhicules des \
organisateurs et des secours. [S’il le faut : la circulation y est interdite, et déviée par la rue …]

Article 3. – Les panneaux sont posés par [la commune ou l’organisateur] au plus tard le {eve}, et retirés après la \
soirée.

Article 4. – Un passage reste libre pour les secours. L’organisateur rend les lieux propres.

Article 5. – Une infraction au présent arrêté est constatée et poursuivie selon les lois en vigueur.

Article 6. – Le maire et la gendarmerie nationale sont chargés, chacun en ce qui le concerne, de l’exécution du \
présent arrêté, qui est publié et affiché. Il peut être contesté devant le tribunal administratif dans les deux mois \
de sa publication.

Fait à {facts.commune}, le [date]

Le maire"""
    return Letter(
        sender=f"Commune {of(facts.commune)}",
        recipient="",
        dated="ARRÊTÉ MUNICIPAL N° [numéro]",
        subject="stationnement et occupation du domaine public pour une soirée de la Guinguette mobile",
        body=body,
    )


def _road(facts: Facts) -> Letter:
    body = f"""{_MAYOR}

Je vous déclare, selon les articles L211-1 et L211-2 du Code de la sécurité intérieure, la manifestation suivante sur \
la voie publique.

Organisateurs (nom, prénom, domicile) :
{_or(facts.writer, "nom et prénom")}, [domicile]
[autre organisateur : nom, prénom, domicile]

But : une soirée conviviale et musicale, ouverte à tous, avec la Guinguette mobile.
{_when_and_where(facts)}
Itinéraire : sans objet, la manifestation ne se déplace pas.
Public attendu : environ {facts.public} personnes.

La déclaration se dépose à la mairie quinze jours francs au plus et trois jours francs au moins avant la soirée, et au \
moins un des organisateurs la signe.

{_REGARDS}

{_signature(facts)}"""
    return _from_village(facts, "déclaration d’une manifestation sur la voie publique", body)


def _sacem(facts: Facts) -> Letter:
    capacity = f"{facts.capacity} personnes" if facts.capacity else "[jauge]"
    body = f"""Ces renseignements servent à demander l’autorisation sur sacem.fr, avant la soirée (Code de la \
propriété intellectuelle, article L122-4).

Manifestation : soirée de la Guinguette mobile, buvette et musique.
{_when_and_where(facts)}
Capacité du lieu : {capacity}.
Public attendu : environ {facts.public} personnes.

Musique : {_or(facts.artists, "qui joue, ou musique enregistrée")}.
Prix d’entrée et consommations : {_or(facts.prices, "entrée libre ou prix, prix d’une boisson")}.
Budget des dépenses (artistes, technique, publicité) : [montant].

Organisateur : {_or(facts.association, "association")}, {_or(facts.association_address, "adresse")}.
Accueil au village : {_or(facts.holder, "comité des fêtes ou mairie")}.

Après la soirée : envoyer à la Sacem la liste des titres joués et les recettes."""
    return Letter(
        sender=_association(facts),
        recipient="Sacem\n[délégation régionale]",
        dated=_dated(facts),
        subject=f"fiche d’information, soirée du {day_words(facts.day, 'fr', year=True)} à {facts.commune}",
        body=body,
    )


_DRAFTS: dict[Kind, Callable[[Facts], Letter]] = {"buvette": _bar, "arrete": _order, "voie": _road, "sacem": _sacem}


def _from_village(facts: Facts, subject: str, body: str) -> Letter:
    """Return a letter to the mayor from whoever signs for the evening."""
    sender = (
        _or(facts.holder, "nom de l’association"),
        ", ".join(filter(None, (facts.writer, facts.role))) or "[nom et fonction de qui signe]",
        "[adresse]",
        _or(facts.phone, "téléphone"),
    )
    town = f"{facts.postcode} {facts.commune}".strip()
    return Letter(
        sender="\n".join(sender),
        recipient=f"Madame la Maire, Monsieur le Maire\nMairie {of(facts.commune)}\n{town}",
        dated=_dated(facts),
        subject=subject,
        body=body,
    )


def _association(facts: Facts) -> str:
    reach = ", ".join(filter(None, (facts.association_phone, facts.association_email)))
    lines = (_or(facts.association, "association"), _or(facts.association_address, "adresse"), reach)
    return "\n".join(filter(None, lines))


def _dated(facts: Facts) -> str:
    return f"À {facts.commune}, le {day_words(facts.written_on, 'fr', year=True).split(' ', 1)[1]}"


def _when_and_where(facts: Facts) -> str:
    day = day_words(facts.day, "fr", year=True)
    start, end = hour_words(facts.starts_at, "fr"), hour_words(facts.ends_at, "fr")
    return f"Date : {day}, de {start} à {end}.\nLieu : {_place(facts)}, {facts.postcode} {facts.commune}."


def _place(facts: Facts) -> str:
    """Return the place with its address, once where it repeats the name."""
    if facts.address and facts.address.casefold() != facts.place.casefold():
        return f"{_or(facts.place, 'lieu')}, {facts.address}"
    return _or(facts.place, "lieu")


def _around(facts: Facts) -> tuple[str, str]:
    """Return from when to when the place is taken, with the time to set up and to clear."""
    start, end = (dt.datetime.combine(facts.day, at) for at in (facts.starts_at, facts.ends_at))
    return hour_words((start - SETUP).time(), "fr"), hour_words((end + TEARDOWN).time(), "fr")


def _signature(facts: Facts) -> str:
    return f"{_or(facts.writer, 'nom')}\nSignature :"


def _or(text: str, missing: str) -> str:
    """Return the text without its last full stop, or what is missing in brackets."""
    return text.strip().rstrip(".") or f"[{missing}]"


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str) -> list[str]:
    return [_line(line) for line in _plain(text).split("\n") if line.strip()]


def _line(text: str) -> str:
    return paper.french(paper.printable(text))
