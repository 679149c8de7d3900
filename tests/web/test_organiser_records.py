"""The registry's lists: filters, ticks, files, duplicates (guinguette/web/organiser/registry*.py, duplicates.py)."""

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Committee, CommuneRequest, Contact, Tour
from tests import factories as make

BASE = "/organisation/tournees/ete"
LISTS = ("comites", "contacts", "emplacements", "salles", "vehicules")


@pytest.fixture
def tour(session: Session) -> Tour:
    """Three villages in a tour, one with a committee and somebody to ring."""
    tour = make.make_tour(session, slug="ete", name="Été 2027", vehicles=[make.make_vehicle(session, name="Lucette")])
    for name in ("Allichamps", "Bailly", "Curel"):
        make.make_request(session, tour=tour, commune=make.make_commune(session, name=name))
    first = tour.requests[0].commune
    make.make_contact(session, name="Jeanne Petit", committee=make.make_committee(session, commune=first))
    make.make_pitch(session, commune=first)
    make.make_hall(session, commune=first)
    session.commit()
    return tour


def text_of(response: object) -> str:
    """Return a page's text with plain spaces."""
    text = response.get_data(as_text=True)  # type: ignore[attr-defined]
    return re.sub(r"[ \n]+", " ", text.replace("\u00a0", " "))


def test_a_tour_s_villages_are_filtered(organiser_client: FlaskClient, tour: Tour) -> None:
    """By name, by what is missing; what is shown is counted, and nothing found says so."""
    page = text_of(organiser_client.get(f"{BASE}/communes?cherche=bai"))
    assert "1 sur 3." in page
    assert "<b>Bailly</b>" in page
    assert "<b>Curel</b>" not in page
    assert "Sans réponse, sans personne à appeler" in page
    assert "Rien ne répond à cette recherche." in text_of(organiser_client.get(f"{BASE}/communes?reponse=oui"))
    assert "Les archives sont vides." in text_of(organiser_client.get(f"{BASE}/communes?archives=1"))


@pytest.mark.parametrize("word", LISTS)
def test_every_list_has_words_when_it_is_empty(organiser_client: FlaskClient, word: str) -> None:
    """In use, in the archives, and after a search."""
    page = text_of(organiser_client.get(f"/organisation/{word}"))
    assert "Aucun véhicule." in page or "Rien ici encore." in page
    assert "Les archives sont vides." in text_of(organiser_client.get(f"/organisation/{word}?archives=1"))


@pytest.mark.parametrize("word", LISTS)
def test_every_list_is_searched_written_out_and_read_in(organiser_client: FlaskClient, tour: Tour, word: str) -> None:
    """The pages of each kind open, and its own export changes nothing."""
    assert "Tableur et archives" in text_of(organiser_client.get(f"/organisation/{word}?cherche=l"))
    for file_format in ("csv", "xlsx"):
        out = organiser_client.get(f"/organisation/registre/{word}/export.{file_format}")
        assert f"{word}-2027-06-09.{file_format}" in out.headers["Content-Disposition"]
        data = {"file": (io.BytesIO(out.data), f"liste.{file_format}")}
        page = text_of(organiser_client.post(f"/organisation/registre/{word}/import", data=data))
        assert "il n’y a rien à enregistrer" in page
    assert "Les colonnes" in text_of(organiser_client.get(f"/organisation/registre/{word}/import"))


def test_a_list_that_is_not_is_not_found(organiser_client: FlaskClient, tour: Tour) -> None:
    """A word of somebody's own, and communes without a tour."""
    of_tour = "tournees/ete/registre/comites/export.csv"
    for path in ("registre/fanfares/export.csv", "registre/communes/export.csv", "registre/salles/doublons", of_tour):
        assert organiser_client.get(f"/organisation/{path}").status_code == 404


def test_several_are_changed_at_once(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """Tick, say what changes, read it, confirm; one that somebody else has saved meanwhile is named and left alone."""
    rows = session.scalars(select(CommuneRequest).order_by(CommuneRequest.id)).all()
    ticks = [f"{row.id}:{row.version}" for row in rows]
    address = f"{BASE}/registre/communes/lot"
    nothing = organiser_client.post(address, data={}, follow_redirects=True)
    assert "Cochez au moins une fiche." in text_of(nothing)
    assert "Modifier 2 fiches" in text_of(organiser_client.post(address, data={"ligne": ticks[:2]}))
    assert "Modifier 3 fiches" in text_of(organiser_client.post(address, data={"vu": ticks, "toutes": "1"}))
    refused = text_of(organiser_client.post(address, data={"ligne": ticks, "relire": "1"}))
    assert "Cochez ce qui doit changer." in refused
    asked = {"ligne": ticks, "changer": ["priority", "min_days_between"], "v-min_days_between": "28"}
    wrong = text_of(organiser_client.post(address, data={**asked, "v-priority": "zéro", "relire": "1"}))
    assert "Priorité : « zéro » n’est pas un nombre entier de 1 à 100" in wrong
    asked["v-priority"] = "7"
    page = text_of(organiser_client.post(address, data={**asked, "relire": "1"}))
    assert "Ce qui change sur 3 fiches" in page
    assert session.scalars(select(CommuneRequest.priority)).all() == [1, 1, 1]
    rows[2].notes = "entre-temps"
    session.commit()
    done = text_of(organiser_client.post(address, data={**asked, "confirmer": "1"}, follow_redirects=True))
    assert "2 fiches sont enregistrées." in done
    assert "Curel : Quelqu’un a enregistré cette fiche entre-temps" in done
    session.expire_all()
    assert [(row.priority, row.min_days_between) for row in rows] == [(7, 28), (7, 28), (1, 21)]


def test_several_go_to_the_archives_and_back(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """The same page for both ways, read before it is done."""
    contact = session.scalars(select(Contact)).one()
    address = "/organisation/registre/contacts/lot"
    for shelve, version in (("archiver", 1), ("restaurer", 2)):
        asked = {"ligne": f"{contact.id}:{version}", "rayon": shelve}
        assert "Jeanne Petit" in text_of(organiser_client.post(address, data=asked))
        organiser_client.post(address, data={**asked, "confirmer": "1"})
        session.refresh(contact)
        assert (contact.archived_at is not None) == (shelve == "archiver")


def test_a_spreadsheet_is_read_before_it_is_written(
    organiser_client: FlaskClient, session: Session, tour: Tour
) -> None:
    """Faults by their line; a forged or stale file is refused; who saved it is on the record."""
    host = session.scalars(select(Committee)).one()
    text = f"n°;version;nom;genre\n{host.id};1;Les Pompiers;\n{host.id};1;Deux;\n"
    address = "/organisation/registre/comites/import"
    page = text_of(organiser_client.post(address, data={"file": (io.BytesIO(text.encode()), "x.csv")}))
    assert "ligne 3" in page
    assert "Cette fiche est déjà à la ligne 2." in page
    assert "genre : « » n’existe pas, écrivez l’un de : Comité des fêtes, Mairie, Association" in page
    good = text.replace(";genre", "").replace(";\n", "\n").rsplit("\n", 2)[0]
    page = text_of(organiser_client.post(address, data={"file": (io.BytesIO(good.encode()), "x.csv")}))
    found = re.search(r'name="fichier" value="([^"]+)"', page)
    assert found is not None
    assert organiser_client.post(f"{address}/confirmer", data={"fichier": found[1][:-2]}).status_code == 400
    done = organiser_client.post(f"{address}/confirmer", data={"fichier": found[1]}, follow_redirects=True)
    assert "1 mise à jour." in text_of(done)
    session.refresh(host)
    assert host.name == "Les Pompiers"
    assert host.saved_by.endswith("@example.org")
    again = organiser_client.post(f"{address}/confirmer", data={"fichier": found[1]})
    assert again.status_code == 409
    assert "Les fiches ont changé depuis l’aperçu." in text_of(again)
    assert organiser_client.post(address, data={}).status_code == 400


def test_a_tour_s_list_is_written_out_with_its_filters(organiser_client: FlaskClient, tour: Tour) -> None:
    """What the list shows is what the file holds."""
    out = organiser_client.get(f"{BASE}/registre/communes/export.csv?cherche=curel").data.decode("utf-8-sig")
    assert out.splitlines()[0].startswith("code INSEE;commune;code postal;version;soirées")
    assert [line.split(";")[1] for line in out.splitlines()[1:]] == ["Curel"]


def test_duplicates_are_read_side_by_side_and_merged(
    organiser_client: FlaskClient, session: Session, tour: Tour
) -> None:
    """Proposed with why, chosen field by field; the one put aside leads to the one that stands for it."""
    kept = session.scalars(select(Committee)).one()
    kept.name = "Comité des fêtes"
    other = make.make_committee(session, commune=kept.commune, name="Comité des Fetes", notes="Clé à la mairie")
    session.commit()
    address = f"/organisation/registre/comites/fusion/{kept.id}/{other.id}"
    page = text_of(organiser_client.get("/organisation/registre/comites/doublons"))
    assert address in page
    assert "noms proches, même village" in page
    assert "Clé à la mairie" in text_of(organiser_client.get(address))
    stale = organiser_client.post(address, data={"version": 1, "other_version": 1})
    assert "Rien n’est encore enregistré." in text_of(stale)
    chosen = {"version": 2, "other_version": 1, "c-notes": "other", "c-name": "kept"}
    done = text_of(organiser_client.post(address, data=chosen, follow_redirects=True))
    assert "Les deux fiches n’en font plus qu’une." in done
    session.expire_all()
    assert (kept.name, kept.notes) == ("Comité des fêtes", "Clé à la mairie")
    assert f'/organisation/comites/{kept.id}">Comité des fêtes' in text_of(
        organiser_client.get(f"/organisation/comites/{other.id}")
    )
    assert "Aucune fiche ne ressemble à une autre." in text_of(
        organiser_client.get("/organisation/registre/contacts/doublons")
    )
    first = session.scalars(select(Contact)).one()
    twin = make.make_contact(session, committee=first.committee, name="Jeanne Petit", email="j@example.org")
    session.commit()
    address = f"/organisation/registre/contacts/fusion/{first.id}/{twin.id}"
    done = text_of(
        organiser_client.post(
            address, data={"version": first.version, "other_version": 1, "c-email": "other"}, follow_redirects=True
        )
    )
    assert "Jeanne Petit" in done
    session.refresh(first)
    assert first.email == "j@example.org"
