"""An evening in the words of search engines."""

import datetime as dt

import pytest

from guinguette.domain.states import EveningState
from guinguette.publishing.event_data import event_data
from tests.factories import published_evening


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (EveningState.CONFIRMED, "EventScheduled"),
        (EveningState.CANCELLED, "EventCancelled"),
        (EveningState.POSTPONED, "EventPostponed"),
    ],
)
def test_status(state: EveningState, status: str) -> None:
    """Search engines are told what is called off, as the page is."""
    data = event_data(published_evening(state=state), url="https://example.org/soirees/x")
    assert data["eventStatus"] == f"https://schema.org/{status}"


def test_hours_carry_the_offset_of_the_day_and_may_pass_midnight() -> None:
    """Winter is UTC+1; an evening that ends at half past midnight ends on the next day."""
    evening = published_evening(date=dt.date(2027, 12, 31), starts_at=dt.time(20), ends_at=dt.time(0, 30))
    data = event_data(evening, url="https://example.org/soirees/x")
    assert (data["startDate"], data["endDate"]) == ("2027-12-31T20:00:00+01:00", "2028-01-01T00:30:00+01:00")


def test_place_and_people() -> None:
    """The place is where it takes place; artists and host appear only where they are known."""
    data = event_data(published_evening(artists="Les Souliers vernis"), url="https://example.org/soirees/x")
    assert data["location"]["name"] == "Place de l’Église"
    assert data["location"]["address"]["addressLocality"] == "Éclaron-Braucourt-Sainte-Livière"
    assert data["performer"]["name"] == "Les Souliers vernis"
    assert "organizer" not in data
