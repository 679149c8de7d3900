"""An evening in the words of search engines."""

import datetime as dt
import json
from typing import Any

import html5lib
import pytest
from flask import Flask, render_template_string
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guinguette.domain.states import EveningState
from guinguette.publishing.event_data import event_data
from guinguette.publishing.tour import PublishedEvening, PublishedPlace
from tests.factories import published_evening

URL, HOME = "https://example.org/soirees/eclaron1", "https://example.org/"


def _data(evening: PublishedEvening, **values: Any) -> dict[str, Any]:
    return event_data(evening, url=URL, home=HOME, summary="Une soirée.", **values)


@pytest.mark.parametrize(
    ("changes", "status", "previous"),
    [
        ({}, "EventScheduled", None),
        ({"state": EveningState.OPTION}, "EventScheduled", None),
        ({"state": EveningState.HELD}, "EventScheduled", None),
        ({"state": EveningState.CANCELLED}, "EventCancelled", None),
        ({"state": EveningState.POSTPONED}, "EventPostponed", None),
        (
            {"previous_date": dt.date(2027, 1, 5), "previous_starts_at": dt.time(19)},
            "EventRescheduled",
            "2027-01-05T19:00:00+01:00",
        ),
        (
            {
                "state": EveningState.CANCELLED,
                "previous_date": dt.date(2027, 1, 5),
                "previous_starts_at": dt.time(19),
            },
            "EventCancelled",
            None,
        ),
    ],
)
def test_status(changes: dict[str, Any], status: str, previous: str | None) -> None:
    """Search engines are told what is called off or moved, as the page is."""
    data = _data(published_evening(**changes))
    assert data["eventStatus"] == f"https://schema.org/{status}"
    assert data.get("previousStartDate") == previous
    assert data["startDate"] == "2027-06-19T18:00:00+02:00"


@pytest.mark.parametrize(("sure", "status"), [(True, "EventRescheduled"), (False, "EventPostponed")])
def test_a_postponed_evening_is_rescheduled_once_its_new_date_is_sure(sure: bool, status: str) -> None:
    """Then it starts when and where the one that replaces it does, and says from when it was moved."""
    later = published_evening(id="later", date=dt.date(2027, 7, 31), pitch=PublishedPlace(name="Place du Lavoir"))
    old = published_evening(
        state=EveningState.POSTPONED, postponed_to="later", postponed_to_date=later.date, postponed_to_sure=sure
    )
    data = _data(old, later=later)
    assert data["eventStatus"] == f"https://schema.org/{status}"
    if sure:
        assert data["startDate"] == "2027-07-31T18:00:00+02:00"
        assert data["previousStartDate"] == "2027-06-19T18:00:00+02:00"
        assert data["location"]["name"] == "Place du Lavoir"
    else:
        assert data["startDate"] == "2027-06-19T18:00:00+02:00"
        assert "previousStartDate" not in data


def test_hours_carry_the_offset_of_the_day_and_may_pass_midnight() -> None:
    """Winter is UTC+1; an evening that ends at half past midnight ends on the next day."""
    data = _data(published_evening(date=dt.date(2027, 12, 31), starts_at=dt.time(20), ends_at=dt.time(0, 30)))
    assert (data["startDate"], data["endDate"]) == ("2027-12-31T20:00:00+01:00", "2028-01-01T00:30:00+01:00")


def test_place_people_and_pictures() -> None:
    """The place is where it takes place; who plays and who receives appear only where they are known."""
    data = _data(
        published_evening(artists="Les Souliers vernis", host="Comité"), pictures=["https://example.org/p.png"]
    )
    assert data["location"]["name"] == "Place de l’Église"
    assert data["location"]["address"]["addressLocality"] == "Éclaron-Braucourt-Sainte-Livière"
    assert data["performer"]["name"] == "Les Souliers vernis"
    assert [each["name"] for each in data["organizer"]] == ["La Guinguette mobile", "Comité"]
    assert data["organizer"][0]["url"] == HOME
    assert data["image"] == ["https://example.org/p.png"]
    bare = _data(published_evening(pitch=None, hall=None, postcode=""))
    assert bare["location"]["name"] == "Éclaron-Braucourt-Sainte-Livière"
    assert not {"streetAddress", "postalCode"} & set(bare["location"]["address"])
    assert not {"performer", "offers", "isAccessibleForFree", "image", "previousStartDate"} & set(bare)


@pytest.mark.parametrize(
    ("prices", "free"),
    [
        ("Entrée libre. Sirop à 1 €, verre de vin à 2,50 €", True),
        ("ENTRÉE GRATUITE", True),
        ("Gratuit", True),
        ("Entrée gratuite pour les enfants, 3 € pour les autres", False),
        ("Sirop 1 €", False),
        ("", False),
    ],
)
def test_free_only_where_it_is_said(prices: str, free: bool) -> None:
    """A guess that turns out wrong at the door would be worse than silence."""
    data = _data(published_evening(prices=prices))
    assert data.get("isAccessibleForFree", False) is free
    assert ("offers" in data) is free


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("</script><script>alert(1)</script><!--", "]]>\u2028&amp;'\"\\")
@example("<!--<script>", "\x00")
@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_typed_stays_inside_the_script(app: Flask, name: str, text: str) -> None:
    """A browser reads one script, and in it the very data that were written."""
    data = _data(published_evening(commune=name, artists=text, description=text, host=name, prices=text))
    with app.test_request_context("/"):
        page = render_template_string('<script type="application/ld+json">{{ data | tojson }}</script><p>', data=data)
    tree = html5lib.parseFragment(page, namespaceHTMLElements=False)
    assert [child.tag for child in tree] == ["script", "p"]
    assert json.loads(tree[0].text) == data
