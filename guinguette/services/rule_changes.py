"""The rules of real life as the organiser reads and changes them: every dated value with its source."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import RuleSetting
from guinguette.services import rules


@dataclass(frozen=True, slots=True)
class RuleName:
    """What a rule is called, its unit, and the values that make sense."""

    name: str
    unit: str
    least: int
    most: int


NAMES: dict[str, RuleName] = {
    "sms_first_hour": RuleName(N_("Première heure d’envoi des SMS"), N_("h"), 0, 23),
    "sms_last_hour": RuleName(N_("Dernière heure d’envoi des SMS"), N_("h"), 1, 24),
    "reminder_hour": RuleName(N_("Heure du rappel de la veille"), N_("h"), 0, 23),
    "urgent_within_hours": RuleName(
        N_("Un changement part aussitôt quand la soirée est dans moins de"), N_("h"), 1, 168
    ),
    "permits_per_holder_and_year": RuleName(N_("Débits de boissons par association et par an"), "", 0, 366),
    "option_days": RuleName(N_("Durée d’une option sur une date"), N_("jours"), 1, 366),
    "nudge_days_before": RuleName(
        N_("Relancer le village avant l’échéance d’une option (0 : jamais)"), N_("jours"), 0, 60
    ),
    "host_link_days": RuleName(N_("Durée de validité d’un lien personnel"), N_("jours"), 1, 730),
    "expected_public": RuleName(N_("Personnes attendues, là où l’on n’est pas encore venu"), "", 1, 10_000),
    "furniture_days_before": RuleName(N_("Prévoir tables et bancs, avant la soirée"), N_("jours"), 0, 366),
    "poster_days_before": RuleName(N_("Poser l’affiche, avant la soirée"), N_("jours"), 0, 366),
    "permit_days_before": RuleName(N_("Demander le débit de boissons, avant la soirée"), N_("jours"), 0, 366),
    "sacem_days_before": RuleName(N_("Demander à la Sacem, avant la soirée"), N_("jours"), 0, 366),
    "road_days_first": RuleName(N_("Déclarer la voie publique, au plus tôt"), N_("jours francs avant"), 0, 366),
    "road_days_last": RuleName(N_("Déclarer la voie publique, au plus tard"), N_("jours francs avant"), 0, 366),
    "site_days_before": RuleName(N_("Connaître le lieu et le programme, avant la soirée"), N_("jours"), 0, 366),
    "weather_hours_before": RuleName(N_("Confirmer la décision météo, avant la soirée"), N_("h"), 0, 24),
    "setup_minutes": RuleName(N_("Temps d’installation, avant la soirée"), N_("minutes"), 0, 1440),
    "teardown_minutes": RuleName(N_("Temps de rangement, après la soirée"), N_("minutes"), 0, 1440),
    "daily_rest_hours": RuleName(N_("Repos de l’équipe, d’un jour à l’autre"), N_("h"), 0, 24),
    "consent_years": RuleName(N_("Durée de conservation des numéros"), N_("ans"), 1, 10),
    "code_minutes": RuleName(N_("Durée de validité d’un code"), N_("minutes"), 1, 1440),
    "code_tries": RuleName(N_("Essais permis pour un code"), "", 1, 20),
    "codes_per_hour": RuleName(N_("Codes envoyés à un numéro par heure, au plus"), "", 1, 100),
    "sms_daily_budget": RuleName(N_("SMS par jour, au plus (un SMS long en compte deux)"), "", 0, 1_000_000),
    "sms_per_second": RuleName(N_("Débit des SMS (un SMS long en compte deux)"), N_("par seconde"), 1, 100),
    "emails_per_second": RuleName(N_("Débit des e-mails"), N_("par seconde"), 1, 100),
    "sms_price": RuleName(N_("Prix d’un envoi de SMS (un SMS long en compte deux)"), N_("millièmes d’euro"), 0, 1000),
    "litres_per_100_km": RuleName(N_("Carburant pour 100 km"), N_("litres"), 1, 60),
    "grams_co2_per_litre": RuleName(N_("CO₂ d’un litre de carburant"), N_("g"), 0, 5000),
    "cents_per_litre": RuleName(N_("Prix d’un litre de carburant"), N_("centimes"), 0, 1000),
    "euros_per_evening": RuleName(N_("Coût d’une soirée, hors carburant"), "€", 0, 100_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCommand:
    """A new value of a rule, the day it takes force, and where it comes from."""

    value: int
    valid_from: dt.date
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with all its values, the latest first; ``value`` is the one in force on the day asked for."""

    key: str
    name: RuleName
    value: int
    settings: tuple[RuleSetting, ...]


def listing(session: Session, on: dt.date) -> Sequence[Rule]:
    """Return every rule with the value in force on a day."""
    return [find(session, key, on) for key in NAMES]


def find(session: Session, key: str, on: dt.date) -> Rule:
    """Return one rule. Raises ``NotFound``."""
    if key not in NAMES:
        raise NotFound(N_("Cette règle n’existe pas."))
    history = select(RuleSetting).where(RuleSetting.key == key).order_by(RuleSetting.valid_from.desc())
    return Rule(key, NAMES[key], rules.value(session, key, on), tuple(session.scalars(history)))


def record(session: Session, key: str, command: RuleCommand) -> None:
    """Write a value in force from a day on, in place of another of that day. Raises ``InvalidInput``, ``NotFound``."""
    rule = NAMES.get(key)
    if rule is None:
        raise NotFound(N_("Cette règle n’existe pas."))
    if not rule.least <= command.value <= rule.most:
        raise InvalidInput(
            N_("Écrivez un nombre de {least} à {most}."), field="value", least=rule.least, most=rule.most
        )
    if not command.source.strip():
        raise InvalidInput(N_("Dites d’où vient cette valeur : un texte, une décision."), field="source")
    row = session.get(RuleSetting, (key, command.valid_from)) or RuleSetting(key=key, valid_from=command.valid_from)
    row.value, row.source = command.value, command.source.strip()
    session.add(row)
    session.flush()
