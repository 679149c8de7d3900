"""Which answers depend on the visitor's cookie."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Evening
from tests import factories


@pytest.fixture
def evening(session: Session) -> Evening:
    """A published evening."""
    evening = factories.make_evening(session)
    factories.make_publication(session, tour=evening.tour, evenings=[evening])
    session.commit()
    return evening


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize("path", ["/", "/en/", "/carte", "/carte/document", "/mentions-legales", "/agenda.ics"])
def test_what_everybody_sees_alike_may_be_kept_for_all(
    client: FlaskClient, organiser_client: FlaskClient, path: str
) -> None:
    """No ``Vary: Cookie`` and no cookie, not even for an organiser, who sees the same bytes."""
    organiser_client.get("/organisation/")  # the session knows this browser now
    answers = [visitor.get(path) for visitor in (client, organiser_client)]
    for answer in answers:
        assert answer.status_code == 200
        assert "Cookie" not in answer.vary
        assert "Set-Cookie" not in answer.headers
    if path != "/carte/document":  # a nonce of its own each time
        assert answers[0].data == answers[1].data


def test_what_is_somebody_s_own_is_not(client: FlaskClient, organiser_client: FlaskClient) -> None:
    """A form has a secret of its visitor's, the organiser's pages are the organiser's."""
    assert "Cookie" in client.get("/connexion").vary
    assert "Cookie" in organiser_client.get("/organisation/").vary


def test_what_is_said_once_is_said_once(client: FlaskClient) -> None:
    """A message left for the next page shows there, and only there."""
    with client.session_transaction() as session:
        session["_flashes"] = [("ok", "C’est fait.")]
    first = client.get("/")
    assert "C’est fait." in first.text
    assert "Cookie" in first.vary
    assert "C’est fait." not in client.get("/").text
