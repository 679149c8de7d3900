"""Which seasons fall into blocks that can be searched tournée by tournée."""

import pytest

from routing.engines.tournees import blocks_of
from tests.unit.routing.lands import instance_of
from tests.unit.routing.seasons import season


@pytest.mark.parametrize(
    ("communes", "dates", "searched"),
    [
        (4, 8, True),
        (4, 9, False),  # more dates than a tournée is searched over
        (74, 8, True),
        (75, 8, False),  # 75 to the eighth is more than 10 to the fifteenth
        (75, 7, True),
    ],
)
def test_blocks_that_can_be_searched(communes: int, dates: int, searched: bool) -> None:
    """Up to eight dates, and only while an order of their communes can be found in time."""
    instance = instance_of(season(communes=communes, dates=dates))
    assert (blocks_of(instance, instance.slots()) is not None) is searched
