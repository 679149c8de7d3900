"""A tour's communes: who takes part, what each asks, its answer."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import CommuneRequest, Fete, Tour
from tests import factories as make
from tests.fakes import NOW

DAY, OTHER = dt.date(2027, 7, 2), dt.date(2027, 7, 3)
BASE = "/organisation/tournees/ete/communes"
ASKED = {"evenings": "2", "min_days_between": "30", "priority": "5"}


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour of two dates that nobody takes part in, and Saint-Dizier."""
    make.make_commune(session, insee="52448", name="Saint-Dizier", postcodes="52100")
    tour = make.make_tour(session, slug="ete", name="Été", dates=[DAY, OTHER], vehicles=[make.make_vehicle(session)])
    session.commit()
    return tour


def text_of(response: object) -> str:
    """Return a page's text with plain spaces."""
    return response.get_data(as_text=True).replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]


def test_a_commune_is_found_and_added(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """Searched by name, added with one button; a second time is told."""
    found = text_of(organiser_client.get(f"{BASE}?q=st+diz"))
    assert f"{BASE}/52448/ajouter" in found
    answer = organiser_client.post(f"{BASE}/52448/ajouter", follow_redirects=True)
    assert "Saint-Dizier participe à la tournée." in text_of(answer)
    assert "participe déjà" in text_of(organiser_client.get(f"{BASE}?q=52100"))
    assert organiser_client.post(f"{BASE}/52448/ajouter").status_code == 409
    assert len(session.scalars(select(CommuneRequest)).all()) == 1


def test_htmx_gets_the_results_alone(organiser_client: FlaskClient, tour: Tour) -> None:
    """A fragment while typing, the whole page with the button."""
    for path in (BASE, "/organisation/communes"):
        fragment = text_of(organiser_client.get(f"{path}?q=dizier", headers={"HX-Request": "true"}))
        assert "Saint-Dizier" in fragment
        assert "<html" not in fragment
    assert "Aucune commune ne répond" in text_of(organiser_client.get("/organisation/communes?q=zzz"))


def test_a_request_is_changed(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """Wishes, places, permit holder and needs are kept as chosen."""
    row = make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"))
    hall, holder = make.make_hall(session, commune=row.commune), make.make_committee(session, commune=row.commune)
    session.commit()
    assert "Salle des fêtes" in text_of(organiser_client.get(f"{BASE}/52448"))
    choice = {"fallback_venue_id": hall.id, "permit_holder_id": holder.id, "pitch_id": "", "needs": ["stage"]}
    answer = organiser_client.post(f"{BASE}/52448", data={**ASKED, **choice, "version": 1}, follow_redirects=True)
    assert "C’est enregistré pour Saint-Dizier." in text_of(answer)
    session.refresh(row)
    assert (row.evenings, row.min_days_between, row.priority, row.needs) == (2, 30, 5, ["stage"])
    assert (row.fallback_venue_id, row.permit_holder_id, row.pitch_id) == (hall.id, holder.id, None)
    refused = organiser_client.post(f"{BASE}/52448", data={**ASKED, "evenings": "deux", "version": 2})
    assert "Écrivez un nombre entier de 1 à 20." in text_of(refused)


def test_a_holder_from_elsewhere_stays_on_offer(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """A permit holder put aside or of another commune is not lost by saving the page."""
    holder = make.make_committee(session, archived_at=NOW)
    make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"), permit_holder=holder)
    session.commit()
    assert holder.name in text_of(organiser_client.get(f"{BASE}/52448"))


def test_a_commune_leaves_and_comes_back(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """Its request is kept, listed as taken out, and restored as it was."""
    row = make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"), evenings=3)
    session.commit()
    organiser_client.post(f"{BASE}/52448/retirer", data={"version": 1})
    organiser_client.get("/organisation/")  # reads what was flashed
    assert "Saint-Dizier" not in text_of(organiser_client.get(BASE))
    assert "Saint-Dizier" in text_of(organiser_client.get(f"{BASE}?archives=1"))
    assert "Ce village ne participe plus." in text_of(organiser_client.get(f"{BASE}/52448"))
    organiser_client.post(f"{BASE}/52448/restaurer", data={"version": 2})
    session.refresh(row)
    assert (row.archived_at, row.evenings) == (None, 3)


def test_an_answer_is_typed_and_cleared(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """Received by telephone from somebody named, day by day; and back to no answer."""
    row = make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"))
    session.commit()
    assert "tous les jours comptent comme possibles" in text_of(organiser_client.get(f"{BASE}/52448/disponibilites"))
    answer = {"answered_by": "Mme Petit", f"jour-{DAY}": "if_need_be", f"jour-{OTHER}": "", "version": 1}
    told = organiser_client.post(f"{BASE}/52448/disponibilites", data=answer, follow_redirects=True)
    assert "Reçu par téléphone de Mme Petit, mercredi 9 juin à 12 h." in text_of(told)
    assert 'value="Mme Petit"' in text_of(told)
    session.expire_all()
    assert {each.date: each.level for each in row.availabilities} == {DAY: "if_need_be"}
    organiser_client.post(f"{BASE}/52448/effacer-reponse", data={"version": 2})
    session.expire_all()
    assert (row.answered_at, row.availabilities) == (None, [])


def test_an_answer_needs_a_name_and_a_fresh_page(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """What was tapped is shown again; after a conflict the days that differ are named."""
    row = make.make_request(
        session, tour=tour, commune=session.get_one(make.Commune, "52448"), availabilities={DAY: "no"}
    )
    session.commit()
    address = f"{BASE}/52448/disponibilites"
    nameless = organiser_client.post(address, data={"answered_by": "", f"jour-{DAY}": "yes", "version": 1})
    assert "Ce champ est à remplir." in text_of(nameless)
    assert ">Pas encore enregistré<" in text_of(nameless)
    assert re.search(r'value="yes"[^>]*checked', text_of(nameless))
    stale = organiser_client.post(address, data={"answered_by": "M. Grand", f"jour-{DAY}": "yes", "version": 0})
    assert "vendredi 2 juillet</b> : enregistré « non », vous avez « oui »" in text_of(stale)
    seen = re.search(r'name="seen" value="([^"]+)"', text_of(organiser_client.get(address)))
    assert seen is not None
    mine = {"answered_by": "M. Grand", f"jour-{DAY}": "yes", "version": 0, "seen": seen[1]}
    assert "enregistré «" not in text_of(organiser_client.post(address, data=mine))
    session.refresh(row)
    assert row.availabilities[0].level == "no"


def test_a_week_of_answers_in_one_gesture(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """The week's button fills its days and saves nothing, even before a name is typed."""
    make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"))
    session.commit()
    week = {"semaine": "2027-07-01_2027-07-04_if_need_be", "version": 1}
    filled = text_of(organiser_client.post(f"{BASE}/52448/disponibilites", data=week))
    assert len(re.findall(r'value="if_need_be"[^>]*checked', filled)) == 2
    assert "Pas encore enregistré" in filled
    assert "Ce champ est à remplir." not in filled


def test_who_answered_by_which_way(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """A link is no telephone: its host is named, and not offered as the one who rang. The fête is on the calendar."""
    row = make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"), availabilities={})
    row.answered_by, row.answered_how = "lien de Jeanne Petit", "link"
    session.add(Fete(commune_insee="52448", name="Fête patronale", first=DAY, last=DAY))
    session.commit()
    for page in ("52448", "52448/disponibilites"):
        assert "Reçu par le lien de Jeanne Petit" in text_of(organiser_client.get(f"{BASE}/{page}"))
    page = text_of(organiser_client.get(f"{BASE}/52448/disponibilites"))
    assert "Vendredi 2 juillet</b> : Fête patronale" in page
    assert 'value="lien de' not in page
    assert "Tant que le village n’a pas fini, un jour sans réponse compte comme possible." in page
    call = {f"jour-{DAY}": "yes", "answered_by": "Mme Petit", "version": row.version}
    organiser_client.post(f"{BASE}/52448/disponibilites", data=call)
    session.refresh(row)
    assert (row.answered_by, row.answered_how) == ("téléphone de Mme Petit", "phone")
    assert [each.given_at for each in row.availabilities] == [NOW]
    page = text_of(organiser_client.get(f"{BASE}/52448/disponibilites"))
    assert "Un jour sans réponse compte comme « non »." in page
