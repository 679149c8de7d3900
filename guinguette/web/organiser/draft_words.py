"""What the season's board says: where an evening may go and at what cost, what was changed by hand and by whom."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from guinguette.domain.errors import N_
from guinguette.domain.text import upper_first
from guinguette.models import Plan, PlannedEvening
from guinguette.services.planning import Key, Place
from guinguette.web.organiser.progress import kilometres
from guinguette.web.organiser.reasons import Names, contradiction, names_of, why
from guinguette.web.presenting import long_date

#: A rule in two or three words, for a square of the calendar. The sentence is beside it.
RULES: dict[str, str] = {
    "open_date": N_("pas libre"),
    "equipment": N_("équipement"),
    "allowed_vehicle": N_("véhicule refusé"),
    "wanted": N_("assez de soirées"),
    "spacing": N_("trop rapproché"),
    "separation": N_("voisin trop proche"),
    "weekly_rest": N_("semaine pleine"),
    "days_in_row": N_("trop de jours de suite"),
    "leg": N_("trajet trop long"),
    "quota": N_("plus de budget"),
    "one_per_vehicle": N_("déjà pris"),
    "one_per_commune": N_("déjà ce soir-là"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A place in words. ``kind``: "ok", "exchange" or "non"; ``short`` fits a square, ``text`` is whole sentences."""

    date: dt.date
    vehicle_id: int
    vehicle: str
    kind: str
    short: str
    text: str
    waivable: bool
    cost: int

    @property
    def value(self) -> str:
        """Return what a form sends for it."""
        return f"{self.date}:{self.vehicle_id}"

    @property
    def where(self) -> str:
        """Return « Vendredi 4 juin, Firmin »."""
        return f"{upper_first(long_date(self.date))}, {self.vehicle}"

    @property
    def allowed(self) -> bool:
        """Tell whether the evening may go there without breaking a rule."""
        return self.kind != "non"


class Words:
    """Words for the evenings of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._names: Names = names_of(plan.tour)
        lines = plan.evenings
        self._vans = {item.vehicle_id: item.vehicle.name for item in plan.tour.vehicles}
        self._vans |= {line.vehicle_id: line.vehicle.name for line in lines}
        self._villages = self._names.communes | {line.commune_insee: line.commune.name for line in lines}

    def choice(self, place: Place, line: PlannedEvening) -> Choice:
        """Return the place for the evening of ``line`` in words."""
        kind = "non" if place.reasons else "exchange" if place.exchanged else "ok"
        return Choice(
            date=place.date,
            vehicle_id=place.vehicle_id,
            vehicle=self._vans[place.vehicle_id],
            kind=kind,
            short=self._short(place, kind),
            text=" ".join(self._refusal(place, line) if place.reasons else self._price(place, line)),
            waivable=place.waivable,
            cost=place.cost,
        )

    def _short(self, place: Place, kind: str) -> str:
        if kind == "non":
            few_words = RULES[place.reasons[0]["rule"]]
            return str(gettext(few_words))
        words = [signed_kilometres(place.metres)]
        words += [gettext("échange")] if kind == "exchange" else []
        words += [gettext("si besoin")] if place.level == "if_need_be" else []
        return ", ".join(words)

    def _price(self, place: Place, line: PlannedEvening) -> list[str]:
        sentences = [more_or_less(place.metres)]
        if place.level == "if_need_be":
            sentences.append(gettext("Le village a répondu « si besoin »."))
        if place.exchanged:
            other, day = self._villages[place.exchanged[0]], long_date(line.date)
            van = self._vans[line.vehicle_id]
            sentences.append(
                gettext("%(commune)s prendrait sa place %(day)s avec %(vehicle)s.", commune=other, day=day, vehicle=van)
            )
        return sentences

    def _refusal(self, place: Place, line: PlannedEvening) -> list[str]:
        sentences = [self._said(reason, line.commune_insee) for reason in place.reasons]
        if place.in_the_way:
            sentences.append(
                gettext("Il faudrait d’abord déplacer %(evenings)s.", evenings=self._listed(place.in_the_way))
            )
        return sentences

    def _said(self, reason: dict[str, Any], insee: str) -> str:
        """Return the sentence of a rule that the evening of ``insee`` breaks, or another that would give way to it."""
        named = {word for word in str(reason["detail"]).split() if word in self._villages}
        of_another = bool(named) and insee not in named
        return contradiction(reason, self._names) if of_another else why(reason, insee, self._names)

    def excepted(self, line: PlannedEvening) -> str:
        """Return the rules that the evening may break, in a few words."""
        names = [RULES[rule] for rule in sorted(line.exception)]
        return ", ".join(str(gettext(name)) for name in names)

    def contradictions(self, reasons: Iterable[dict[str, Any]]) -> list[str]:
        """Return the sentences of rules that a whole plan breaks, each with its village."""
        return [contradiction(reason, self._names) for reason in reasons]

    def _listed(self, keys: Iterable[Key]) -> str:
        return ", ".join(
            gettext("%(commune)s (%(day)s)", commune=self._villages[insee], day=long_date(date))
            for insee, date, _ in keys
        )

    def change(self, plan: Plan) -> str:
        """Return what was done to make ``plan``: « Vignory, du vendredi 2 juillet au samedi 3 juillet »."""
        if plan.change.get("kind") == "move":
            return self._moved(plan)
        lines = plan.change.get("lines", [])
        if len(lines) == 1:
            where = self._listed([(lines[0]["commune"], dt.date.fromisoformat(lines[0]["date"]), 0)])
        else:
            where = ngettext("%(num)s soirée", "%(num)s soirées", len(lines))
        if plan.change.get("kind") == "pin":
            return str(gettext("Épinglé : %(evenings)s", evenings=where))
        return str(gettext("Plus épinglé : %(evenings)s", evenings=where))

    def _moved(self, plan: Plan) -> str:
        first, *others = plan.change["moved"]
        old, new = dt.date.fromisoformat(first["date"]), dt.date.fromisoformat(first["to_date"])
        values = {
            "commune": self._villages.get(first["commune"], first["commune"]),
            "old": long_date(old),
            "new": long_date(new),
            "vehicle": self._vans.get(first["to_vehicle"], ""),
        }
        if old == new:
            text = gettext("%(commune)s, %(old)s, passe à %(vehicle)s", **values)
        elif first["vehicle"] == first["to_vehicle"]:
            text = gettext("%(commune)s, du %(old)s au %(new)s", **values)
        else:
            text = gettext("%(commune)s, du %(old)s au %(new)s avec %(vehicle)s", **values)
        if others:
            village = self._villages.get(others[0]["commune"], others[0]["commune"])
            text = gettext("%(change)s, en échange de %(commune)s", change=text, commune=village)
        excepted = any(
            (line.commune_insee, line.date) == (first["commune"], new) and line.waived for line in plan.evenings
        )
        return str(gettext("%(change)s (exception)", change=text) if excepted else text)

    def slack(self, choices: list[Choice], line: PlannedEvening, farther: int) -> str:
        """Return why the evening is there: its next best date while the others stay, and what it would cost.

        ``farther`` is how many vans were not looked at.
        """
        others = [choice for choice in choices if choice.kind == "ok" and choice.date != line.date]
        if not others and farther:
            return str(gettext("Tant que les autres restent, aucune autre date n’est permise avec ces véhicules."))
        if not others:
            return str(gettext("Tant que les autres restent, aucune autre date n’est permise : celle-ci est la seule."))
        best = min(others, key=lambda choice: (choice.cost, choice.date))
        values = {"day": long_date(best.date), "vehicle": best.vehicle, "distance": kilometres(abs(best.cost))}
        if best.cost == 0:
            return str(gettext("Le %(day)s avec %(vehicle)s conviendrait tout autant.", **values))
        if best.cost > 0:
            text = gettext(
                "Tant que les autres restent, la meilleure autre date est le %(day)s avec %(vehicle)s. Elle coûte "
                "%(distance)s de plus, préférences et dates annoncées comprises.",
                **values,
            )
        else:
            text = gettext(
                "Le %(day)s avec %(vehicle)s ferait mieux : %(distance)s de moins, préférences et dates annoncées "
                "comprises.",
                **values,
            )
        return str(text)


def signed_kilometres(metres: int) -> str:
    """Return « +12 km » or « −8 km »."""
    whole = round(metres / 1000)
    return ("+" if whole > 0 else "−" if whole < 0 else "±") + kilometres(abs(metres))


def more_or_less(metres: int) -> str:
    """Return « 12 km de route en plus. »."""
    whole = round(metres / 1000)
    if whole == 0:
        return str(gettext("Autant de route."))
    distance = kilometres(abs(metres))
    text = gettext("%(distance)s de route en plus.", distance=distance)
    return upper_first(str(text if whole > 0 else gettext("%(distance)s de route en moins.", distance=distance)))
