"""How many SMS a text makes, held to Twilio's own calculator (npm ``sms-segments-calculator``).

Three hundred random texts in CI; ten thousand by ``pytest FILE --hypothesis-profile=long``.
"""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from guinguette.domain.sms_text import GSM7, transliterate
from guinguette.publishing.messages import segments
from tests.conftest import NODE_MODULES

pytestmark = pytest.mark.node

CALCULATOR = Path(os.environ.get("NODE_MODULES", NODE_MODULES))
_FRENCH = "âçêëîïôûÿœÀÂÈÊÎÔÛ«»’…– "
_WIDE = "🎉🚚中ü€[]{}~^|\\"


def texts(count: int, seed: int) -> list[str]:
    """Random texts of 0 to 700 characters: GSM-7, French, other alphabets, emoji, and what the first becomes."""
    chance = random.Random(seed)  # noqa: S311 -- the same texts each time
    alphabets = [sorted(GSM7), [*sorted(GSM7), "€", "€"], [*sorted(GSM7), *_FRENCH], [*_FRENCH, *_WIDE, *"abc"]]
    found = []
    for _ in range(count):
        length = chance.choice([chance.randrange(20), chance.randrange(60, 80), chance.randrange(150, 170),
                                chance.randrange(300, 310), chance.randrange(700)])  # fmt: skip
        typed = "".join(chance.choices(chance.choice(alphabets), k=length))
        found.append(chance.choice([typed, transliterate(typed)]))
    return found


@pytest.mark.skipif(
    not (CALCULATOR / "sms-segments-calculator").is_dir(), reason="no sms-segments-calculator: make install-test"
)
def test_segments_are_those_of_twilio() -> None:
    """What we announce is what is paid."""
    count = 300 if hypothesis_settings().max_examples <= 100 else 10_000
    tried = texts(count, seed=20270619)
    script = Path(__file__).parents[2] / "node" / "count_segments.mjs"
    answer = subprocess.run(
        ["node", script, CALCULATOR],  # noqa: S607
        input=json.dumps(tried),
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    theirs = json.loads(answer.stdout)
    assert [(text, segments(text)) for text in tried] == list(zip(tried, theirs, strict=True))
