"""Why a village is short of evenings, and what contradicts what: rule by rule, with names instead of ids.

A reason's ``detail`` names the instance as ``routing.rules`` writes it (ids, ISO dates, separated by spaces).
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from guinguette.domain.errors import N_
from guinguette.domain.text import upper_first
from guinguette.models import Plan, Tour
from guinguette.web.presenting import long_date

#: One sentence by rule; an "open_date" or a "quota" has one by the kind of thing that it names.
SENTENCES: dict[str, str] = {
    "cost": N_("Une soirée %(day)s avec %(vehicle)s serait possible, mais ne vaut pas ses kilomètres."),
    "quota": N_("Les soirées payées par %(payer)s sont toutes prises."),
    "permits": N_("%(holder)s a déjà tous ses débits temporaires de %(year)s."),
    "one_per_vehicle": N_("%(vehicle)s est déjà ailleurs %(day)s."),
    "one_per_commune": N_("Le village a déjà une soirée %(day)s."),
    "open_date": N_("Le village n’est pas libre %(day)s."),
    "vehicle_date": N_("%(vehicle)s ne roule pas %(day)s."),
    "no_date": N_("La tournée n’a aucune date ni aucun véhicule pour ce village."),
    "equipment": N_("%(vehicle)s n’a pas l’équipement que le village demande."),
    "allowed_vehicle": N_("Le village ne veut pas de %(vehicle)s."),
    "wanted": N_("Le village n’en a pas demandé davantage."),
    "spacing": N_("Deux soirées du village seraient trop proches : %(day)s et %(other_day)s."),
    "separation": N_("%(neighbour)s est tout près et a sa soirée %(day)s."),
    "weekly_rest": N_("%(vehicle)s a déjà toutes ses soirées de la semaine %(week)s."),
    "days_in_row": N_("%(vehicle)s tournerait trop de jours de suite, entre %(day)s et %(other_day)s."),
    "leg": N_("%(vehicle)s aurait un trajet trop long %(day)s."),
}
#: The same rules where a plan is impossible: each names the villages, since none is the one that asks.
CONTRADICTIONS: dict[str, str] = {
    "locked": N_("La soirée à %(commune)s %(day)s ne peut pas bouger."),
    "quota": N_("%(payer)s paierait plus de soirées que prévu."),
    "permits": N_("%(holder)s aurait trop de débits temporaires en %(year)s."),
    "one_per_vehicle": N_("%(vehicle)s ne peut être qu’à un endroit %(day)s."),
    "one_per_commune": N_("%(commune)s ne peut avoir qu’une soirée %(day)s."),
    "open_date": N_("%(commune)s n’est pas libre %(day)s."),
    "vehicle_date": SENTENCES["vehicle_date"],
    "season_date": N_("La tournée n’a pas de soirée %(day)s."),
    "equipment": N_("%(vehicle)s n’a pas l’équipement que demande %(commune)s."),
    "allowed_vehicle": N_("%(commune)s ne veut pas de %(vehicle)s."),
    "wanted": N_("%(commune)s n’a pas demandé autant de soirées."),
    "spacing": N_("%(commune)s aurait deux soirées trop proches : %(first_day)s et %(other_day)s."),
    "separation": N_(
        "%(commune)s et %(neighbour)s sont voisines et auraient des soirées trop proches : %(first_day)s et "
        "%(other_day)s."
    ),
    "weekly_rest": N_("%(vehicle)s ferait trop de soirées la semaine %(week)s."),
    "days_in_row": SENTENCES["days_in_row"],
    "leg": SENTENCES["leg"],
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")
_WEEK = re.compile(r"\d{4}-W(\d{2})$")
_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids of a season are called: communes by INSEE code, vehicles by slug, quotas by id."""

    communes: dict[str, str]
    vehicles: dict[str, str]
    payers: dict[str, str]
    holders: dict[str, str]


def names_of(tour: Tour) -> Names:
    """Return the names behind the ids of this tour's season."""
    holders = (request.permit_holder for request in tour.requests)
    return Names(
        communes={request.commune_insee: request.commune.name for request in tour.requests},
        vehicles={item.vehicle.slug: item.vehicle.name for item in tour.vehicles},
        payers={f"epci-{funding.epci_siren}": funding.epci.name for funding in tour.fundings},
        holders={f"permis-{holder.id}": holder.name for holder in holders if holder is not None},
    )


def why(reason: dict[str, Any], insee: str, names: Names) -> str:
    """Return the sentence for one reason ({"rule", "detail", "sentence"}) of the commune ``insee``.

    Falls back on the solver's own sentence where the detail names something that the tour no longer has.
    """
    return _said(reason, SENTENCES, _values(str(reason["detail"]).split(), insee, names))


def contradiction(conflict: dict[str, Any], names: Names) -> str:
    """Return the sentence for one conflict of an infeasible plan, as ``why`` does for a reason."""
    words = str(conflict["detail"]).split()
    village = next((word for word in words if word in names.communes), "")
    return _said(conflict, CONTRADICTIONS, _values(words, village, names))


def _said(fault: dict[str, Any], sentences: dict[str, str], values: dict[str, str]) -> str:
    key = str(fault["rule"])
    if key == "open_date":
        key = "vehicle_date" if values["vehicle"] else "season_date" if not values["commune"] else key
        key = key if values["day"] else "no_date"
    elif key == "quota" and values["holder"]:
        key = "permits"
    template = sentences.get(key, "")
    if not template or not all(values[name] for name in _PLACE.findall(template)):
        return str(fault["sentence"])
    return upper_first(str(gettext(template, **values)))


def _values(words: list[str], insee: str, names: Names) -> dict[str, str]:
    """Return what the sentences' places may hold; the empty text where the detail does not say."""
    days = [gettext("le %(day)s", day=long_date(dt.date.fromisoformat(word))) for word in words if _DATE.match(word)]
    neighbour = next((word for word in words if word in names.communes and word != insee), "")
    # in a pair of evenings the neighbour's date follows its code
    its_day = words.index(neighbour) // 2 if neighbour else 0
    holder, _, year = words[0].rpartition("-") if words else ("", "", "")
    return {
        "vehicle": next((names.vehicles[word] for word in words if word in names.vehicles), ""),
        "commune": names.communes.get(insee, "") if insee in words else "",
        "neighbour": names.communes.get(neighbour, ""),
        "payer": names.payers.get(words[0], "") if words else "",
        "holder": names.holders.get(holder, ""),
        "year": year,
        "day": days[its_day] if its_day < len(days) else "",
        "first_day": days[0] if days else "",
        "other_day": days[1] if len(days) > 1 else "",
        "week": next((str(int(found[1])) for word in words if (found := _WEEK.match(word))), ""),
    }


def reasons_of(plan: Plan, names: Names) -> dict[str, list[str]]:
    """Return the sentences of every commune that the plan leaves short, by INSEE code."""
    return {
        wish.commune_insee: [why(reason, wish.commune_insee, names) for reason in wish.reasons]
        for wish in plan.unserved
    }
