"""The organiser's tours: list, opening, page, settings, dates, vans, fundings, archives."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Tour
from guinguette.services import tours
from tests import factories as make
from tests.fakes import NOW

NEW = {
    "name": "Tournée du Der",
    "season": "summer",
    "first": "2027-07-01",
    "last": "2027-07-31",
    "weekdays": ["4", "5"],
    "starts_at": "18:00",
    "ends_at": "22:00",
    "separation_metres": "8,5",
    "separation_days": "2",
}


def page(client: FlaskClient, path: str) -> str:
    """Return the text of an organiser's page that answers 200, with plain spaces."""
    response = client.get(f"/organisation{path}")
    assert response.status_code == 200
    return response.get_data(as_text=True).replace("\u00a0", " ")


def test_the_pages_are_the_organiser_s(client: FlaskClient, session: Session) -> None:
    """Nobody reads them without signing in."""
    for path in ("/", "/tournees/nouvelle", "/communes", "/comites", "/emplacements", "/vehicules", "/regles"):
        assert client.get(f"/organisation{path}").status_code == 302


def test_an_empty_office_says_how_to_begin(organiser_client: FlaskClient) -> None:
    """The first page a new association sees."""
    assert "Ouvrez la première" in page(organiser_client, "/")
    assert "archives sont vides" in page(organiser_client, "/tournees/archives")


def test_the_list_gives_each_tour_one_next_step(organiser_client: FlaskClient, session: Session) -> None:
    """Its state in words and one link."""
    make.make_tour(session, name="Sans camion")
    tour = make.make_tour(
        session, name="Sans réponse", dates=[dt.date(2027, 7, 2)], vehicles=[make.make_vehicle(session)]
    )
    make.make_request(session, tour=tour)
    make.make_tour(session, name="Rangée", archived_at=NOW)
    session.commit()
    text = page(organiser_client, "/")
    assert "Choisir les véhicules" in text
    assert "1 village n’a pas répondu." in text
    assert "Rangée" not in text
    assert "Rangée" in page(organiser_client, "/tournees/archives")


@pytest.mark.parametrize(
    ("query", "name", "ticked"),
    [("", "Tournée de l’hiver 2027-2028", 2), ("?saison=summer", "Tournée de l’été 2028", 4)],
)
def test_opening_starts_from_a_preset(organiser_client: FlaskClient, query: str, name: str, ticked: int) -> None:
    """In June the coming winter; summer at a touch. The weekdays of the preset are ticked."""
    text = page(organiser_client, f"/tournees/nouvelle{query}")
    assert name in text
    assert sum("checked" in box and 'name="weekdays"' in box for box in text.split("<input")) == ticked


def test_a_tour_is_opened(organiser_client: FlaskClient, session: Session) -> None:
    """Kilometres typed with a comma become metres; the page says how many dates there are."""
    van = make.make_vehicle(session)
    session.commit()
    answer = organiser_client.post(
        "/organisation/tournees/nouvelle",
        data={**NEW, "public_holidays": "y", "vehicle_ids": [van.id]},
        follow_redirects=True,
    )
    assert "11 dates possibles" in answer.get_data(as_text=True)  # ten Fridays and Saturdays, and 14 July
    tour = session.scalars(select(Tour)).one()
    assert (tour.separation_metres, tour.separation_days, len(tour.dates)) == (8500, 2, 11)
    assert [row.vehicle_id for row in tour.vehicles] == [van.id]


def test_a_name_taken_in_the_same_moment_is_said_in_the_form(
    organiser_client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were free when looked for; the second keeps what was typed, and the next try finds another address."""
    address = "/organisation/tournees/nouvelle"
    organiser_client.post(address, data=NEW)
    first = session.scalars(select(Tour.slug)).one()
    session.rollback()
    with monkeypatch.context() as blind:
        blind.setattr(tours, "free_slug", lambda *_: first)
        refused = organiser_client.post(address, data=NEW)
    assert refused.status_code == 200
    assert "Le même nom vient d’être enregistré." in refused.get_data(as_text=True)
    assert f'value="{NEW["name"]}"' in refused.get_data(as_text=True)
    assert organiser_client.post(address, data=NEW).location.endswith(f"/tournees/{first}-2")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Ce champ est à remplir."),
        ({"last": "2027-06-30"}, "La tournée finit avant d’avoir commencé."),
        ({"separation_metres": "loin"}, "Écrivez une distance en kilomètres, par exemple 8,5."),
        ({"separation_days": ""}, "il faut la distance et le nombre de jours"),
        ({"weekdays": []}, "Aucun de ces jours ne tombe dans la période"),
    ],
)
def test_what_cannot_be_opened_is_said_beside_its_field(
    organiser_client: FlaskClient, session: Session, change: dict[str, object], sentence: str
) -> None:
    """The form comes back as it was typed."""
    answer = organiser_client.post("/organisation/tournees/nouvelle", data={**NEW, **change})
    text = answer.get_data(as_text=True)
    assert sentence in text.replace("\u00a0", " ")
    assert "2027-07-01" in text
    assert session.scalars(select(Tour)).all() == []


def test_a_tour_is_opened_as_last_season_s(organiser_client: FlaskClient, session: Session) -> None:
    """The form comes filled, and the communes come along."""
    source = make.make_tour(session, slug="ete-2026", name="Été 2026", dates=[dt.date(2026, 7, 3)])
    make.make_request(session, tour=source, evenings=2)
    session.commit()
    text = page(organiser_client, "/tournees/nouvelle?copie=ete-2026")
    assert 'value="Été 2027"' in text
    assert 'value="2027-07-03"' in text
    organiser_client.post("/organisation/tournees/nouvelle?copie=ete-2026", data={**NEW, "name": "Été 2027"})
    copied = session.scalars(select(Tour).where(Tour.slug == "ete-2027")).one()
    assert [request.evenings for request in copied.requests] == [2]


def test_the_tour_s_page_leads_everywhere(organiser_client: FlaskClient, session: Session) -> None:
    """Counts, what is missing, and a way to each part."""
    make.make_tour(session, slug="ete", dates=[dt.date(2027, 7, 2)], fundings={make.make_epci(session).siren: 3})
    session.commit()
    text = page(organiser_client, "/tournees/ete")
    for path in ("communes", "dates", "vehicules", "financements", "modifier"):
        assert f"/organisation/tournees/ete/{path}" in text
    assert "Choisir les véhicules" in text
    assert "3 soirées financées" in text
    assert organiser_client.get("/organisation/tournees/autre").status_code == 404


def test_a_second_save_is_told_what_changed(organiser_client: FlaskClient, session: Session) -> None:
    """Nothing is overwritten; both values are shown; saving again is a knowing choice."""
    tour = make.make_tour(session, slug="ete", name="Le nom d’avant")
    session.commit()
    settings = {"starts_at": "18:00", "ends_at": "22:00"}
    organiser_client.post("/organisation/tournees/ete/modifier", data={**settings, "name": "Le premier", "version": 1})
    answer = organiser_client.post(
        "/organisation/tournees/ete/modifier", data={**settings, "name": "Le second", "version": 1}
    )
    text = answer.get_data(as_text=True).replace("\u00a0", " ")
    assert "Rien n’a été écrasé" in text
    assert "enregistré « Le premier », vous avez « Le second »" in text
    session.refresh(tour)
    assert (tour.name, tour.version) == ("Le premier", 2)
    assert 'value="2"' in text
    organiser_client.post("/organisation/tournees/ete/modifier", data={**settings, "name": "Le second", "version": 2})
    session.refresh(tour)
    assert tour.name == "Le second"


def test_dates_are_changed_on_the_calendar(organiser_client: FlaskClient, session: Session) -> None:
    """Radio buttons alone: what is on stays, the rest goes; evenings left without a date are told."""
    day, other = dt.date(2027, 7, 2), dt.date(2027, 7, 3)
    tour = make.make_tour(session, slug="ete", dates=[day, other])
    make.make_evening(session, tour=tour, date=other)
    session.commit()
    assert "vendredi 2 juillet" in page(organiser_client, "/tournees/ete/dates")
    answer = organiser_client.post(
        "/organisation/tournees/ete/dates?au=2027-07-20",
        data={"version": 1, f"jour-{day}": "yes", "jour-2027-07-14": "yes", "jour-2029-01-01": "yes"},
        follow_redirects=True,
    )
    text = answer.get_data(as_text=True)
    assert "Dates ajoutées" in text
    assert "1 soirée annoncée tombe sur une date retirée" in text
    session.expire_all()
    assert [row.date for row in tour.dates] == [day, dt.date(2027, 7, 14)]


def test_a_week_is_filled_in_one_gesture(organiser_client: FlaskClient, session: Session) -> None:
    """Without JavaScript the page comes back filled, and says that nothing is saved yet."""
    tour = make.make_tour(session, slug="ete", dates=[dt.date(2027, 7, 1), dt.date(2027, 7, 31)])
    session.commit()
    data = {"version": 1, "semaine": "2027-07-05_2027-07-11_yes"}
    text = organiser_client.post("/organisation/tournees/ete/dates", data=data).get_data(as_text=True)
    assert "Pas encore enregistré" in text
    checked = [part for part in text.split("<input") if "checked" in part and 'value="yes"' in part]
    assert [part.split('name="jour-')[1][:10] for part in checked] == [f"2027-07-{day:02}" for day in range(5, 12)]
    session.expire_all()
    assert len(tour.dates) == 2


def test_the_calendar_does_not_run_away(organiser_client: FlaskClient, session: Session) -> None:
    """An absurd or broken date in the address widens nothing, and never hides a date of the tour."""
    make.make_tour(session, slug="ete", dates=[dt.date(2027, 7, 2)])
    session.commit()
    text = page(organiser_client, "/tournees/ete/dates?du=0001-01-01&au=demain")
    assert text.count('<fieldset class="jour') == 1


def test_vans_and_their_garage_days(organiser_client: FlaskClient, session: Session) -> None:
    """Choose the vans, then the days each is away."""
    van, day = make.make_vehicle(session, slug="lucette", name="Lucette"), dt.date(2027, 7, 2)
    tour = make.make_tour(session, slug="ete", dates=[day])
    session.commit()
    assert "Lucette" in page(organiser_client, "/tournees/ete/vehicules")
    organiser_client.post("/organisation/tournees/ete/vehicules", data={"version": 1, "vehicle_ids": [van.id]})
    assert "aucun jour au garage" in page(organiser_client, "/tournees/ete/vehicules")
    assert "Lucette au garage" in page(organiser_client, "/tournees/ete/vehicules/lucette")
    organiser_client.post("/organisation/tournees/ete/vehicules/lucette", data={"version": 2, f"jour-{day}": "no"})
    session.expire_all()
    assert [row.unavailable for row in tour.vehicles] == [["2027-07-02"]]
    stale = organiser_client.post("/organisation/tournees/ete/vehicules/lucette", data={"version": 2})
    assert "enregistré « non », vous avez « rien »" in stale.get_data(as_text=True).replace("\u00a0", " ")


def test_fundings_per_epci(organiser_client: FlaskClient, session: Session) -> None:
    """One number for each EPCI of the communes; empty is no limit, zero is none at all."""
    tour = make.make_tour(session, slug="ete")
    assert "apparaîtront ici" in (session.commit() or page(organiser_client, "/tournees/ete/financements"))
    sirens = [make.make_request(session, tour=tour).commune.epci_siren for _ in range(3)]
    session.commit()
    assert page(organiser_client, "/tournees/ete/financements").count("1 village") == 3
    data = {"version": 1, sirens[0]: "12", sirens[1]: "0", sirens[2]: ""}
    organiser_client.post("/organisation/tournees/ete/financements", data=data)
    session.expire_all()
    assert {row.epci_siren: row.evenings for row in tour.fundings} == {sirens[0]: 12, sirens[1]: 0}
    answer = organiser_client.post("/organisation/tournees/ete/financements", data={"version": 2, sirens[0]: "douze"})
    assert "Écrivez un nombre entier de 0 à 1000." in answer.get_data(as_text=True)


def test_a_tour_is_archived_and_restored(organiser_client: FlaskClient, session: Session) -> None:
    """Only from a page that has seen its present version."""
    tour = make.make_tour(session, slug="ete")
    session.commit()
    for data in ({"version": 7}, {}):
        organiser_client.post("/organisation/tournees/ete/archiver", data=data)
        assert "Rien n’a été écrasé" in page(organiser_client, "/tournees/ete")
    session.refresh(tour)
    assert tour.archived_at is None
    organiser_client.post("/organisation/tournees/ete/archiver", data={"version": 1})
    session.refresh(tour)
    assert tour.archived_at == NOW
    assert "rangée dans les archives" in page(organiser_client, "/tournees/ete")
    organiser_client.post("/organisation/tournees/ete/restaurer", data={"version": 2})
    session.refresh(tour)
    assert tour.archived_at is None


def test_a_tour_with_evenings_to_come_is_not_put_aside(organiser_client: FlaskClient, session: Session) -> None:
    """The organiser stays on its page and reads why, and what to do."""
    tour = make.make_tour(session, slug="ete")
    make.make_evening(session, tour=tour)
    session.commit()
    answer = organiser_client.post("/organisation/tournees/ete/archiver", data={"version": 1})
    assert answer.location == "/organisation/tournees/ete"
    assert "Cette tournée a des soirées à venir, jusqu’au samedi 19 juin 2027" in page(
        organiser_client, "/tournees/ete"
    )
    session.refresh(tour)
    assert tour.archived_at is None
