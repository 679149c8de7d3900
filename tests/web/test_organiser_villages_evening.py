"""What an evening's page shows of its village, at the desk: its list, its letters, its story told on the telephone."""

import datetime as dt

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import EveningReport
from tests import factories as make
from tests.fakes import FixedClock

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


def test_a_story_told_on_the_telephone_is_written_down(
    organiser_client: FlaskClient, session: Session, clock: FixedClock
) -> None:
    """Marked with whose it is and how it came; offered only once the evening is over."""
    evening = make.make_evening(session, id="vignory1", date=dt.date(2027, 6, 19))
    make.make_contact(session, committee=make.make_committee(session, commune=evening.commune))
    session.commit()
    assert f"{PAGE}/recit" not in organiser_client.get(PAGE).text
    clock.set(dt.datetime(2027, 6, 20, 8, tzinfo=dt.UTC))
    assert f"{PAGE}/recit" in organiser_client.get(PAGE).text
    assert "téléphone de Jeanne Petit" in organiser_client.get(f"{PAGE}/recit").text
    sent = {"version": "0", "told_by": "téléphone de Mme Petit", "attendance": "120", "word": "Du monde."}
    assert organiser_client.post(f"{PAGE}/recit", data=sent).location == f"{PAGE}#apres"
    page = organiser_client.get(PAGE).text
    assert "Reçu par téléphone de Mme Petit" in page
    assert "120 personnes" in page
    assert session.get_one(EveningReport, "vignory1").how == "phone"
    assert "a raconté la soirée entre-temps" in organiser_client.post(f"{PAGE}/recit", data=sent).text
