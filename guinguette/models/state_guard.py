"""The legal moves of an evening's state (``domain.states``), held by the database too.

A migration keeps its own copy of this SQL: whoever changes the table of moves writes a new one.
"""

from sqlalchemy import DDL, event

from guinguette.domain.states import TRANSITIONS
from guinguette.models.evenings import Evening

# a plan that moves a confirmed evening asks its village again (services.publication)
_MOVED = "(OLD.state = 'confirmed' AND NEW.state = 'option' AND OLD.date <> NEW.date)"
_ILLEGAL = "OLD.state <> NEW.state AND NOT ({})".format(
    " OR ".join(
        [
            f"(OLD.state = '{old.value}' AND NEW.state IN ({', '.join(repr(new.value) for new in sorted(legal))}))"
            for old, legal in TRANSITIONS.items()
            if legal
        ]
        + [_MOVED]
    )
)
_SQLITE = f"""
CREATE TRIGGER evening_state_moves BEFORE UPDATE ON evening WHEN {_ILLEGAL}
BEGIN SELECT RAISE(ABORT, 'an evening cannot make this move of state'); END
"""
_POSTGRESQL = (
    """
CREATE OR REPLACE FUNCTION evening_state_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an evening cannot make this move of state' USING ERRCODE = 'check_violation'; END $$
""",
    f"""
CREATE TRIGGER evening_state_moves BEFORE UPDATE ON evening FOR EACH ROW WHEN ({_ILLEGAL})
EXECUTE FUNCTION evening_state_moves()
""",
)

for _when, _dialect, _statement in (
    ("after_create", "sqlite", _SQLITE),
    *(("after_create", "postgresql", statement) for statement in _POSTGRESQL),
    ("after_drop", "postgresql", "DROP FUNCTION IF EXISTS evening_state_moves()"),
):
    made = DDL(_statement)  # type: ignore[no-untyped-call] # SQLAlchemy leaves its __init__ without types
    event.listen(Evening.__table__, _when, made.execute_if(dialect=_dialect))
