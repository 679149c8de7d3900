"""Variants on their pages: asked for, watched, compared, put on the desk, published with their settings."""

import datetime as dt
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.models import Commune, Evening, Plan, SolverRun, Tour, UnservedWish, Vehicle
from guinguette.services import planning, rules
from tests import factories as make
from tests.fakes import NOW, FakeJobs, FixedClock

FRIDAY, SATURDAY = dt.date(2027, 7, 2), dt.date(2027, 7, 3)
HTMX = {"HX-Request": "true"}
SIREN = "200068666"


@dataclass
class Desk:
    """A tour whose EPCI pays for one evening of two, and the plan that serves Vignory with it."""

    tour: Tour
    van: Vehicle
    communes: list[Commune]
    plan: Plan


@pytest.fixture
def desk(session: Session) -> Desk:
    """Two villages, one van; Poissons is left out for want of money."""
    rules.ensure_defaults(session)
    epci = make.make_epci(session, siren=SIREN, name="CA de Chaumont")
    van = make.make_vehicle(session, name="Lucette", slug="lucette")
    tour = make.make_tour(
        session, slug="ete", name="Été 2027", dates=[FRIDAY, SATURDAY], vehicles=[van], fundings={SIREN: 1},
        solver_seconds=30,
    )  # fmt: skip
    communes = [make.make_commune(session, name=name, epci=epci) for name in ("Vignory", "Poissons")]
    for commune in communes:
        make.make_request(session, tour=tour, commune=commune)
    plan = make.make_plan(session, tour=tour, evenings=[(communes[0], FRIDAY, van)], cost=1, bound=1, metres=90_000)
    quota = {"rule": "quota", "detail": f"epci-{SIREN}", "sentence": "Le quota est de 1."}
    plan.unserved = [
        UnservedWish(commune_insee=communes[1].insee, missing=1, reasons=[quota], date=SATURDAY, vehicle=van)
    ]
    session.commit()
    return Desk(tour, van, communes, plan)


@pytest.fixture
def variant(session: Session, desk: Desk) -> Plan:
    """The plan of a variant in which the EPCI pays for both."""
    lines = [(commune, day, desk.van) for commune, day in zip(desk.communes, (FRIDAY, SATURDAY), strict=True)]
    plan = make.make_plan(
        session,
        tour=desk.tour,
        evenings=lines,
        name="Deux soirées payées",
        settings={"fundings": {SIREN: 2}},
        shown_at=None,
        metres=120_000,
        cost=120_000,
        bound=110_000,
    )
    session.commit()
    return plan


def text_of(client: FlaskClient, path: str, **options: object) -> str:
    """Return a page's text, all its blanks plain ones."""
    response = client.get(path, **options)  # type: ignore[arg-type]
    assert response.status_code == 200
    return plain(response.text)


def plain(text: str) -> str:
    """Return the text with spaces where French has non-breaking ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def typed(desk: Desk, **values: str) -> dict[str, str]:
    """Return the form of a variant as the page opens it, with what was typed."""
    form = {"version": "1", "name": "Essai", "vehicles": "lucette", f"paie-{SIREN}": "1"}
    form |= dict.fromkeys(("villages", "preferences", "kilometres"), "usual")
    return form | {f"jour-{day}": "yes" for day in (FRIDAY, SATURDAY)} | values


def test_the_form_shows_what_the_tour_has(organiser_client: FlaskClient, desk: Desk) -> None:
    """Dates, vans, money, and in words what the three levels of each weight mean."""
    page = text_of(organiser_client, f"/organisation/plans/{desk.plan.id}/variante")
    assert "CA de Chaumont" in page
    assert "Un village sans soirée compte comme 1 000 km de route" in page
    assert "« compte plus » : 5 000 km" in page
    assert 'name="jour-2027-07-02"' in page


def test_a_variant_is_asked_for(organiser_client: FlaskClient, desk: Desk, session: Session, jobs: FakeJobs) -> None:
    """What was typed and differs from the tour is its settings; then its own page watches it."""
    make.make_vehicle(session, name="Firmin", slug="firmin")
    session.commit()
    form = typed(
        desk, name="Plus d’argent", villages="more", separation_metres="5", separation_days="3",
        **{f"paie-{SIREN}": "", "garage-lucette": "2027-07-02", "retour-lucette": "2027-07-03",
           "semaine-lucette": "3", "jour-2027-07-03": "", "jour-2027-07-04": "yes", "vehicles": "firmin"},
    )  # fmt: skip
    response = organiser_client.post(f"/organisation/plans/{desk.plan.id}/variante", data=form)
    run = session.scalars(select(SolverRun).order_by(SolverRun.id.desc())).first()
    assert run is not None
    assert response.location == f"/organisation/calculs/{run.id}"
    assert jobs.solves == [run.id]
    assert (run.name, run.base_id) == ("Plus d’argent", desk.plan.id)
    assert run.settings == {
        "dates_added": ["2027-07-04"],
        "dates_dropped": ["2027-07-03"],
        "vehicles_added": ["firmin"],
        "vehicles_dropped": ["lucette"],
        "garage": {"lucette": ["2027-07-02", "2027-07-03"]},
        "fundings": {SIREN: None},
        "separation": [5000, 3],
        "limits": {"lucette": {"max_evenings_per_week": 3}},
        "villages": "more",
    }
    page = text_of(organiser_client, response.location)
    assert "Le calcul attend son tour" in page
    for sentence in (
        "Date ouverte : dimanche 4 juillet.",
        "Date fermée : samedi 3 juillet.",
        "Firmin roule aussi.",
        "Lucette ne roule pas.",
        "Lucette au garage : vendredi 2 juillet, samedi 3 juillet.",
        "CA de Chaumont paie sans limite.",
        "Voisins à moins de 5 km : 3 jours entre eux.",
        "Lucette : 3 soirées par semaine au plus.",
        "Villages servis : compte plus.",
    ):
        assert sentence in page


def test_nothing_changed_is_a_variant_too(organiser_client: FlaskClient, desk: Desk, session: Session) -> None:
    """The form as it opens has no settings, and keeps those of the variant that it starts from."""
    path = f"/organisation/plans/{desk.plan.id}/variante"
    organiser_client.post(path, data=typed(desk))
    run = session.scalars(select(SolverRun).where(SolverRun.name == "Essai")).one()
    assert run.settings == {}


def test_a_variant_of_a_variant_keeps_what_the_form_does_not_show(
    organiser_client: FlaskClient, desk: Desk, session: Session
) -> None:
    """Exceptions and suppositions go on; what the form shows is what it says."""
    kept = {"answers": {desk.communes[1].insee: ["2027-07-04"]}, "fundings": {SIREN: 3}, "kilometres": "less"}
    plan = make.make_plan(session, tour=desk.tour, name="Essai", settings=kept)
    session.commit()
    organiser_client.post(f"/organisation/plans/{plan.id}/variante", data=typed(desk, name="Suite"))
    run = session.scalars(select(SolverRun).where(SolverRun.name == "Suite")).one()
    assert run.settings == {"answers": kept["answers"]}


def test_the_form_says_what_is_wrong(organiser_client: FlaskClient, desk: Desk, session: Session) -> None:
    """No name, and a number that is none: nothing starts."""
    form = typed(desk, name="", **{f"paie-{SIREN}": "beaucoup"})
    page = organiser_client.post(f"/organisation/plans/{desk.plan.id}/variante", data=form).text
    assert "Ce champ est à remplir." in page
    assert "Écrivez un nombre entier de 0 à 1000." in page
    assert session.scalars(select(SolverRun).where(SolverRun.state == "queued")).all() == []


def test_a_reason_has_a_button_that_tries_it(
    organiser_client: FlaskClient, desk: Desk, session: Session, jobs: FakeJobs
) -> None:
    """One evening more of that EPCI, nothing else, under a name that says so."""
    page = text_of(organiser_client, f"/organisation/plans/{desk.plan.id}")
    assert "Essayer : une soirée de plus payée par CA de Chaumont" in page
    form = {"insee": desk.communes[1].insee, "voie": f"funding:{SIREN}"}
    response = organiser_client.post(f"/organisation/plans/{desk.plan.id}/essayer", data=form)
    run = planning.get_run(session, jobs.solves[0])
    assert response.location == f"/organisation/calculs/{run.id}"
    assert run.settings == {"fundings": {SIREN: 2}}
    assert plain(run.name) == "Poissons : une soirée de plus payée par CA de Chaumont"

    # a second try while the first is under way is told so, on the plan's page
    again = organiser_client.post(f"/organisation/plans/{desk.plan.id}/essayer", data=form)
    assert "Un calcul est déjà en cours" in text_of(organiser_client, again.location)
    unknown = organiser_client.post(f"/organisation/plans/{desk.plan.id}/essayer", data=form | {"voie": "magic"})
    assert "Cet essai n’est plus possible" in text_of(organiser_client, unknown.location)


def test_a_try_leads_to_the_comparison(
    organiser_client: FlaskClient,
    desk: Desk,
    session: Session,
    session_factory: sessionmaker[Session],
    jobs: FakeJobs,
    clock: FixedClock,
) -> None:
    """Solved for real: both ways of watching lead to both plans side by side."""
    form = {"insee": desk.communes[1].insee, "voie": f"funding:{SIREN}"}
    watched = organiser_client.post(f"/organisation/plans/{desk.plan.id}/essayer", data=form).location
    assert "<h1" not in text_of(organiser_client, watched, headers=HTMX)
    planning.execute_run(session_factory, jobs.solves[0], clock)
    plan = session.scalars(select(Plan).where(Plan.name != "")).one()
    there = f"/organisation/tournees/ete/comparer?plans={desk.plan.id},{plan.id}"
    assert organiser_client.get(watched, headers=HTMX).headers["HX-Redirect"].replace("%2C", ",") == there
    assert organiser_client.get(watched).location.replace("%2C", ",") == there
    page = text_of(organiser_client, there)
    assert "Un village change" in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("interrupted", "La machine s’est arrêtée en route."),
        ("failed", "Raison : plus de mémoire"),
        ("stopped", "Le calcul s’est arrêté avant d’avoir un plan"),
    ],
)
def test_a_variant_that_ends_badly_can_start_again(
    organiser_client: FlaskClient, desk: Desk, session: Session, state: str, said: str
) -> None:
    """It says what happened; « Relancer » comes back to its page, « Arrêter » stays there."""
    run = make.make_run(
        session, tour=desk.tour, state=state, error="plus de mémoire", name="Essai", base_id=desk.plan.id,
        started_at=NOW, finished_at=NOW,
    )  # fmt: skip
    session.commit()
    assert said in text_of(organiser_client, f"/organisation/calculs/{run.id}")
    again = organiser_client.post(f"/organisation/calculs/{run.id}/relancer").location
    assert again == f"/organisation/calculs/{run.id + 1}"
    assert organiser_client.post(f"{again}/arreter").location == again


def test_an_impossible_variant_shows_what_contradicts_what(
    organiser_client: FlaskClient, desk: Desk, session: Session
) -> None:
    """Its own page has the conflicts; there is nothing to compare."""
    plan = make.make_plan(session, tour=desk.tour, status="infeasible", cost=None, name="Essai", shown_at=None)
    assert plan.run is not None
    plan.run.name, plan.run.base_id = "Essai", desk.plan.id
    session.commit()
    assert organiser_client.get(f"/organisation/calculs/{plan.run_id}").location == f"/organisation/plans/{plan.id}"
    refused = organiser_client.post(f"/organisation/plans/{plan.id}/bureau")
    assert "il ne peut pas être retenu" in text_of(organiser_client, refused.location)


def test_variants_are_listed_and_put_on_the_desk(
    organiser_client: FlaskClient, desk: Desk, session: Session, variant: Plan, clock: FixedClock
) -> None:
    """The desk's plan is said to be it; a variant takes its place when asked to."""
    page = text_of(organiser_client, "/organisation/tournees/ete/variantes")
    assert page.index("(plan retenu)") < page.index("Deux soirées payées")
    assert "CA de Chaumont paie 2 soirées." in page
    clock.advance(minutes=5)
    by_hand = "Changer une soirée à la main"  # on the board, which is that of the desk's plan
    assert by_hand in text_of(organiser_client, f"/organisation/plans/{desk.plan.id}")
    assert by_hand not in text_of(organiser_client, f"/organisation/plans/{variant.id}")
    there = organiser_client.post(f"/organisation/plans/{variant.id}/bureau").location
    assert there == f"/organisation/plans/{variant.id}"
    page = text_of(organiser_client, there)
    assert "« Deux soirées payées » est le plan retenu." in page
    assert by_hand in page
    assert "Variante : Deux soirées payées" in text_of(organiser_client, "/organisation/tournees/ete/plan")


def test_no_plan_no_variant(organiser_client: FlaskClient, session: Session) -> None:
    """A tour that was never planned says what to do first."""
    make.make_tour(session, slug="vide")
    session.commit()
    assert "Il faut un premier plan" in text_of(organiser_client, "/organisation/tournees/vide/variantes")


def test_publishing_a_variant_says_what_the_tour_takes_over(
    organiser_client: FlaskClient, desk: Desk, session: Session, variant: Plan
) -> None:
    """It stands on the page before the button; then the tour has it. Who has not read it publishes nothing."""
    path = f"/organisation/plans/{variant.id}/publier"
    page = text_of(organiser_client, path)
    assert "Ce plan suppose d’autres réglages que la tournée" in page
    assert "CA de Chaumont paie 2 soirées." in page
    assert "Publier et reprendre les réglages" in page
    session.refresh(desk.tour)
    assert desk.tour.fundings[0].evenings == 1  # looking changes nothing

    stale = organiser_client.post(path, data={"seen": "0", "reglages": str(desk.tour.version - 1)})
    assert "Quelqu’un a enregistré cette fiche entre-temps" in plain(stale.text)
    organiser_client.post(path, data={"seen": "0", "reglages": str(desk.tour.version)})
    session.expire_all()
    assert desk.tour.fundings[0].evenings == 2
    assert len(session.scalars(select(Evening)).all()) == 2
    assert "Ce plan suppose" not in text_of(organiser_client, path)
