"""What a command shows of a search while it goes on."""

import logging

import pytest

from routing.meter import meter

LOG = logging.getLogger("routing.engines.country")


@pytest.mark.parametrize(
    ("as_json", "said"),
    [(True, '{"warning": "no workers any more: gone"}\n'), (False, "python -m routing: no workers any more: gone\n")],
)
def test_a_warning_is_a_line_of_the_same_kind(capsys: pytest.CaptureFixture[str], as_json: bool, said: str) -> None:
    """On one line, whatever it says; once the search is over nobody listens any more."""
    with meter(as_json=as_json):
        LOG.warning("no workers any more:\n%s", "gone")
    LOG.warning("too late")
    assert capsys.readouterr().err == said
