"""Tours: opened, copied, edited under a version, archived."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import Vehicle
from guinguette.services import editing, fundings, presets, tours
from guinguette.services.tours import TourCommand, TourSettings
from tests import factories as make
from tests.fakes import NOW, FixedClock

SETTINGS = TourSettings(name="Tournée de l’été 2027", starts_at=dt.time(18), ends_at=dt.time(22))
COMMAND = TourCommand(
    settings=SETTINGS,
    season="summer",
    first=dt.date(2027, 5, 1),
    last=dt.date(2027, 5, 31),
    weekdays=frozenset({presets.FRIDAY}),
)


def test_a_tour_is_opened_with_its_dates(session: Session, clock: FixedClock) -> None:
    """Its weekdays and the public holidays of the period are its dates; its vans and fundings are its own."""
    van, payer = make.make_vehicle(session), make.make_epci(session)
    tour = tours.create(session, replace(COMMAND, vehicle_ids=(van.id,), fundings={payer.siren: 4}), clock)
    fridays = [dt.date(2027, 5, day) for day in (7, 14, 21, 28)]
    holidays = [dt.date(2027, 5, day) for day in (1, 6, 8, 17)]  # Labour Day, Ascension, Victory, Whit Monday
    assert [row.date for row in tour.dates] == sorted(fridays + holidays)
    assert (tour.slug, tour.created_at, tour.version) == ("tournee-de-l-ete-2027", NOW, 1)
    assert [row.vehicle for row in tour.vehicles] == [van]
    assert [(row.epci_siren, row.evenings) for row in tour.fundings] == [(payer.siren, 4)]


def test_slugs_are_unique_and_not_an_address_of_ours(session: Session, clock: FixedClock) -> None:
    """A second tour of the same name gets a number; "nouvelle" is a page already."""
    names = ["Été", "Été", "Été", "Nouvelle"]
    slugs = [
        tours.create(session, replace(COMMAND, settings=replace(SETTINGS, name=name)), clock).slug for name in names
    ]
    assert slugs == ["ete", "ete-2", "ete-3", "nouvelle-2"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"season": "autumn"}, "season"),
        ({"last": dt.date(2027, 4, 30)}, "last"),
        ({"last": dt.date(2028, 6, 4)}, "last"),
        ({"weekdays": frozenset(), "public_holidays": False}, "weekdays"),
        ({"vehicle_ids": (99,)}, "vehicle_ids"),
        ({"fundings": {"999999999": 1}}, "999999999"),
        ({"settings": replace(SETTINGS, name="!!!")}, "name"),
        ({"settings": replace(SETTINGS, ends_at=dt.time(18))}, "ends_at"),
        ({"settings": replace(SETTINGS, separation_metres=8000)}, "separation_days"),
    ],
)
def test_what_makes_no_tour_is_refused(
    session: Session, clock: FixedClock, change: dict[str, object], field: str
) -> None:
    """Each refusal names its field."""
    with pytest.raises(InvalidInput) as refusal:
        tours.create(session, replace(COMMAND, **change), clock)
    assert refusal.value.field == field


def test_a_tour_of_four_hundred_days_is_the_longest(session: Session, clock: FixedClock) -> None:
    """One day more is refused (see above)."""
    assert tours.create(session, replace(COMMAND, last=dt.date(2028, 6, 3)), clock).dates[-1].date <= dt.date(
        2028, 6, 3
    )


def test_a_copy_takes_all_but_the_answers(session: Session, clock: FixedClock) -> None:
    """Communes with wishes, sites, permit holder and allowed vans, fundings and costs; nobody has answered yet."""
    van, gone = make.make_vehicle(session), make.make_vehicle(session)
    commune = make.make_commune(session)
    source = make.make_tour(session, vehicles=[van, gone], fundings={commune.epci_siren: 7}, detour=1.5, cost_missing=1)
    holder, pitch, hall = (
        make.make_committee(session, commune=commune),
        make.make_pitch(session, commune=commune),
        make.make_hall(session, commune=commune),
    )
    wish = {"evenings": 2, "min_days_between": 30, "priority": 4, "needs": ["stage"], "notes": "Le samedi"}
    places = {"permit_holder": holder, "pitch": pitch, "fallback_venue": hall}
    make.make_request(
        session,
        tour=source,
        commune=commune,
        vehicles=[van, gone],
        availabilities={dt.date(2026, 5, 1): "no"},
        **wish,
        **places,
    )
    make.make_request(session, tour=source, archived_at=NOW)
    copied = tours.copy(session, source, replace(COMMAND, vehicle_ids=(van.id,)), clock)
    (request,) = copied.requests
    assert {name: getattr(request, name) for name in wish} == wish
    assert {name: getattr(request, name) for name in places} == places
    assert request.vehicles == [van]
    assert (request.answered_at, request.answered_by, request.availabilities) == (None, "", [])
    assert (copied.copied_from_id, copied.detour, copied.cost_missing) == (source.id, 1.5, 1)
    assert [(row.epci_siren, row.evenings) for row in copied.fundings] == [(commune.epci_siren, 7)]
    assert copied.dates[0].date == dt.date(2027, 5, 1)


def test_an_edit_keeps_the_address_and_counts_a_version(session: Session, clock: FixedClock) -> None:
    """A new name does not move the page that people have kept."""
    tour = make.make_tour(session, slug="ete")
    tours.edit(
        session, tour, replace(SETTINGS, name="Autre nom", needs=("stage",)), tour.version, actor="x", clock=clock
    )
    assert (tour.slug, tour.name, tour.default_needs, tour.version) == ("ete", "Autre nom", ["stage"], 2)


def test_a_second_save_overwrites_nothing(session: Session, clock: FixedClock) -> None:
    """Whoever opened the page before somebody else saved is told."""
    tour = make.make_tour(session)
    tours.edit(session, tour, replace(SETTINGS, name="La première"), 1, actor="x", clock=clock)
    with pytest.raises(Conflict):
        tours.edit(session, tour, replace(SETTINGS, name="La seconde"), 1, actor="x", clock=clock)
    with pytest.raises(Conflict):
        tours.edit_vehicles(session, tour, [], 1)
    assert tour.name == "La première"


def test_vans_keep_their_garage_days(session: Session) -> None:
    """Adding a van does not forget the other's days at the garage; only a van of the tour has some."""
    one, two = make.make_vehicle(session), make.make_vehicle(session)
    tour = make.make_tour(session, vehicles=[one])
    tours.set_garage_days(session, tour, one.id, [dt.date(2027, 7, 3), dt.date(2027, 7, 2)], 1)
    tours.edit_vehicles(session, tour, [one.id, two.id], 2)
    assert tours.garage(tour, one.id).unavailable == ["2027-07-02", "2027-07-03"]
    assert tours.garage(tour, two.id).unavailable in ([], None)
    tours.edit_vehicles(session, tour, [two.id], 3)
    with pytest.raises(NotFound):
        tours.garage(tour, one.id)
    assert session.get(Vehicle, one.id) is one


def test_fundings_are_replaced_as_a_whole(session: Session) -> None:
    """What is not named any more is no limit any more; a negative number is refused beside its field."""
    one, two = make.make_epci(session), make.make_epci(session)
    tour = make.make_tour(session, fundings={one.siren: 3})
    tours.edit_fundings(session, tour, {two.siren: 0}, 1)
    assert [(row.epci_siren, row.evenings) for row in tour.fundings] == [(two.siren, 0)]
    with pytest.raises(InvalidInput) as refusal:
        tours.edit_fundings(session, tour, {one.siren: -1}, 2)
    assert refusal.value.field == one.siren


def test_payers_are_those_of_the_communes_and_those_who_pay(session: Session) -> None:
    """An EPCI without communes in the tour still shows while it funds it; archived requests do not count."""
    tour = make.make_tour(session)
    mine, other = make.make_epci(session, name="A"), make.make_epci(session, name="B")
    tour.fundings = [make.Funding(epci_siren=other.siren, evenings=1)]
    for evenings, archived_at in ((2, None), (3, None), (9, NOW)):
        commune = make.make_commune(session, epci=mine)
        make.make_request(session, tour=tour, commune=commune, evenings=evenings, archived_at=archived_at)
    shown = [(payer.siren, payer.communes, payer.evenings_wanted) for payer in fundings.payers(session, tour)]
    assert shown == [(mine.siren, 2, 5), (other.siren, 0, 0)]


def test_archived_tours_stand_apart_and_come_back(session: Session, clock: FixedClock) -> None:
    """Archiving hides a tour from the list and keeps it whole."""
    tour, other = make.make_tour(session), make.make_tour(session)
    editing.archive(session, tour, 1, clock)
    assert tours.listing(session) == [other]
    assert tours.listing(session, archived=True) == [tour]
    assert tours.get(session, tour.slug).archived_at == NOW
    editing.restore(session, tour, 2)
    assert tours.listing(session) == [other, tour]
    with pytest.raises(NotFound):
        tours.get(session, "aucune")


def test_two_saves_at_once_are_noticed_in_the_database(
    session: Session, session_factory: object, clock: FixedClock
) -> None:
    """Both read the same version; the second to write is refused."""
    tour = make.make_tour(session)
    session.commit()
    with session_factory() as rival:  # type: ignore[operator]
        tours.edit(rival, tours.get(rival, tour.slug), replace(SETTINGS, name="La première"), 1, actor="x", clock=clock)
        assert tour.version == 1
        rival.commit()
    with pytest.raises(Conflict):
        tours.edit(session, tour, replace(SETTINGS, name="La seconde"), 1, actor="x", clock=clock)
