"""Each list of the registry asks the database as often for forty rows as for three."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Tour
from tests import factories as make

PAGES = (
    *("comites", "contacts", "emplacements", "salles", "vehicules", "tournees/ete/communes"),
    *("comites?archives=1", "contacts?cherche=a", "tournees/ete/communes?manque=contact&reponse=non"),
    *("tournees/ete/reponses", "tournees/ete/reponses/appels", "tournees/ete/reponses/sans-date"),
    *("registre/comites/doublons", "registre/contacts/doublons", "registre/comites/export.csv"),
    *("registre/contacts/export.csv", "tournees/ete/registre/communes/export.csv"),
)


def _grow(session: Session, tour: Tour, vault: Vault, count: int) -> None:
    for _ in range(count):
        commune = make.make_commune(session)
        for archived in (None, make.NOW):
            host = make.make_committee(session, commune=commune, archived_at=archived)
            make.make_contact(session, committee=host, phone_encrypted=vault.encrypt("+33639980012"))
        places = {
            "pitch": make.make_pitch(session, commune=commune),
            "fallback_venue": make.make_hall(session, commune=commune),
            "permit_holder": host,
        }
        make.make_request(session, tour=tour, commune=commune, vehicles=[make.make_vehicle(session)], **places)
    session.commit()


@pytest.mark.parametrize("page", PAGES)
def test_a_longer_list_takes_no_more_queries(
    organiser_client: FlaskClient, session: Session, vault: Vault, queries: list[str], page: str
) -> None:
    """No query per row, whatever is shown of it."""
    tour = make.make_tour(session, slug="ete")
    counts = []
    for more in (3, 37):
        _grow(session, tour, vault, more)
        queries.clear()
        assert organiser_client.get(f"/organisation/{page}").status_code == 200
        counts.append(len(queries))
    assert counts[1] == counts[0]
