"""The import of a list of communes: what is shown, what is written (guinguette/web/organiser/imports.py)."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.models import CommuneRequest, Tour
from tests import factories as make

IMPORT = "/organisation/tournees/ete/import"


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour that nobody takes part in, and Saint-Dizier."""
    make.make_commune(session, insee="52448", name="Saint-Dizier", postcodes="52100")
    tour = make.make_tour(session, slug="ete", vehicles=[make.make_vehicle(session)])
    session.commit()
    return tour


def text_of(response: TestResponse) -> str:
    """Return a page's text with plain spaces."""
    return response.get_data(as_text=True).replace("\u00a0", " ")


def upload(client: FlaskClient, text: str, encoding: str = "utf-8") -> str:
    """Send a file to the import and return the page that answers."""
    return text_of(_sent(client, text, encoding))


def _sent(client: FlaskClient, text: str, encoding: str = "utf-8") -> TestResponse:
    data = {"file": (io.BytesIO(text.encode(encoding)), "communes.csv")}
    return client.post(IMPORT, data=data)


def carried(page: str) -> str:
    """Return the signed file of a preview."""
    found = re.search(r'name="fichier"\s+value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_list_is_previewed_then_written(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """Every row with its faults first; nothing written before the confirmation."""
    make.make_commune(session, insee="52182", name="Éclaron", postcodes="52290")
    make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52182"), evenings=1)
    session.commit()
    page = upload(organiser_client, "commune;cp;soirées\nSaint-Dizier;52100;2\nÉclaron;52290;3\nIci;1;x\n", "cp1252")
    assert "ligne 4" in page
    assert "« x » n’est pas un nombre entier" in page
    assert "Aucune commune ne s’appelle « Ici »." in page
    assert len(session.scalars(select(CommuneRequest)).all()) == 1
    confirmed = organiser_client.post(
        f"{IMPORT}/confirmer",
        data={"fichier": carried(page), "mettre_a_jour": "1"},
        follow_redirects=True,
    )
    assert "1 commune ajoutée. 1 mise à jour." in text_of(confirmed)
    session.expire_all()
    asked = {row.commune_insee: row.evenings for row in session.scalars(select(CommuneRequest))}
    assert asked == {"52448": 2, "52182": 3}


def test_only_what_was_shown_is_written(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """A changed file is refused by its signature, a changed tour by its fingerprint, and shown anew."""
    page = upload(organiser_client, "insee\n52448\n")
    forged = {"fichier": carried(page)[:-3] + "AAA"}
    answer = organiser_client.post(f"{IMPORT}/confirmer", data=forged)
    assert answer.status_code == 400
    assert "choisissez de nouveau" in text_of(answer)
    make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"))
    session.commit()
    answer = organiser_client.post(f"{IMPORT}/confirmer", data={"fichier": carried(page)})
    assert answer.status_code == 409
    again = text_of(answer)
    assert "La tournée a changé depuis l’aperçu." in again
    assert "participe déjà" in again
    other = make.make_tour(session, slug="hiver")
    session.commit()
    elsewhere = organiser_client.post("/organisation/tournees/hiver/import/confirmer", data={"fichier": carried(again)})
    assert "choisissez de nouveau" in text_of(elsewhere)
    assert other.requests == []


def test_ten_thousand_rows_travel(app: Flask, organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """The longest list there may be still fits in the confirming form, whose CSRF field is read before the view."""
    lines = "\n".join(f"{number:05};{number * 7919 % 99991};remarque {number * 104729}" for number in range(9_999))
    page = upload(organiser_client, f"insee;cp;remarques\n{lines}\n52448;52100;la bonne\n")
    app.config["WTF_CSRF_ENABLED"] = True
    form = organiser_client.get(IMPORT).get_data(as_text=True)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', form)[0]
    confirmed = organiser_client.post(
        f"{IMPORT}/confirmer",
        data={"fichier": carried(page), "csrf_token": token},
        headers={"Referer": "http://localhost/"},
    )
    assert len(carried(page)) > 100_000
    assert confirmed.status_code == 302
    assert [row.notes for row in session.scalars(select(CommuneRequest))] == ["la bonne"]


def test_a_long_list_is_shown_in_part_and_written_whole(
    organiser_client: FlaskClient, session: Session, tour: Tour
) -> None:
    """Two thousand rows: what is wrong comes first, all of it, folded; rows without a remark are counted."""
    for number in range(120):
        make.make_commune(session, insee=f"{10_000 + number}", name=f"Village {number}")
    make.make_commune(session, insee="97502", name="Saint-Pierre", lat=None, lon=None)
    session.commit()
    wrong = "\n".join(f"{number:05}" for number in range(1_880))
    right = "\n".join(str(10_000 + number) for number in range(120))
    page = upload(organiser_client, f"insee\n{right}\n{wrong}\n97502\n")
    assert page.index("À corriger : 1880") < page.index("Nouveaux : 121")
    assert page.count("Aucune commune n’a le code") == 1_880
    assert "Lire les 1830 autres" in page
    assert "Position inconnue" in page
    assert "Et 71 autres lignes, sans remarque." in page
    assert page.count("<b>Village") == 49
    organiser_client.post(f"{IMPORT}/confirmer", data={"fichier": carried(page)})
    assert len(session.scalars(select(CommuneRequest)).all()) == 121


@pytest.mark.parametrize("text", ["", "PK\x03\x04", "a;b\n1;2\n", "insee\n"])
def test_a_file_that_is_no_list_is_refused(organiser_client: FlaskClient, tour: Tour, text: str) -> None:
    """With a sentence and the status of a refusal, and nothing written."""
    answer = _sent(organiser_client, text)
    assert answer.status_code == 400
    assert "Rien n’est encore enregistré." in text_of(answer)


def test_no_file_at_all(organiser_client: FlaskClient, tour: Tour) -> None:
    """Forgetting the file is a sentence."""
    missing = organiser_client.post(IMPORT, data={})
    assert missing.status_code == 400
    assert "Choisissez un fichier." in text_of(missing)


def test_the_template_can_be_downloaded(organiser_client: FlaskClient, tour: Tour) -> None:
    """With the mark by which a spreadsheet knows UTF-8."""
    answer = organiser_client.get(f"{IMPORT}/modele.csv")
    assert answer.data.startswith(b"\xef\xbb\xbfcode INSEE;")
    assert "attachment" in answer.headers["Content-Disposition"]
