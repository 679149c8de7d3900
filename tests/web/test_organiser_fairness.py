"""The ledger on its page: shown, adjusted, confirmed; past seasons imported."""

import datetime as dt
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import PastSeason, Tour
from tests import factories as make

EQUITE = "/organisation/tournees/ete/equite"
FILE = "saison;date;code INSEE;demandées;obtenues\nÉté 2026;31/08/2026;10001;2;0\nÉté 2026;31/08/2026;99999;1;1\n"


@pytest.fixture
def tour(session: Session) -> Tour:
    """Vignory and Poissons ask for a summer."""
    epci = make.make_epci(session, name="CA de Chaumont")
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[dt.date(2027, 7, 2)])
    for insee, name in (("10001", "Vignory"), ("10002", "Poissons")):
        make.make_request(session, tour=tour, commune=make.make_commune(session, insee=insee, name=name, epci=epci))
    session.commit()
    return tour


def upload(text: str = FILE, name: str = "saisons.csv") -> dict[str, object]:
    """Return the form with a file."""
    return {"file": (io.BytesIO(text.encode()), name)}


def test_nothing_is_known(organiser_client: FlaskClient, tour: Tour) -> None:
    """The page says so, and where past seasons come in."""
    page = organiser_client.get(EQUITE).text
    assert "Aucune saison passée n’est connue" in page
    assert "première participation" in page


def test_past_seasons_come_in_and_become_priorities(
    organiser_client: FlaskClient, tour: Tour, session: Session
) -> None:
    """File, preview with what is wrong, confirmation, proposal, confirmation of that: the request has its priority."""
    assert "Fichier CSV ou XLSX" in organiser_client.get(f"{EQUITE}/import").text
    preview = organiser_client.post(f"{EQUITE}/import", data=upload()).text
    assert "Aucune commune n’a le code 99999" in preview
    assert session.scalars(select(PastSeason)).all() == []
    carried = preview.split('name="fichier" value="')[1].split('"')[0]
    there = organiser_client.post(f"{EQUITE}/import/confirmer", data={"fichier": carried}).location
    assert there == EQUITE

    page = organiser_client.get(EQUITE).text
    assert "1 ligne est entrée au registre." in page
    assert "Été 2026\u00a0: 0 sur 2" in page
    assert page.index("Vignory") < page.index("Poissons")
    versions = {row.commune_insee: row.version for row in tour.requests}
    form = {f"version-{insee}": str(version) for insee, version in versions.items()}
    form |= {"priorite-10001": "20", "priorite-10002": "12"}
    organiser_client.post(EQUITE, data=form)
    assert "2 priorités ont changé." in organiser_client.get(EQUITE).text
    session.expire_all()
    assert {row.commune_insee: row.priority for row in tour.requests} == {"10001": 20, "10002": 12}

    stale = organiser_client.post(EQUITE, data=form | {"priorite-10001": "30"})
    assert stale.status_code == 409
    assert "Quelqu’un a modifié la demande de Vignory" in stale.text
    assert 'value="30"' in stale.text  # what was typed is not lost


def test_a_priority_that_is_none(organiser_client: FlaskClient, tour: Tour) -> None:
    """A sentence, and nothing is written."""
    response = organiser_client.post(EQUITE, data={"priorite-10001": "beaucoup", "version-10001": "1"})
    assert "La priorité va de 1 à 100." in response.text


def test_a_tour_without_villages(organiser_client: FlaskClient, session: Session) -> None:
    """Says what comes first."""
    make.make_tour(session, slug="vide")
    session.commit()
    assert "Aucun village ne participe encore." in organiser_client.get("/organisation/tournees/vide/equite").text


def test_a_file_that_cannot_be_used(organiser_client: FlaskClient, tour: Tour, session: Session) -> None:
    """No file, no table, an old preview, a preview that is no longer true: each says so."""
    assert "Choisissez un fichier." in organiser_client.post(f"{EQUITE}/import").text
    assert "«\u00a0saison\u00a0»" in organiser_client.post(f"{EQUITE}/import", data=upload("commune\nVignory\n")).text
    expired = organiser_client.post(f"{EQUITE}/import/confirmer", data={"fichier": "x"})
    assert "Cet aperçu a expiré" in expired.text
    preview = organiser_client.post(f"{EQUITE}/import", data=upload()).text
    carried = preview.split('name="fichier" value="')[1].split('"')[0]
    make.make_tour(session, name="Été 2026")
    session.commit()
    assert organiser_client.post(f"{EQUITE}/import/confirmer", data={"fichier": carried}).status_code == 409


def test_a_template_to_fill_in(organiser_client: FlaskClient, tour: Tour) -> None:
    """With the mark by which Excel knows UTF-8."""
    assert organiser_client.get(f"{EQUITE}/import/modele.csv").data.startswith(b"\xef\xbb\xbfsaison;")
