"""The documents say what the code does (docs/glossary.md, .env.example, docs/operations.md)."""

import re
from dataclasses import fields
from pathlib import Path

from guinguette.config import Settings, environment_name
from guinguette.domain.states import STATE_NAMES, TRANSITIONS, EveningState

ROOT = Path(__file__).resolve().parents[3]


def test_the_table_of_states_is_the_code_s() -> None:
    """Each state, its French name and its moves, in the glossary as in ``domain.states``."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[1:4] for line in lines if re.match(r"\| `[a-z]+` \| [^`]+ \|", line)]
    table = {state.strip(" `"): (name.strip(), set(re.findall(r"`(\w+)`", moves))) for state, name, moves in rows}
    assert table == {s.value: (STATE_NAMES[s], {new.value for new in TRANSITIONS[s]}) for s in EveningState}


def test_every_setting_is_documented() -> None:
    """In the example of an environment file, and in the operator's manual."""
    names = {environment_name(field.name) for field in fields(Settings)}
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#(\w+)=", example, re.M)) == names
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in manual} == set()
