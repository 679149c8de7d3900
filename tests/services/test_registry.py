"""Committees, contacts, sites and vans: created, edited, archived; which communes are known."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.services import committees, editing, participation, sites, vehicles
from guinguette.services.committees import CommitteeCommand, ContactCommand
from guinguette.services.sites import SiteCommand
from guinguette.services.vehicles import VehicleCommand
from tests import factories as make
from tests.fakes import NOW, FixedClock

VAN = VehicleCommand(name="Lucette", depot_name="Saint-Dizier", depot_lat=48.6, depot_lon=4.9)


def test_a_committee_lives(session: Session, clock: FixedClock) -> None:
    """Created in its commune, edited under its version, put aside, brought back."""
    commune = make.make_commune(session)
    row = committees.create(session, commune.insee, CommitteeCommand(name="Comité des fêtes"), clock)
    by: dict[str, Any] = {"actor": "x", "clock": clock}
    committees.edit(session, row, CommitteeCommand(name="Mairie", kind="town_hall", notes="Le matin"), 1, **by)
    assert (row.name, row.kind, row.notes, row.version, row.created_at) == ("Mairie", "town_hall", "Le matin", 2, NOW)
    with pytest.raises(Conflict):
        committees.edit(session, row, CommitteeCommand(name="Autre"), 1, **by)
    editing.archive(session, row, 2, clock)
    assert committees.listing(session, commune=commune) == []
    assert committees.listing(session, archived=True) == [row]
    editing.restore(session, row, 3)
    assert committees.listing(session, commune=commune) == [row]


def test_a_committee_is_one_of_three_kinds(session: Session, clock: FixedClock) -> None:
    """Anything else is refused, as is a commune that does not exist."""
    commune = make.make_commune(session)
    with pytest.raises(InvalidInput):
        committees.create(session, commune.insee, CommitteeCommand(name="Fanfare", kind="band"), clock)
    with pytest.raises(NotFound):
        committees.create(session, "99999", CommitteeCommand(name="Comité"), clock)


@pytest.mark.parametrize(
    ("typed", "kept"), [("06 39 98 00 12", "+33639980012"), ("03.53.01.42.18", "+33353014218"), ("", "")]
)
def test_a_contact_s_number_is_kept_encrypted(session: Session, vault: Vault, typed: str, kept: str) -> None:
    """Mobile or landline, in E.164 and never in the clear; an address alone will do."""
    command = ContactCommand(name="Jeanne Petit", phone=typed, email="jeanne@example.org")
    row = committees.add_contact(session, make.make_committee(session), command, vault)
    assert vault.decrypt(row.phone_encrypted) == kept
    assert not kept or kept not in row.phone_encrypted


def test_an_unchanged_number_is_not_encrypted_again(session: Session, vault: Vault) -> None:
    """Encrypting gives another text each time: the row must not seem to change."""
    command = ContactCommand(name="Jeanne Petit", phone="06 39 98 00 12")
    row = committees.add_contact(session, make.make_committee(session), command, vault)
    before = row.phone_encrypted
    committees.edit_contact(session, row, ContactCommand(name="Jeanne Grand", phone="0639980012"), 1, vault)
    assert (row.phone_encrypted, row.name, row.version) == (before, "Jeanne Grand", 2)


@pytest.mark.parametrize("phone", ["", "12", "06 39 98 00"])
def test_a_contact_nobody_can_reach_is_refused(session: Session, vault: Vault, phone: str) -> None:
    """Neither number nor address, or a number that does not exist."""
    with pytest.raises(InvalidInput) as refusal:
        committees.add_contact(session, make.make_committee(session), ContactCommand(name="X", phone=phone), vault)
    assert refusal.value.field == "phone"


@pytest.mark.parametrize("kind", sites.KINDS)
def test_a_site_lives(session: Session, clock: FixedClock, kind: str) -> None:
    """A pitch and a hall alike; a hall has neither plug nor access."""
    commune = make.make_commune(session)
    command = SiteCommand(name="Place", lat=48.5, lon=4.9, capacity=200, power_supply="32 A", access="Par le haut")
    row = sites.create(session, kind, commune.insee, command)
    assert (row.lat, row.capacity, getattr(row, "power_supply", "32 A")) == (48.5, 200, "32 A")
    sites.edit(session, row, SiteCommand(name="Stade"), 1, actor="x", clock=clock)
    assert (sites.get(session, kind, row.id).name, row.lat, row.version) == ("Stade", None, 2)
    editing.archive(session, row, 2, clock)
    assert sites.listing(session, kind, commune=commune) == []
    assert sites.listing(session, kind, archived=True) == [row]


def test_a_position_is_whole_and_a_kind_known(session: Session) -> None:
    """A latitude alone is no place; an unknown kind or id is not found."""
    commune = make.make_commune(session)
    with pytest.raises(InvalidInput) as refusal:
        sites.create(session, "salle", commune.insee, SiteCommand(name="Salle", lat=48.5))
    assert refusal.value.field == "lat"
    for kind, site_id in (("salle", 999), ("cave", 1)):
        with pytest.raises(NotFound):
            sites.get(session, kind, site_id)
    with pytest.raises(NotFound):
        sites.create(session, "cave", commune.insee, SiteCommand(name="Cave"))


def test_a_van_lives(session: Session, clock: FixedClock) -> None:
    """Its slug comes from its first name and stays; what it has on board is known afterwards."""
    van = vehicles.create(session, VAN)
    twin = vehicles.create(session, VAN)
    assert (van.slug, twin.slug, van.nights_out, van.max_leg_metres) == ("lucette", "lucette-2", 1, None)
    changed = VehicleCommand(
        name="Firmin", depot_name="Vitry", depot_lat=48.7, depot_lon=4.6, equipment=("stage",), max_days_in_row=4
    )
    vehicles.edit(session, van, changed, 1, actor="x", clock=clock)
    assert (vehicles.get(session, "lucette").name, van.equipment, van.max_days_in_row) == ("Firmin", ["stage"], 4)
    assert vehicles.known_equipment(session) == ["stage"]
    editing.archive(session, van, 2, clock)
    assert vehicles.listing(session) == [twin]
    assert vehicles.known_equipment(session) == []
    with pytest.raises(NotFound):
        vehicles.get(session, "firmin")
    nameless = VehicleCommand(name="—", depot_name="V", depot_lat=0, depot_lon=0)
    with pytest.raises(InvalidInput):
        vehicles.edit(session, twin, nameless, 1, actor="x", clock=clock)


def test_known_communes_have_a_host_or_take_part(session: Session) -> None:
    """Those put aside, and all the others of France, are left to the search."""
    hosting, asking = make.make_commune(session, name="B"), make.make_commune(session, name="A")
    make.make_commune(session)
    make.make_committee(session, commune=hosting)
    make.make_committee(session, archived_at=NOW)
    request = make.make_request(session, commune=asking)
    make.make_request(session, commune=asking, archived_at=NOW)
    assert participation.communes_known(session) == [asking, hosting]
    assert participation.of_commune(session, asking) == [request]
