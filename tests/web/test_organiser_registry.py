"""The organiser's records: communes, committees and contacts, sites, vans, rules."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Committee, Contact, FallbackVenue, Pitch, RuleSetting, Vehicle
from guinguette.services import rules
from tests import factories as make
from tests.fakes import NOW

VAN = {
    "name": "Lucette",
    "depot_name": "Saint-Dizier",
    "depot_lat": "48,6377",
    "depot_lon": "4.9489",
    "nights_out": "1",
    "cruise_km_per_hour": "70",
}


def text_of(response: object) -> str:
    """Return a page's text with plain spaces."""
    return response.get_data(as_text=True).replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def insee(session: Session) -> str:
    """The code of a commune without anything."""
    commune = make.make_commune(session, insee="52448", name="Saint-Dizier", population=22858)
    session.commit()
    return commune.insee


def test_a_commune_s_sheet_holds_all_that_is_known(
    organiser_client: FlaskClient, session: Session, vault: Vault, insee: str
) -> None:
    """Whom to ring with a number to touch, where the van parks, the hall, the tours."""
    commune = session.get_one(make.Commune, insee)
    host = make.make_committee(session, commune=commune, name="Comité du Der")
    make.make_contact(session, committee=host, name="Jeanne Petit", phone_encrypted=vault.encrypt("+33639980012"))
    make.make_contact(session, committee=host, name="Partie ailleurs", archived_at=NOW)
    make.make_pitch(session, commune=commune, name="Place du Jard")
    make.make_hall(session, commune=commune, name="Salle du Palace")
    make.make_request(session, commune=commune, tour=make.make_tour(session, name="Été 2027"))
    session.commit()
    page = text_of(organiser_client.get(f"/organisation/communes/{insee}"))
    for words in ("Comité du Der", "Jeanne Petit", "06 39 98 00 12", "tel:+33639980012", "Place du Jard",
                  "Salle du Palace", "Été 2027"):  # fmt: skip
        assert words in page
    assert "Partie ailleurs" not in page
    assert "Saint-Dizier" in text_of(organiser_client.get("/organisation/communes"))
    assert organiser_client.get("/organisation/communes/99999").status_code == 404


def test_a_committee_and_its_contact_are_made(
    organiser_client: FlaskClient, session: Session, vault: Vault, insee: str
) -> None:
    """One leads to the other; a wrong number is said beside its field."""
    address = f"/organisation/communes/{insee}/comites/nouveau"
    assert "Nouveau comité" in text_of(organiser_client.get(address))
    answer = organiser_client.post(address, data={"name": "Comité du Der", "kind": "committee"})
    committee = session.scalars(select(Committee)).one()
    assert answer.location.endswith(f"/comites/{committee.id}/contacts/nouveau")
    wrong = organiser_client.post(answer.location, data={"name": "Jeanne", "phone": "12"})
    assert "n’existe pas" in text_of(wrong)
    assert 'value="12"' in text_of(wrong)
    half = organiser_client.post(answer.location, data={"name": "Jeanne", "email": "jeanne@"})
    assert "Cette adresse n’est pas complète" in text_of(half)
    organiser_client.post(answer.location, data={"name": "Jeanne", "phone": "03 53 01 42 18"})
    contact = session.scalars(select(Contact)).one()
    assert vault.decrypt(contact.phone_encrypted) == "+33353014218"
    page = text_of(organiser_client.get(f"/organisation/contacts/{contact.id}"))
    assert 'value="03 53 01 42 18"' in page
    renamed = {"name": "Jeanne Petit", "phone": "03 53 01 42 18", "version": 1}
    organiser_client.post(f"/organisation/contacts/{contact.id}", data=renamed)
    session.refresh(contact)
    assert contact.name == "Jeanne Petit"


def test_hosts_are_archived_and_restored(organiser_client: FlaskClient, session: Session) -> None:
    """A committee and a person alike, each found again in the archives."""
    contact = make.make_contact(session)
    host = contact.committee
    session.commit()
    for what, row in (("contacts", contact), ("comites", host)):
        organiser_client.post(f"/organisation/{what}/{row.id}/archiver", data={"version": 1})
        session.refresh(row)
        assert row.archived_at == NOW
    organiser_client.get("/organisation/")  # reads what was flashed
    assert host.commune.name not in text_of(organiser_client.get("/organisation/comites"))
    assert host.commune.name in text_of(organiser_client.get("/organisation/comites?archives=1"))
    page = text_of(organiser_client.get(f"/organisation/comites/{host.id}"))
    assert f"/contacts/{contact.id}/restaurer" in page
    for what, row in (("contacts", contact), ("comites", host)):
        organiser_client.post(f"/organisation/{what}/{row.id}/restaurer", data={"version": 2})
        session.refresh(row)
        assert row.archived_at is None
    organiser_client.post(f"/organisation/comites/{host.id}/archiver", data={"version": 1})
    assert "Rien n’a été écrasé" in text_of(organiser_client.get("/organisation/comites"))
    session.refresh(host)
    assert host.archived_at is None


def test_a_committee_is_changed_under_its_version(organiser_client: FlaskClient, session: Session) -> None:
    """A second save from an old page overwrites nothing and shows both."""
    host = make.make_committee(session, name="Avant")
    session.commit()
    address = f"/organisation/comites/{host.id}"
    organiser_client.post(address, data={"name": "Un", "kind": "town_hall", "version": 1})
    stale = text_of(organiser_client.post(address, data={"name": "Deux", "kind": "committee", "version": 1}))
    assert "enregistré « Mairie », vous avez « Comité des fêtes »" in stale
    session.refresh(host)
    assert (host.name, host.kind) == ("Un", "town_hall")


def test_a_conflict_names_what_the_other_has_changed_alone(organiser_client: FlaskClient, session: Session) -> None:
    """From what to what, by whom; what one has not touched oneself is taken over, one's own correction stays."""
    host = make.make_committee(session, name="Avant", notes="Calme")
    session.commit()
    address = f"/organisation/comites/{host.id}"
    seen = _seen(text_of(organiser_client.get(address)))
    first = {"name": "Avant", "kind": "town_hall", "notes": "Bruyant", "version": 1, "seen": seen}
    organiser_client.post(address, data=first)
    mine = {"name": "Après", "kind": "committee", "notes": "Très calme", "version": 1, "seen": seen}
    stale = text_of(organiser_client.post(address, data=mine))
    assert re.search(r"user\d+@example.org a enregistré cette fiche entre-temps, le mercredi 9.juin.2027 à 12.h", stale)
    assert re.search(r"c’était « Comité des fêtes »,\s+enregistré « Mairie », repris ci-dessous", stale)
    assert re.search(r"c’était « Calme »,\s+enregistré « Bruyant », vous avez « Très calme ».", stale)
    assert "« Avant »" not in stale
    assert re.search(r'checked[^>]*value="town_hall"', stale)
    again = {"name": "Après", "kind": "town_hall", "notes": "Très calme", "version": 2, "seen": _seen(stale)}
    assert "Rien n’a été écrasé" not in text_of(organiser_client.post(address, data=again, follow_redirects=True))
    session.refresh(host)
    assert (host.name, host.kind, host.notes) == ("Après", "town_hall", "Très calme")


def _seen(page: str) -> str:
    """Return what the page says of the record as it was opened."""
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("kind", "model"), [("emplacement", Pitch), ("salle", FallbackVenue)])
def test_a_site_is_made_changed_and_archived(
    organiser_client: FlaskClient, session: Session, insee: str, kind: str, model: type[Pitch] | type[FallbackVenue]
) -> None:
    """Degrees with a comma; the lists show it until it is put aside."""
    new = f"/organisation/communes/{insee}/{kind}/nouveau"
    assert organiser_client.get(new).status_code == 200
    organiser_client.post(new, data={"name": "Place du Jard", "lat": "48,6377", "lon": "4,9489", "capacity": "1 000"})
    site = session.scalars(select(model)).one()
    assert (site.lat, site.lon, site.capacity) == (48.6377, 4.9489, 1000)
    address = f"/organisation/{kind}/{site.id}"
    assert 'value="48,6377"' in text_of(organiser_client.get(address))
    alone = organiser_client.post(address, data={"name": "Place", "lat": "48", "version": 1})
    assert "Il faut la latitude et la longitude" in text_of(alone)
    far = organiser_client.post(address, data={"name": "Place", "lat": "480", "lon": "4", "version": 1})
    assert "Au plus 90 degrés." in text_of(far)
    listed = f"/organisation/{kind}s"
    assert "Place du Jard" in text_of(organiser_client.get(listed))
    organiser_client.post(f"{address}/archiver", data={"version": 1})
    organiser_client.get("/organisation/")  # reads what was flashed
    assert "Place du Jard" not in text_of(organiser_client.get(listed))
    assert "Place du Jard" in text_of(organiser_client.get(f"{listed}?archives=1"))
    organiser_client.post(f"{address}/restaurer", data={"version": 2})
    session.refresh(site)
    assert site.archived_at is None


def test_a_corrected_place_says_what_follows(organiser_client: FlaskClient, session: Session) -> None:
    """How many evenings are corrected online, and that nobody is told; nothing of it where none is to come."""
    evening = make.make_evening(session)
    make.make_publication(session, tour=evening.tour, evenings=[evening])
    session.commit()
    address = f"/organisation/emplacement/{evening.pitch_id}"
    organiser_client.post(address, data={"name": "Place du Jard", "version": 1})
    page = text_of(organiser_client.get("/organisation/emplacements"))
    assert "1 soirée à venir est corrigée en ligne, le samedi 19 juin." in page
    assert "Aucun SMS ne part" in page
    assert "Place du Jard" in text_of(organiser_client.get(f"/soirees/{evening.id}"))
    organiser_client.post(address, data={"name": "Place du Jard", "version": 2})
    assert "corrigée en ligne" not in text_of(organiser_client.get("/organisation/emplacements"))


def test_a_van_is_made_changed_and_archived(organiser_client: FlaskClient, session: Session) -> None:
    """Limits with their units; equipment of one's own beside the usual."""
    assert "Aucun véhicule" in text_of(organiser_client.get("/organisation/vehicules"))
    assert organiser_client.get("/organisation/vehicules/nouveau").status_code == 200
    extra = {"equipment": ["covered"], "other_equipment": "Four à pizza, ", "max_leg_metres": "120,5"}
    organiser_client.post("/organisation/vehicules/nouveau", data={**VAN, **extra})
    van = session.scalars(select(Vehicle)).one()
    assert (van.slug, van.equipment, van.max_leg_metres) == ("lucette", ["covered", "four-a-pizza"], 120_500)
    page = text_of(organiser_client.get("/organisation/vehicules/lucette"))
    assert 'value="120,5"' in page
    assert "four a pizza" in page
    organiser_client.post("/organisation/vehicules/lucette", data={**VAN, "name": "Firmin", "version": 1})
    session.refresh(van)
    assert (van.name, van.slug, van.equipment, van.max_leg_metres) == ("Firmin", "lucette", [], None)
    organiser_client.post("/organisation/vehicules/lucette/archiver", data={"version": 2})
    organiser_client.get("/organisation/")  # reads what was flashed
    assert "Firmin" not in text_of(organiser_client.get("/organisation/vehicules"))
    assert "Firmin" in text_of(organiser_client.get("/organisation/vehicules?archives=1"))
    organiser_client.post("/organisation/vehicules/lucette/restaurer", data={"version": 3})
    assert "Firmin" in text_of(organiser_client.get("/organisation/vehicules"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "Ce champ est à remplir."),
        ({"depot_lat": "nord"}, "Écrivez des degrés, par exemple 48,6377."),
        ({"nights_out": "-1"}, "Écrivez un nombre entier de 0 à 60."),
        ({"max_evenings_per_week": "8"}, "Écrivez un nombre entier de 1 à 7."),
        ({"max_leg_metres": "-5"}, "Écrivez une distance en kilomètres"),
        ({"name": "x" * 81}, "80 caractères au plus"),
    ],
)
def test_a_van_that_cannot_be_is_refused(
    organiser_client: FlaskClient, session: Session, change: dict[str, str], sentence: str
) -> None:
    """Each limit has its unit and its bounds; nothing is written."""
    answer = organiser_client.post("/organisation/vehicules/nouveau", data={**VAN, **change})
    assert sentence in text_of(answer)
    assert session.scalars(select(Vehicle)).all() == []


def test_rules_are_read_and_given_a_new_value(organiser_client: FlaskClient, session: Session) -> None:
    """Every rule with its source; a new value from a day on, beside the old one."""
    rules.ensure_defaults(session)
    session.commit()
    page = text_of(organiser_client.get("/organisation/regles"))
    assert "Heure du rappel de la veille : 17 h" in page
    assert "Code de la santé publique" in page
    address = "/organisation/regles/reminder_hour"
    assert "Aujourd’hui : 17 h" in text_of(organiser_client.get(address))
    late = organiser_client.post(address, data={"value": "25", "valid_from": "2028-01-01", "source": "Essai"})
    assert "Écrivez un nombre de 0 à 23." in text_of(late)
    organiser_client.post(address, data={"value": "16", "valid_from": "2028-01-01", "source": "Assemblée générale"})
    assert session.get_one(RuleSetting, ("reminder_hour", make.dt.date(2028, 1, 1))).value == 16
    page = text_of(organiser_client.get("/organisation/regles"))
    assert "Heure du rappel de la veille : 17 h" in page
    assert "16 à partir du samedi 1er janvier 2028 : Assemblée générale" in page
    assert organiser_client.get("/organisation/regles/gravite").status_code == 404


def test_every_form_carries_its_csrf_field(app: Flask, organiser_client: FlaskClient, session: Session) -> None:
    """Without the field nothing is written, whichever button it is."""
    app.config["WTF_CSRF_ENABLED"] = True
    tour = make.make_tour(session, slug="ete")
    van = make.make_vehicle(session, slug="lucette")
    session.commit()
    for path, data in (
        ("/tournees/ete/archiver", {"version": 1}),
        ("/vehicules/lucette", {**VAN, "version": 1}),
        ("/tournees/ete/import", {}),
    ):
        assert organiser_client.post(f"/organisation{path}", data=data).status_code == 400
    session.expire_all()
    assert (tour.archived_at, van.name == "Lucette") == (None, False)
    for path in ("/tournees/ete", "/tournees/ete/import", "/vehicules/lucette", "/tournees/ete/communes"):
        page = organiser_client.get(f"/organisation{path}").get_data(as_text=True)
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL)
        assert forms
        assert all("csrf_token" in form for form in forms)
