"""The letters of an evening at the desk (guinguette/web/organiser/letters.py)."""

import datetime as dt

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import factories as make

PAGE = "/organisation/soirees/vignory1"


def test_the_desk_has_the_villages_list_and_its_letters(organiser_client: FlaskClient, session: Session) -> None:
    """What the village prepares stands once on the page; each letter opens and leaves as text."""
    commune = make.make_commune(session, name="Vignory")
    make.make_evening(session, id="vignory1", commune=commune, date=dt.date(2027, 7, 17))
    session.commit()
    page = organiser_client.get(PAGE).text
    assert "Ce que le village prépare" in page
    assert page.count("Déclarer l’occupation de la voie publique</a>") == 1
    assert page.count("Prévoir tables, bancs et barrières</a>") == 1
    assert f"{PAGE}/courriers/voie" in page
    letter = organiser_client.get(f"{PAGE}/courriers/voie").text
    assert "L211-2" in letter
    sent = {"sender": "Mairie", "subject": "fête", "body": "Bonjour."}
    answer = organiser_client.post(f"{PAGE}/courriers/voie/lettre.txt", data=sent)
    assert answer.text == "Mairie\n\nObjet\u00a0: fête\n\nBonjour.\n"
    assert "Ce champ est à remplir." in organiser_client.post(f"{PAGE}/courriers/voie/lettre.pdf", data={}).text
