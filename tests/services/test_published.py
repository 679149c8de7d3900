"""What the public sees of the publications."""

import datetime as dt

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from guinguette.domain.errors import NotFound
from guinguette.domain.states import EveningState
from guinguette.models import Evening, Tour
from guinguette.services import published
from tests import factories
from tests.fakes import NOW


def publish(session: Session, tour: Tour, *evenings: Evening, later_seconds: int = 0) -> None:
    """Publish these evenings as the next version of the tour."""
    at = NOW + dt.timedelta(seconds=later_seconds)
    factories.make_publication(session, tour=tour, evenings=evenings, published_at=at)
    session.commit()


def test_only_the_newest_version_of_living_tours_in_order_of_first_evening(session: Session) -> None:
    """A new version replaces the old one, an archived tour leaves the front, an unpublished one never came."""
    summer = factories.make_tour(session, slug="ete")
    winter = factories.make_tour(session, slug="hiver")
    archived = factories.make_tour(session, slug="passe", archived_at=NOW)
    factories.make_tour(session, slug="brouillon")
    july = factories.make_evening(session, tour=summer, date=dt.date(2027, 7, 3))
    january = factories.make_evening(session, tour=winter, date=dt.date(2027, 1, 9))
    publish(session, summer)
    publish(session, summer, july, later_seconds=1)
    publish(session, winter, january)
    publish(session, archived, factories.make_evening(session, tour=archived, date=dt.date(2026, 7, 4)))
    assert [(t.slug, t.number) for t in published.latest(session)] == [("hiver", 1), ("ete", 2)]


def test_an_archived_tour_is_remembered_for_a_year(session: Session) -> None:
    """Past evenings stay in people's calendars after the tour was put aside, but not for ever."""
    tour = factories.make_tour(session, slug="passe", archived_at=NOW)
    publish(session, tour, factories.make_evening(session, tour=tour, date=dt.date(2026, 8, 30)))
    current = factories.make_tour(session, slug="ete")
    publish(session, current, factories.make_evening(session, tour=current))
    publish(session, factories.make_tour(session, slug="vide", archived_at=NOW))
    assert [t.slug for t in published.remembered(session, dt.date(2027, 8, 30))] == ["ete", "passe"]
    assert [t.slug for t in published.remembered(session, dt.date(2027, 8, 31))] == ["ete"]
    assert [t.slug for t in published.latest(session)] == ["ete"]


def test_an_address_once_printed_still_leads_somewhere(session: Session) -> None:
    """A tour's and an evening's pages outlive the archiving of the tour."""
    tour = factories.make_tour(session, slug="passe", archived_at=NOW)
    evening = factories.make_evening(session, tour=tour)
    publish(session, tour, evening)
    assert published.by_slug(session, "passe").slug == "passe"
    its_tour, found = published.evening(session, evening.id)
    assert (its_tour.slug, found.id) == ("passe", evening.id)


def test_what_is_not_published_is_not_found(session: Session) -> None:
    """A draft evening, a draft tour and what never existed are refused with a sentence."""
    tour = factories.make_tour(session, slug="brouillon")
    draft = factories.make_evening(session, tour=tour)
    session.commit()
    for ask in (
        lambda: published.evening(session, draft.id),
        lambda: published.evening(session, "nulle-part"),
        lambda: published.by_slug(session, "brouillon"),
        lambda: published.commune(session, "00000"),
        lambda: published.epci(session, "000000000"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_publication_is_parsed_once(session: Session) -> None:
    """The second reading asks for keys alone, and gives the very same value."""
    tour = factories.make_tour(session)
    publish(session, tour, factories.make_evening(session, tour=tour))
    first = published.latest(session)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    second = published.latest(session)
    assert second[0] is first[0]
    assert asked
    assert not any("payload" in statement for statement in asked)


def test_a_version_that_was_rolled_back_is_not_remembered(session: Session) -> None:
    """SQLite gives the id of a rolled back row to the next one."""
    tour = factories.make_tour(session)
    evening = factories.make_evening(session, tour=tour)
    session.commit()
    factories.make_publication(session, tour=tour, published_at=NOW)
    assert published.latest(session)[0].evenings == ()
    session.rollback()
    publish(session, tour, evening, later_seconds=1)
    assert [e.id for e in published.latest(session)[0].evenings] == [evening.id]


def test_evenings_are_chosen_by_day_commune_and_intercommunality() -> None:
    """In order of date; what is called off stays, for people must see it."""
    june = factories.published_evening(id="june", date=dt.date(2027, 6, 9))
    may = factories.published_evening(id="may", date=dt.date(2027, 5, 1), insee="51001", epci="200066892")
    off = factories.published_evening(id="off", date=dt.date(2027, 6, 10), state=EveningState.CANCELLED)
    tours = [factories.published_tour(june, off), factories.published_tour(may, slug="b")]
    assert [e.id for e in published.all_evenings(tours)] == ["may", "june", "off"]
    assert [e.id for e in published.upcoming(tours, dt.date(2027, 6, 9))] == ["june", "off"]
    assert [e.id for e in published.of_commune(tours, "51001")] == ["may"]
    assert [e.id for e in published.of_epci(tours, "200068666")] == ["june", "off"]
