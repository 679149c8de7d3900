"""Searching and narrowing the registry's lists."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import NotFound
from guinguette.services.registry import Filters, Tools, build, found
from tests import factories as make
from tests.fakes import NOW, FixedClock

DAY = dt.date(2027, 7, 2)


@pytest.fixture
def tools(vault: Vault) -> Tools:
    """Somebody who acts at noon."""
    return Tools(actor="tests", clock=FixedClock(), vault=vault)


def names(session: Session, tools: Tools, word: str, **filters: object) -> list[str]:
    """Return the names of what is found, of a kind without a tour."""
    rows = found(build(session, word, tools), Filters(**filters)).rows  # type: ignore[arg-type]
    return [row.name for row in rows]


def test_people_are_found_by_anything_said_of_them(session: Session, vault: Vault, tools: Tools) -> None:
    """Name without accents, role, village, postcode, and the number however it is spaced."""
    commune = make.make_commune(session, name="Éclaron", postcodes="52290")
    host = make.make_committee(session, commune=commune)
    phone = vault.encrypt("+33639980012")
    make.make_contact(session, committee=host, name="Hélène Petit", role="présidente", phone_encrypted=phone)
    make.make_contact(session, name="Paul Grand", archived_at=NOW)
    make.make_contact(session, name="Anne Roy", email="anne@example.org")
    for text in ("helene", "PRESIDENTE eclaron", "52290", "06 39 98 00 12", "0639980012"):
        assert names(session, tools, "contacts", text=text) == ["Hélène Petit"], text
    assert names(session, tools, "contacts", text="helene roy") == []
    assert names(session, tools, "contacts", lacks="telephone") == ["Anne Roy"]
    assert names(session, tools, "contacts", lacks="adresse") == ["Hélène Petit"]
    assert names(session, tools, "contacts", archived=True) == ["Paul Grand"]
    with pytest.raises(NotFound):
        build(session, "nulle-part", tools)


def test_what_is_missing_of_hosts_and_places(session: Session, tools: Tools) -> None:
    """A committee nobody can ring, a pitch nobody could find, a van without limits."""
    lonely = make.make_committee(session, name="Seul")
    make.make_contact(session, committee=lonely, archived_at=NOW)
    make.make_contact(session, committee=make.make_committee(session, name="Avec quelqu’un"))
    assert names(session, tools, "comites", lacks="contact") == ["Seul"]
    make.make_pitch(session, name="Stade", lat=48.5, lon=4.9, power_supply="")
    make.make_pitch(session, name="Place")
    assert names(session, tools, "emplacements", lacks="position") == ["Place"]
    assert names(session, tools, "emplacements", lacks="prise") == ["Stade"]
    make.make_hall(session, name="Foyer", capacity=None)
    make.make_hall(session, name="Halle")
    assert names(session, tools, "salles", lacks="jauge") == ["Foyer"]
    make.make_vehicle(session, name="Lucette", max_leg_metres=80_000)
    make.make_vehicle(session, name="Firmin")
    assert names(session, tools, "vehicules", lacks="trajet") == ["Firmin"]


def test_a_tour_s_communes_by_answer_epci_and_what_is_missing(session: Session, tools: Tools) -> None:
    """Each filter alone, and together; the EPCI offered are those of the list."""
    tour = make.make_tour(session, dates=[DAY])
    one, two = make.make_epci(session, name="CC B"), make.make_epci(session, name="CC A")
    answered = make.make_commune(session, name="Allichamps", epci=one)
    silent = make.make_commune(session, name="Bailly", epci=two)
    nowhere = make.make_commune(session, name="Curel", epci=two, lat=None, lon=None)
    make.make_contact(session, committee=make.make_committee(session, commune=answered))
    hall, pitch = make.make_hall(session, commune=silent), make.make_pitch(session, commune=answered)
    make.make_request(session, tour=tour, commune=answered, availabilities={DAY: "yes"}, pitch=pitch)
    make.make_request(session, tour=tour, commune=silent, fallback_venue=hall)
    make.make_request(session, tour=tour, commune=nowhere, permit_holder=make.make_committee(session))
    make.make_request(session, commune=answered)
    kind = build(session, "communes", tools, tour)

    def villages(**filters: object) -> list[str]:
        return [row.commune.name for row in found(kind, Filters(**filters)).rows]  # type: ignore[arg-type]

    assert villages() == ["Allichamps", "Bailly", "Curel"]
    assert villages(answered="oui") == ["Allichamps"]
    assert villages(answered="non") == villages(lacks="reponse") == ["Bailly", "Curel"]
    assert villages(epci=two.siren) == ["Bailly", "Curel"]
    assert villages(epci=two.siren, lacks="salle") == ["Curel"]
    assert villages(lacks="contact") == ["Bailly", "Curel"]
    assert villages(lacks="emplacement") == ["Bailly", "Curel"]
    assert villages(lacks="buvette") == ["Allichamps", "Bailly"]
    assert villages(lacks="position") == ["Curel"]
    assert villages(text="cur") == ["Curel"]
    assert [epci.name for epci in found(kind, Filters()).epcis] == ["CC A", "CC B"]
    assert not Filters(archived=True).narrow
    assert Filters(text="x").narrow
