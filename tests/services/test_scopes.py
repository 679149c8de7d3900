"""Which evenings a scope contains, and what a visitor may choose."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import InvalidInput
from guinguette.services import scopes
from tests.factories import make_commune, make_epci, make_evening, make_publication, make_tour, published_evening

TODAY = dt.date(2027, 6, 9)


def test_a_scope_contains_an_evening_by_village_tour_epci_or_distance(session: Session) -> None:
    """Each kind on both sides; about 11 kilometres lie between the two villages."""
    make_commune(session, insee="52182", lat=48.57, lon=4.84)
    make_commune(session, insee="51001", lat=48.67, lon=4.84)
    evening = published_evening(insee="52182", lat=48.57, lon=4.84, epci="200068666")
    texts = [
        "commune:52182", "commune:51001", "tour:ete", "tour:hiver", "epci:200068666", "epci:200000000",
        "near:51001:12", "near:51001:11", "near:52182:1", "near:99999:100",
    ]  # fmt: skip
    assert scopes.matching(session, "ete", evening, texts) == [
        "commune:52182", "tour:ete", "epci:200068666", "near:51001:12", "near:52182:1",
    ]  # fmt: skip


def test_near_a_village_always_holds_that_village(session: Session) -> None:
    """Even where its pitch lies outside the kilometre asked for."""
    make_commune(session, insee="52182", lat=48.57, lon=4.84)
    far_pitch = published_evening(insee="52182", lat=48.60, lon=4.90)
    assert scopes.matching(session, "ete", far_pitch, ["near:52182:1"]) == ["near:52182:1"]


def test_only_what_exists_can_be_chosen(session: Session) -> None:
    """A village of France, visited or not; an EPCI; a published tour."""
    make_commune(session, insee="52182", epci=make_epci(session, siren="200068666"))
    make_commune(session, insee="98711", lat=None, lon=None)
    make_tour(session, slug="brouillon")
    make_publication(session, tour=make_tour(session, slug="ete"))
    for text in ("commune:52182", "near:52182:20", "epci:200068666", "tour:ete", "commune:98711"):
        assert str(scopes.checked(session, text)) == text
    for text in ("commune:52999", "near:98711:20", "epci:200000000", "tour:brouillon", "tour:rien"):
        with pytest.raises(InvalidInput):
            scopes.checked(session, text)


def test_choices_put_the_village_first_and_name_nothing_twice(session: Session) -> None:
    """Who comes from a village's page finds it, then its surroundings, then the rest."""
    commune = make_commune(session, insee="52182", name="Éclaron")
    tour = make_tour(session, slug="ete", name="Été")
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=commune)])
    groups = scopes.choices(session, TODAY, scope="commune:52182")
    texts = [choice.scope for group in groups for choice in group.choices]
    assert texts == ["commune:52182", "near:52182:20", "tour:ete", f"epci:{commune.epci_siren}"]
    assert [group.title for group in groups] == ["Près de chez vous", "Toute une tournée", "Une intercommunalité"]


def test_past_tours_are_not_offered(session: Session) -> None:
    """Nobody subscribes to what is over."""
    tour = make_tour(session, slug="ete")
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour)])
    assert scopes.choices(session, dt.date(2027, 9, 1)) == []
