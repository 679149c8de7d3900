"""The evenings around a village."""

import datetime as dt

from guinguette.domain.states import EveningState
from guinguette.services.nearby import nearest
from tests.factories import published_evening

TODAY = dt.date(2027, 6, 9)


def test_one_evening_a_village_nearest_first() -> None:
    """A village counts once, with its next evening that people can come to."""
    evenings = [
        published_evening(id="far", insee="52002", lat=48.9, date=TODAY),
        published_evening(id="later", insee="52001", lat=48.6, date=TODAY + dt.timedelta(days=9)),
        published_evening(id="next", insee="52001", lat=48.6, date=TODAY + dt.timedelta(days=2)),
        published_evening(id="off", insee="52001", lat=48.6, date=TODAY, state=EveningState.CANCELLED),
        published_evening(id="past", insee="52003", lat=48.57, date=TODAY - dt.timedelta(days=1)),
    ]
    found = nearest(evenings, lat=48.57, lon=4.84, today=TODAY, count=4)
    assert [evening.id for evening, _ in found] == ["next", "far"]
    assert [round(km) for _, km in found] == [3, 37]


def test_no_more_than_asked() -> None:
    """The list stops at ``count``."""
    evenings = [published_evening(insee=f"520{n:02}", date=TODAY) for n in range(9)]
    assert len(nearest(evenings, lat=48.5, lon=4.8, today=TODAY, count=4)) == 4
