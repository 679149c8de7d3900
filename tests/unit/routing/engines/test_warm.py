"""Compiling at set-up leaves nothing to compile for the first plan of a country."""

from __future__ import annotations

from typing import Any

import pytest

from routing.engines import bind, market
from routing.engines.warm import warm

_COMPILED = [(market, name) for name in ("earn", "balance", "_shortest")] + [
    (bind, name) for name in ("_room", "_forget", "_fix")
]


def test_the_prices_of_a_country_are_compiled_at_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each function that Python calls for prices, and for a plan from them, is called once at least."""
    called = set()

    def noting(name: str, function: Any) -> Any:
        def call(*arguments: Any) -> Any:
            called.add(name)
            return function(*arguments)

        return call

    for module, name in _COMPILED:
        monkeypatch.setattr(module, name, noting(name, getattr(module, name)))
    warm()
    assert called == {name for _, name in _COMPILED}
