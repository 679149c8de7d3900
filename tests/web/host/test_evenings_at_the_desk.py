"""What the desk sees of a village's own answers, and does with them."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Agreement, Evening
from tests.web.host.conftest import NEXT, SATURDAY, HostAtHome, read


def test_the_association_reads_what_was_agreed(
    host: HostAtHome, evening: Evening, organiser_client: FlaskClient
) -> None:
    """By which way, with the sheet."""
    host.post("soirees/eclaron1/oui", data=read(host))
    page = organiser_client.get("/organisation/soirees/eclaron1").text
    assert "acceptée par Jeanne Petit par son lien" in page
    assert organiser_client.get("/organisation/soirees/eclaron1/accord-1.pdf").mimetype == "application/pdf"
    assert organiser_client.get("/organisation/soirees/eclaron1/accord-2.pdf").status_code == 404
    assert "Par son lien\u00a0: Jeanne Petit" in organiser_client.get("/organisation/tournees/ete/options").text


@pytest.mark.parametrize(("move", "state"), [("prendre", "confirmed"), ("sans-suite", "cancelled")])
def test_the_association_takes_the_day_offered_or_not(
    host: HostAtHome, evening: Evening, session: Session, organiser_client: FlaskClient, move: str, state: str
) -> None:
    """From the list of options, after reading whom it tells."""
    data = {"version": evening.version, "day": NEXT.isoformat()}
    host.post("soirees/eclaron1/autre-jour", data=data)
    page = organiser_client.get("/organisation/tournees/ete/options").text
    assert "Le village propose le samedi 24\u00a0juillet." in page
    address = f"/organisation/soirees/eclaron1/{move}"
    assert address in page
    assert "Jeanne Petit propose le samedi 24\u00a0juillet" in organiser_client.get(address).text
    session.expire_all()
    fields = {"version": evening.version, "confirmed": "1"}
    assert organiser_client.post(address, data=fields, follow_redirects=True).status_code == 200
    session.expire_all()
    assert evening.state == state
    assert evening.date == (NEXT if move == "prendre" else SATURDAY)


def test_what_has_changed_is_agreed_on_the_telephone_too(
    host: HostAtHome, evening: Evening, session: Session, organiser_client: FlaskClient
) -> None:
    """An organiser writes it down, with who said so; without a name nothing is kept."""
    host.post("soirees/eclaron1/oui", data=read(host))
    session.expire_all()
    evening.ends_at = dt.time(23)
    session.commit()
    address = "/organisation/soirees/eclaron1"
    assert 'value="téléphone de Jeanne Petit"' in organiser_client.get(address).text
    for who, expected in (("", "Dites qui a répondu"), ("téléphone de Jeanne Petit", "L’accord est noté.")):
        data = {"version": evening.version, "answered_by": who}
        assert expected in organiser_client.post(f"{address}/accord", data=data, follow_redirects=True).text
    second = session.scalars(select(Agreement).filter_by(number=2)).one()
    assert (second.how, second.agreed_by, second.terms["ends_at"]) == ("phone", "téléphone de Jeanne Petit", "23:00:00")
    assert "Depuis, ceci a changé" not in organiser_client.get(address).text
