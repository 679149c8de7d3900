"""What axe and a ruler say of the organiser's pages, on a phone."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import DateOption, DoneTask, EveningChange, UnservedWish, VisitRequest
from tests import factories as make
from tests.e2e.faults import faults_of, needs_axe
from tests.fakes import NOW

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]

PAGES = (
    "", "tournees/nouvelle", "tournees/archives", "tournees/ete", "tournees/ete/modifier", "tournees/ete/dates",
    "tournees/ete/vehicules", "tournees/ete/vehicules/lucette", "tournees/ete/financements", "tournees/ete/communes",
    "tournees/ete/communes/52182", "tournees/ete/communes/52182/disponibilites", "tournees/ete/import",
    "tournees/ete/plan", "tournees/ete/plan?vue=liste", "plans/1/publier", "tournees/ete/soirees",
    "tournees/ete/saison", "plans/1/soirees/52182/2027-07-02", "plans/1/soirees/52182/2027-07-02?vers=2027-07-09:1",
    "tournees/ete/soirees?etat=att", "soirees/annulee1", "soirees/option01", "soirees/option01/annuler",
    "soirees/option01/programme", "soirees/sure0001/reporter", "communes?q=eclaron", "communes/52182", "comites",
    "comites/1", "comites?archives=1", "contacts", "contacts/1", "emplacements?manque=position", "salles",
    "emplacement/1", "registre/comites/doublons", "registre/contacts/import", "vehicules", "vehicules/lucette",
    "regles", "regles/reminder_hour", "nulle-part", "tournees/ete/options", "tournees/ete/options?etat=refusees",
    "tournees/ete/echeances", "tournees/ete/historique", "agenda", "soirees/option01/reponse",
    "soirees/option02/option", "soirees/option01/courriers/arrete", "messages/textes", "messages/textes/reminder/fr",
    "tournees/ete/reponses", "tournees/ete/reponses/demander", "tournees/ete/reponses/appels",
    "tournees/ete/reponses/sans-date", "demandes", "demandes/1",
    "tournees/ete/feuilles-de-route", "tournees/ete/feuilles-de-route/2027-07-02/lucette",
)  # fmt: skip
#: Those that together show every colour.
AT_NIGHT = (
    "", "tournees/nouvelle", "tournees/ete", "tournees/ete/communes/52182/disponibilites", "tournees/ete/import",
    "tournees/ete/plan", "tournees/ete/saison", "tournees/ete/soirees", "soirees/annulee1", "soirees/option01",
    "communes/52182", "tournees/ete/options", "tournees/ete/echeances", "tournees/ete/historique", "agenda",
    "messages/textes/reminder/en", "tournees/ete/feuilles-de-route/2027-07-02/lucette",
)  # fmt: skip


@pytest.fixture
def _season(session: Session, vault: Vault) -> None:
    """A tour online, its plan, an evening in each state that changes the page, a committee with somebody to ring."""
    days = [dt.date(2027, 7, day) for day in (2, 3, 9, 10, 16)]
    van = make.make_vehicle(session, name="Lucette", slug="lucette")
    tour = make.make_tour(session, slug="ete", name="Tournée de l’été 2027", dates=days, vehicles=[van])
    commune = make.make_commune(session, insee="52182", name="Éclaron-Braucourt-Sainte-Livière")
    phone = vault.encrypt("+33639980012")
    make.make_contact(session, committee=make.make_committee(session, commune=commune), phone_encrypted=phone)
    pitch, hall = make.make_pitch(session, commune=commune), make.make_hall(session, commune=commune)
    make.make_request(session, tour=tour, commune=commune)
    shared = {"tour": tour, "commune": commune, "vehicle": van, "pitch": pitch, "fallback_venue": hall}
    evenings = [
        make.make_evening(session, id="sure0001", date=days[0], **shared),
        make.make_evening(session, id="option01", date=days[1], state="option", **shared),
        make.make_evening(session, id="option02", date=days[3], state="option", artists="Les Zinzins", **shared),
        make.make_evening(session, id="option03", date=days[4], state="cancelled", **shared),
        make.make_evening(session, id="annulee1", date=days[2], state="cancelled", change_note="Orages.", **shared),
    ]
    for evening, state, by in ((evenings[1], "sent", ""), (evenings[3], "refused", "téléphone de Mme Petit")):
        asked = {"date": evening.date, "expires_on": dt.date(2027, 6, 11), "sent_at": NOW, "sent_by": "x"}
        session.add(DateOption(evening=evening, state=state, answered_by=by, closed_at=NOW if by else None, **asked))
    tour.answer_by, tour.nudge_days = dt.date(2027, 6, 30), [7, 2]
    silent = make.make_commune(session, name="Droyes")
    make.make_contact(session, committee=make.make_committee(session, commune=silent), email="m@droyes.example")
    make.make_request(session, tour=tour, commune=silent)
    session.add(VisitRequest(commune=silent, name="Jeanne Petit", wish="En juin.", address_hash="h", created_at=NOW))
    session.add(DoneTask(evening=evenings[0], kind="road", done_at=NOW, done_by="o@example.org"))
    evenings[1].history.append(EveningChange(at=NOW, actor="x", what="option", new="2027-06-11"))
    plan = make.make_plan(session, tour=tour, evenings=[(commune, day, van) for day in days])
    plan.unserved = [UnservedWish(commune=silent, missing=1)]
    make.make_publication(session, tour=tour, evenings=evenings, plan_id=plan.id)
    session.commit()


@needs_axe
@pytest.mark.usefixtures("_season")
@pytest.mark.parametrize(("scheme", "paths"), [("light", PAGES), ("dark", AT_NIGHT)], ids=["by day", "by night"])
def test_axe_finds_nothing(
    organiser_client: FlaskClient, browser: Browser, address: str, scheme: str, paths: tuple[str, ...]
) -> None:
    """No violation on any page of the desk, by day and by night, and nothing too small or too wide for a finger."""
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme, base_url=address)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.route("https://data.geopf.fr/**", lambda route: route.abort())
    assert faults_of(page, [f"/organisation/{path}" for path in paths]) == {}
    context.close()
