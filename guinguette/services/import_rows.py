"""One row of an import: which commune it means, what it asks, and everything that is wrong with it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.equipment import EQUIPMENT
from guinguette.domain.errors import N_
from guinguette.domain.tables import Table, whole_number
from guinguette.domain.text import fold
from guinguette.models import Commune, CommuneRequest, Tour
from guinguette.services.import_names import NAMED, Names
from guinguette.services.requests import MOST

#: The folded titles under which each field is found, French and English.
COLUMNS: dict[str, tuple[str, ...]] = {
    "insee": ("insee", "code insee", "insee code", "code commune", "codgeo", "com", "depcom", "code"),
    "name": ("commune", "communes", "nom", "nom commune", "nom de la commune", "libelle", "libgeo", "village", "ville",
             "name", "municipality", "town"),
    "postcode": ("code postal", "cp", "codepostal", "postcode", "postal code", "zip"),
    "evenings": ("soirees", "nombre de soirees", "nb soirees", "nb de soirees", "soirees souhaitees", "souhaits",
                 "voeux", "evenings", "number of evenings", "wanted"),
    "min_days_between": ("jours entre deux soirees", "jours entre", "espacement", "ecart", "ecart minimal", "spacing",
                         "days between", "min days between", "minimum days between"),
    "priority": ("priorite", "priority"),
    "needs": ("besoins", "besoin", "equipement", "equipements", "needs", "equipment"),
    "vehicle_ids": ("vehicules", "vehicule", "camions", "camion", "vehicles", "vehicle", "vans"),
    "permit_holder_id": ("responsable de la buvette", "buvette", "comite", "permit holder"),
    "pitch_id": ("emplacement", "pitch"),
    "fallback_venue_id": ("salle", "salle des fetes", "hall"),
    "version": ("version",),
    "notes": ("remarques", "remarque", "notes", "note", "commentaire", "commentaires", "observations", "comments"),
}  # fmt: skip
_LABELS = {
    "evenings": N_("soirées"),
    "min_days_between": N_("jours entre deux soirées"),
    "priority": N_("priorité"),
    "permit_holder_id": N_("responsable de la buvette"),
    "pitch_id": N_("emplacement"),
    "fallback_venue_id": N_("salle"),
}
_INSEE = re.compile(r"\d{5}|2[AB]\d{3}")
_LOST_ZERO, _POSTCODE_DIGITS = 4, 5


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a row: an error keeps it out, a warning does not. ``message`` is a French template."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    error: bool = True

    def __str__(self) -> str:
        return self.message.format(**self.values)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row judged. ``values`` are fields of ``RequestCommand``; ``version`` is that of the request it would change.

    ``action``: "new", "update" (the commune takes part already) or "error".
    """

    line: int
    insee: str
    commune: str
    action: str
    version: int
    values: Mapping[str, Any]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A commune as the judge needs it."""

    insee: str
    name: str
    key: str
    postcodes: tuple[str, ...]
    located: bool


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All communes by code, name and postcode, and the tour's requests: two queries for ten thousand rows."""

    by_insee: Mapping[str, Place]
    by_key: Mapping[str, list[Place]]
    by_postcode: Mapping[str, list[Place]]
    #: insee -> (version, archived) of those that have a request in the tour.
    requests: Mapping[str, tuple[int, bool]]
    #: folded French or English name -> name of equipment.
    equipment: Mapping[str, str]
    names: Names

    @classmethod
    def of(cls, session: Session, tour: Tour) -> "Gazetteer":
        """Read everything that rows may refer to."""
        columns = (Commune.insee, Commune.name, Commune.search_key, Commune.postcodes, Commune.lat)
        places = [
            Place(insee, name, key, tuple(postcodes.split()), lat is not None)
            for insee, name, key, postcodes, lat in session.execute(select(*columns))
        ]
        by_key, by_postcode = defaultdict(list), defaultdict(list)
        for place in places:
            by_key[place.key].append(place)
            for postcode in place.postcodes:
                by_postcode[postcode].append(place)
        stored = select(CommuneRequest.commune_insee, CommuneRequest.version, CommuneRequest.archived_at)
        names = {*EQUIPMENT, *(name for row in tour.vehicles for name in row.vehicle.equipment)}
        return cls(
            by_insee={place.insee: place for place in places},
            by_key=by_key,
            by_postcode=by_postcode,
            requests={
                insee: (version, archived_at is not None)
                for insee, version, archived_at in session.execute(stored.where(CommuneRequest.tour_id == tour.id))
            },
            equipment={fold(name): name for name in names} | {fold(label): name for name, label in EQUIPMENT.items()},
            names=Names.of(session, tour),
        )


def judge(table: Table, gazetteer: Gazetteer) -> Iterator[ImportRow]:
    """Yield each row of the table with the commune it means, its values and every remark on it."""
    first_lines: dict[str, int] = {}
    for line, cells in table.rows:
        remarks: list[Remark] = []
        if line in table.overfull:
            remarks.append(Remark(N_("La ligne a plus de cases que de titres : un séparateur se cache dans un texte.")))
        place = place_of(cells, gazetteer, remarks)
        values = _values(cells, gazetteer, remarks)
        if place is not None:
            if place.insee in first_lines:
                twice = {"commune": place.name, "line": first_lines[place.insee]}
                remarks.append(Remark(N_("{commune} est déjà à la ligne {line}."), twice))
            first_lines.setdefault(place.insee, line)
            if not place.located:
                remarks.append(
                    Remark(N_("Position inconnue : placez son emplacement avant de planifier."), error=False)
                )
        if place is not None:
            values |= _named(cells, place.insee, gazetteer.names, remarks)
        version, archived = gazetteer.requests.get(place.insee if place else "", (0, True))
        if not archived and cells.get("version") and whole_number(cells["version"]) != version:
            remarks.append(Remark(N_("Quelqu’un a changé cette demande depuis votre export : exportez de nouveau.")))
        failed = any(remark.error for remark in remarks)
        yield ImportRow(
            line=line,
            insee=place.insee if place else "",
            commune=place.name if place else cells.get("name") or cells.get("insee") or "",
            action="error" if failed else "new" if archived else "update",
            version=version,
            values=values,
            remarks=tuple(remarks),
        )


def place_of(cells: Mapping[str, str], gazetteer: Gazetteer, remarks: list[Remark]) -> Place | None:
    """Return the commune that a row means, or null with a remark that says why not."""
    typed, name, postcode = cells.get("insee", ""), cells.get("name", ""), _postcode(cells.get("postcode", ""))
    if not typed:
        return _place_by_name(name, postcode, gazetteer, remarks)
    code = re.sub(r"[\s'’]|[.,]0+$", "", typed).upper()
    padded = f"0{code}" if re.fullmatch(r"\d{4}", code) else code
    place = gazetteer.by_insee.get(padded)
    if place is None:
        remarks.append(_unknown_code(typed, code, name, postcode, gazetteer))
        return None
    if padded != code:
        read_as = {"typed": typed, "insee": padded, "commune": place.name}
        remarks.append(Remark(N_("« {typed} » a perdu son zéro : lu {insee}, {commune}."), read_as, error=False))
    if name and not _same_name(fold(name), place.key):
        other = {"insee": padded, "commune": place.name, "typed": name}
        remarks.append(
            Remark(N_("Le code {insee} est celui de {commune}, la ligne écrit « {typed} »."), other, error=False)
        )
    return place


def _unknown_code(typed: str, code: str, name: str, postcode: str, gazetteer: Gazetteer) -> Remark:
    if not _INSEE.fullmatch(code):
        return Remark(
            N_("« {typed} » n’est pas un code INSEE : cinq chiffres, ou 2A et 2B en Corse."), {"typed": typed}
        )
    meant = gazetteer.by_key.get(fold(name), []) if name else []
    here = [place for place in meant if not postcode or postcode in place.postcodes]
    if len(here) == 1:
        guess = {"typed": code, "commune": here[0].name, "insee": here[0].insee}
        return Remark(N_("Aucune commune n’a le code {typed}. Vouliez-vous {insee}, {commune} ?"), guess)
    if code in gazetteer.by_postcode:
        around = {"typed": code, "names": _names(gazetteer.by_postcode[code])}
        return Remark(N_("{typed} est un code postal, pas un code INSEE. Il réunit : {names}."), around)
    return Remark(N_("Aucune commune n’a le code {typed}."), {"typed": code})


def _place_by_name(name: str, postcode: str, gazetteer: Gazetteer, remarks: list[Remark]) -> Place | None:
    if not name:
        remarks.append(Remark(N_("Il manque le code INSEE, ou le nom et le code postal.")))
        return None
    meant = gazetteer.by_key.get(fold(name), [])
    here = [place for place in meant if not postcode or postcode in place.postcodes]
    if len(here) == 1:
        return here[0]
    if len(here) > 1:
        several = {"name": name, "names": _names(here)}
        remarks.append(
            Remark(N_("Plusieurs communes s’appellent « {name} » : {names}. Écrivez le code INSEE."), several)
        )
    elif meant:
        elsewhere = {"name": name, "postcode": postcode, "names": _names(meant)}
        remarks.append(Remark(N_("Pas de « {name} » au code postal {postcode}. Ailleurs : {names}."), elsewhere))
    else:
        remarks.append(_unknown_name(name, postcode, gazetteer))
    return None


def _unknown_name(name: str, postcode: str, gazetteer: Gazetteer) -> Remark:
    """Suggest a neighbour in spelling, among those of the postcode only: all of France would take too long a row."""
    around = {place.key: place for place in gazetteer.by_postcode.get(postcode, [])}
    close = (
        get_close_matches(fold(name), list(around), n=1)
        or [key for key in around if fold(name) and fold(name) in key][:1]
    )
    if close:
        guess = {"name": name, "commune": around[close[0]].name, "insee": around[close[0]].insee}
        return Remark(N_("Aucune commune ne s’appelle « {name} ». Vouliez-vous {insee}, {commune} ?"), guess)
    return Remark(N_("Aucune commune ne s’appelle « {name} »."), {"name": name})


def _values(cells: Mapping[str, str], gazetteer: Gazetteer, remarks: list[Remark]) -> dict[str, Any]:
    """Return what the row states; an empty cell states nothing."""
    values: dict[str, Any] = {}
    for name, most in MOST.items():
        typed = cells.get(name, "")
        number = whole_number(typed)
        if typed and (number is None or not 1 <= number <= most):
            wrong = {"column": _LABELS[name], "typed": typed[:40], "most": most}
            remarks.append(Remark(N_("{column} : « {typed} » n’est pas un nombre entier de 1 à {most}."), wrong))
        elif number is not None:
            values[name] = number
    if cells.get("needs"):
        wanted = [fold(word) for word in re.split(r"[;,/+|]", cells["needs"]) if word.strip()]
        for word in wanted:
            if word not in gazetteer.equipment:
                remarks.append(Remark(N_("Aucun véhicule n’a « {word} »."), {"word": word[:40]}))
        values["needs"] = tuple(dict.fromkeys(gazetteer.equipment[w] for w in wanted if w in gazetteer.equipment))
    if cells.get("notes"):
        values["notes"] = cells["notes"]
    return values


def _named(cells: Mapping[str, str], insee: str, names: Names, remarks: list[Remark]) -> dict[str, Any]:
    """Return the ids of what the row names; an empty cell states nothing."""
    values: dict[str, Any] = {}
    for named in NAMED:
        if cells.get(named):
            values[named] = names.find(named, insee, cells[named])
            if values[named] is None:
                wrong = {"column": _LABELS[named], "typed": cells[named][:40]}
                remarks.append(Remark(N_("{column} : « {typed} » n’est pas connu dans ce village."), wrong))
    if cells.get("vehicle_ids"):
        typed = [word.strip() for word in re.split(r"[;,/+|]", cells["vehicle_ids"]) if word.strip()]
        for word in typed:
            if fold(word) not in names.vans:
                remarks.append(Remark(N_("Aucun véhicule de la tournée ne s’appelle « {word} »."), {"word": word[:40]}))
        values["vehicle_ids"] = tuple(names.vans[fold(word)] for word in typed if fold(word) in names.vans)
    return values


def _postcode(typed: str) -> str:
    code = re.sub(r"\s|[.,]0+$", "", typed)
    return code.zfill(_POSTCODE_DIGITS) if len(code) == _LOST_ZERO else code


def _same_name(one: str, other: str) -> bool:
    """Tell whether the names may be the same place's: communes that merged often keep the first name only."""
    return one in other or other in one


def _names(places: list[Place]) -> str:
    shown = ", ".join(f"{place.name} ({place.insee})" for place in places[:4])
    return f"{shown}…" if len(places) > 4 else shown  # noqa: PLR2004 four names fit on a phone
