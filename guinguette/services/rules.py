"""The rules of real life as dated settings: what is in force on a day, with the source it comes from."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.public_holidays import is_public_holiday
from guinguette.domain.errors import N_
from guinguette.domain.sending_hours import SendingHours
from guinguette.models import RuleSetting

_ALWAYS = dt.date(2000, 1, 1)
_HOUSE = N_("Choix de l’association")
_EMISSIONS = N_("Arrêté du 26 avril 2017, annexe : essence SP 95-SP 98, amont et fonctionnement")
_SAFE_HOURS = N_("Plages prudentes retenues pour les SMS : du lundi au samedi, hors jours fériés")
_PUBLIC_ROAD = N_("Code de la sécurité intérieure, article L211-2, en jours francs ; la fête d’usage local est exempte")

#: (key, value, in force from, source): what a new database starts with. Hours are Paris hours of the day.
DEFAULTS: tuple[tuple[str, int, dt.date, str], ...] = (
    ("sms_first_hour", 9, _ALWAYS, _SAFE_HOURS),
    ("sms_last_hour", 20, _ALWAYS, _SAFE_HOURS),
    ("reminder_hour", 17, _ALWAYS, _HOUSE),
    ("urgent_within_hours", 24, _ALWAYS, _HOUSE),
    ("permits_per_holder_and_year", 5, _ALWAYS, "Code de la santé publique, article L3334-2"),
    ("permit_days_before", 15, _ALWAYS, _HOUSE),
    ("option_days", 15, _ALWAYS, _HOUSE),
    ("nudge_days_before", 3, _ALWAYS, _HOUSE),
    ("host_link_days", 180, _ALWAYS, _HOUSE),
    ("expected_public", 200, _ALWAYS, N_("Onze mille personnes en cinquante-trois soirées")),
    ("sacem_days_before", 15, _ALWAYS, N_("Sacem : demande quinze jours avant")),
    ("road_days_first", 15, _ALWAYS, _PUBLIC_ROAD),
    ("road_days_last", 3, _ALWAYS, _PUBLIC_ROAD),
    ("site_days_before", 30, _ALWAYS, _HOUSE),
    ("furniture_days_before", 7, _ALWAYS, _HOUSE),
    ("poster_days_before", 15, _ALWAYS, _HOUSE),
    ("weather_hours_before", 3, _ALWAYS, _HOUSE),
    ("setup_minutes", 120, _ALWAYS, _HOUSE),
    ("teardown_minutes", 90, _ALWAYS, _HOUSE),
    ("daily_rest_hours", 11, _ALWAYS, N_("Code du travail, article L3131-1")),
    ("consent_years", 3, _ALWAYS, N_("CNIL : trois ans après le dernier contact")),
    ("code_minutes", 15, _ALWAYS, _HOUSE),
    ("code_tries", 5, _ALWAYS, _HOUSE),
    ("codes_per_hour", 4, _ALWAYS, _HOUSE),
    ("sms_daily_budget", 3000, _ALWAYS, N_("Garde-fou, en segments par jour : au-delà, quelqu’un doit le relever")),
    ("sms_per_second", 10, _ALWAYS, N_("Débit de votre contrat, en segments par seconde")),
    ("emails_per_second", 5, _ALWAYS, _HOUSE),
    ("sms_price", 80, _ALWAYS, N_("Ordre de grandeur vers un mobile français : mettez le prix de votre contrat")),
    ("litres_per_100_km", 14, _ALWAYS, N_("Ordre de grandeur d’un type H chargé : à remplacer par vos pleins")),
    ("grams_co2_per_litre", 2790, dt.date(2017, 6, 1), _EMISSIONS),
    ("cents_per_litre", 180, _ALWAYS, N_("Ordre de grandeur à la pompe : à remplacer par vos factures")),
    ("euros_per_evening", 300, _ALWAYS, N_("Estimation pour une équipe de deux : à remplacer par vos comptes")),
)
_BY_KEY = {key: value for key, value, _, _ in DEFAULTS}


def ensure_defaults(session: Session) -> None:
    """Write the rules that the database does not know yet; what somebody has edited stays."""
    known = set(session.scalars(select(RuleSetting.key)))
    session.add_all(
        RuleSetting(key=key, value=value, valid_from=valid_from, source=source)
        for key, value, valid_from, source in DEFAULTS
        if key not in known
    )
    session.flush()


def value(session: Session, key: str, on: dt.date) -> int:
    """Return the value of a rule in force on a day; that of ``DEFAULTS`` where no row says otherwise.

    Raises ``KeyError`` on a rule nobody has heard of.
    """
    found = session.scalar(
        select(RuleSetting.value)
        .where(RuleSetting.key == key, RuleSetting.valid_from <= on)
        .order_by(RuleSetting.valid_from.desc())
        .limit(1)
    )
    return _BY_KEY[key] if found is None else found


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rule says on a day, and where that comes from."""

    value: int
    source: str


#: Tells a rule's value and source on a day; raises ``KeyError`` on a rule nobody has heard of.
Reader = Callable[[str, dt.date], Setting]


def reader(session: Session) -> Reader:
    """Return what tells every rule's value and source, read in one query."""
    defaults = {key: Setting(value, source) for key, value, _, source in DEFAULTS}
    dated: dict[str, list[RuleSetting]] = {}
    for row in session.scalars(select(RuleSetting).order_by(RuleSetting.valid_from)):
        dated.setdefault(row.key, []).append(row)

    def read(key: str, on: dt.date) -> Setting:
        rows = [row for row in dated.get(key, ()) if row.valid_from <= on]
        return Setting(rows[-1].value, rows[-1].source) if rows else defaults[key]

    return read


def sending_hours(session: Session, on: dt.date) -> SendingHours:
    """Return when SMS may leave, by the rules in force on a day."""
    return SendingHours(
        first_hour=value(session, "sms_first_hour", on),
        last_hour=value(session, "sms_last_hour", on),
        is_holiday=is_public_holiday,
    )
