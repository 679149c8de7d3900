"""Variants in words: what their settings change, what a relaxation is called, and what a plan is called."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_
from guinguette.models import Plan, Tour
from guinguette.services import fundings, vehicles
from guinguette.services.relaxations import Way
from guinguette.services.scenario_settings import FACTORS, LESS, MORE, USUAL, ScenarioSettings
from guinguette.web.organiser.progress import kilometres
from guinguette.web.organiser.reasons import Names, names_of
from guinguette.web.presenting import instant, long_date

WEIGHT_NAMES: dict[str, str] = {
    "villages": N_("Villages servis"),
    "preferences": N_("Dates préférées"),
    "kilometres": N_("Kilomètres"),
}
LEVEL_NAMES: dict[str, str] = {
    LESS: N_("compte moins"),
    USUAL: N_("comme d’habitude"),
    MORE: N_("compte plus"),
}
#: What each kind of relaxation is called on its button, after « Essayer : ».
STEPS: dict[str, str] = {
    "funding": N_("une soirée de plus payée par %(payer)s"),
    "weekly_rest": N_("%(vehicle)s fait %(most)s soirées par semaine"),
    "days_in_row": N_("%(vehicle)s tourne %(most)s jours de suite"),
    "leg": N_("un trajet de %(distance)s pour %(vehicle)s"),
    "serve": N_("une soirée quand même, %(day)s avec %(vehicle)s"),
    "exception-separation": N_("une exception au voisinage, %(day)s"),
    "exception-spacing": N_("une exception à l’espacement, %(day)s"),
    "exception-equipment": N_("sans l’équipement demandé, %(day)s avec %(vehicle)s"),
    "allow": N_("avec %(vehicle)s"),
    "answer": N_("si le village était libre %(day)s"),
    "garage": N_("si %(vehicle)s roulait %(day)s"),
    "vehicle": N_("en ajoutant %(vehicle)s"),
    "date": N_("en ouvrant %(day)s"),
}
#: The rules that an exception may break, in words.
RULES: dict[str, str] = {
    "separation": N_("le voisinage"),
    "spacing": N_("l’espacement"),
    "equipment": N_("l’équipement"),
}


def all_names(session: Session, tour: Tour) -> Names:
    """Return the names behind the ids that a variant of the tour may use: every van and payer there is."""
    vans = [*vehicles.listing(session, archived=True), *vehicles.listing(session)]
    payers = {f"epci-{payer.siren}": payer.name for payer in fundings.payers(session, tour)}
    return replace(names_of(tour), vehicles={van.slug: van.name for van in vans}, payers=payers)


def plan_name(plan: Plan) -> str:
    """Return the name of a variant, or « Plan de mercredi 9 juin à 12 h »."""
    return plan.name or str(gettext("Plan du %(date)s", date=instant(plan.created_at)))


def way_words(way: Way, names: Names) -> str:
    """Return what a way is called: « une soirée de plus payée par CA de Chaumont »."""
    return ", ".join(str(gettext(STEPS[step.kind], **_about(step.about, names))) for step in way.steps)


def _about(about: dict[str, Any], names: Names) -> dict[str, Any]:
    return {
        "payer": names.payers.get(f"epci-{about.get('siren')}", about.get("siren", "")),
        "vehicle": names.vehicles.get(about.get("vehicle", ""), ""),
        "day": gettext("le %(day)s", day=long_date(about["day"])) if "day" in about else "",
        "most": about.get("most", ""),
        "distance": kilometres(about.get("metres", 0)),
    }


def settings_sentences(settings: ScenarioSettings, names: Names) -> list[str]:
    """Return what the settings change of the tour, a sentence each; none where they change nothing."""
    said = [*_of_dates(settings), *_of_vans(settings, names), *_of_money_and_neighbours(settings, names)]
    for insee, days in sorted(settings.answers.items()):
        said.append(gettext("%(commune)s serait libre : %(days)s.", commune=names.communes.get(insee, insee),
                            days=_days(days)))  # fmt: skip
    for insee, slugs in sorted(settings.allowed.items()):
        said.append(gettext("%(commune)s accepterait %(vehicle)s.", commune=names.communes.get(insee, insee),
                            vehicle=_vans(slugs, names)))  # fmt: skip
    for made in settings.exceptions:
        where = {
            "commune": names.communes.get(made.insee, made.insee),
            "day": gettext("le %(day)s", day=long_date(made.date)),
            "vehicle": _vans([made.vehicle], names),
        }
        if made.waived:
            rules = ", ".join(gettext(RULES.get(rule, rule)) for rule in made.waived)
            said.append(gettext("Exception pour %(commune)s %(day)s : %(rules)s.", rules=rules, **where))
        else:
            said.append(gettext("Soirée fixée à %(commune)s %(day)s avec %(vehicle)s.", **where))
    for name in FACTORS:
        if (level := getattr(settings, name)) != USUAL:
            said.append(f"{gettext(WEIGHT_NAMES[name])} : {gettext(LEVEL_NAMES[level])}.")
    return [str(each) for each in said]


def _of_dates(settings: ScenarioSettings) -> Iterable[str]:
    for days, one, many in (
        (settings.dates_added, N_("Date ouverte : %(days)s."), N_("Dates ouvertes : %(days)s.")),
        (settings.dates_dropped, N_("Date fermée : %(days)s."), N_("Dates fermées : %(days)s.")),
    ):
        if days:
            yield gettext(one if len(days) == 1 else many, days=_days(days))


def _of_vans(settings: ScenarioSettings, names: Names) -> Iterable[str]:
    for slug in sorted(settings.vehicles_added):
        yield gettext("%(vehicle)s roule aussi.", vehicle=_vans([slug], names))
    for slug in sorted(settings.vehicles_dropped):
        yield gettext("%(vehicle)s ne roule pas.", vehicle=_vans([slug], names))
    for slug, days in sorted(settings.garage.items()):
        found = _days(days) or gettext("jamais")
        yield gettext("%(vehicle)s au garage : %(days)s.", vehicle=_vans([slug], names), days=found)
    for slug, limits in sorted(settings.limits.items()):
        van = _vans([slug], names)
        for name, most in sorted(limits.items()):
            if name == "max_leg_metres":
                yield gettext("%(vehicle)s : trajets de %(distance)s au plus.", vehicle=van, distance=kilometres(most))
            elif name == "max_days_in_row":
                yield gettext("%(vehicle)s : %(most)s jours de suite au plus.", vehicle=van, most=most)
            else:
                yield gettext("%(vehicle)s : %(most)s soirées par semaine au plus.", vehicle=van, most=most)


def _of_money_and_neighbours(settings: ScenarioSettings, names: Names) -> Iterable[str]:
    for siren, evenings in sorted(settings.fundings.items()):
        payer = names.payers.get(f"epci-{siren}", siren)
        if evenings is None:
            yield gettext("%(payer)s paie sans limite.", payer=payer)
        else:
            yield ngettext("%(payer)s paie %(num)s soirée.", "%(payer)s paie %(num)s soirées.", evenings, payer=payer)
    if settings.separation is not None:
        metres, days = settings.separation
        if days:
            yield gettext("Voisins à moins de %(distance)s : %(days)s jours entre eux.", distance=kilometres(metres),
                          days=days)  # fmt: skip
        else:
            yield gettext("Rien n’est imposé entre voisins.")


def _days(days: Iterable[dt.date]) -> str:
    return ", ".join(long_date(day) for day in sorted(days))


def _vans(slugs: Iterable[str], names: Names) -> str:
    return ", ".join(names.vehicles.get(slug, slug) for slug in sorted(slugs))
