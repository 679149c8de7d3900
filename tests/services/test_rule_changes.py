"""The rules of real life as the organiser reads and changes them."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import InvalidInput, NotFound
from guinguette.services import rule_changes, rules
from guinguette.services.rule_changes import RuleCommand

TODAY, LATER = dt.date(2027, 6, 9), dt.date(2028, 1, 1)


def test_every_rule_has_a_name_and_its_default_makes_sense(session: Session) -> None:
    """Nothing in force is without words, and every default lies within its own bounds."""
    assert set(rule_changes.NAMES) == {key for key, *_ in rules.DEFAULTS}
    for rule in rule_changes.listing(session, TODAY):
        assert rule.name.least <= rule.value <= rule.name.most


def test_a_new_value_takes_force_on_its_day(session: Session) -> None:
    """Until then the old one holds; both stand with their sources, the latest first."""
    rules.ensure_defaults(session)
    key = "permits_per_holder_and_year"
    rule_changes.record(session, key, RuleCommand(value=6, valid_from=LATER, source="Loi de demain"))
    rule = rule_changes.find(session, key, TODAY)
    assert (rule.value, [row.value for row in rule.settings]) == (5, [6, 5])
    assert rule_changes.find(session, key, LATER).value == 6
    rule_changes.record(session, key, RuleCommand(value=7, valid_from=LATER, source="Corrigé"))
    assert [row.value for row in rule_changes.find(session, key, LATER).settings] == [7, 5]


@pytest.mark.parametrize(("value", "source", "field"), [(24, "x", "value"), (-1, "x", "value"), (9, " ", "source")])
def test_a_value_out_of_bounds_or_without_source_is_refused(
    session: Session, value: int, source: str, field: str
) -> None:
    """An hour is one of the day's, and somebody must have said so."""
    with pytest.raises(InvalidInput) as refusal:
        rule_changes.record(session, "reminder_hour", RuleCommand(value=value, valid_from=TODAY, source=source))
    assert refusal.value.field == field


def test_an_unknown_rule_is_not_found(session: Session) -> None:
    """Neither read nor written."""
    with pytest.raises(NotFound):
        rule_changes.find(session, "gravity", TODAY)
    with pytest.raises(NotFound):
        rule_changes.record(session, "gravity", RuleCommand(value=9, valid_from=TODAY, source="Newton"))
