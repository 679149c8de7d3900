"""Rules of real life: dated, editable, with their source."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import RuleSetting
from guinguette.services import rules

DAY = dt.date(2027, 6, 9)


def test_every_rule_is_written_once_with_its_source(session: Session) -> None:
    """A second start adds nothing, and what somebody has edited stays."""
    rules.ensure_defaults(session)
    session.get_one(RuleSetting, ("reminder_hour", dt.date(2000, 1, 1))).value = 16
    rules.ensure_defaults(session)
    assert rules.value(session, "reminder_hour", DAY) == 16
    rows = session.scalars(select(RuleSetting)).all()
    assert len(rows) == len(rules.DEFAULTS)
    assert all(row.source for row in rows)


def test_the_value_in_force_is_the_latest_not_after_the_day(session: Session) -> None:
    """On the day before, on the day, and after."""
    rules.ensure_defaults(session)
    session.add(RuleSetting(key="sms_last_hour", value=19, valid_from=DAY, source="essai"))
    session.flush()
    found = [rules.value(session, "sms_last_hour", DAY + dt.timedelta(days=n)) for n in (-1, 0, 1)]
    assert found == [20, 19, 19]


def test_an_unseeded_database_follows_the_defaults(session: Session) -> None:
    """Nothing is sent at night because a table is empty."""
    assert rules.sending_hours(session, DAY).last_hour == 20


def test_an_unknown_rule_is_a_mistake(session: Session) -> None:
    """A misspelt key does not pass for zero."""
    with pytest.raises(KeyError):
        rules.value(session, "sms_frist_hour", DAY)
