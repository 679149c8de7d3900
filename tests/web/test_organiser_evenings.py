"""The evening's page for organisers: what it offers, what it refuses, what it shows before telling anybody."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Evening, Message, Publication, RuleSetting
from tests import factories as make
from tests.fakes import FakeJobs, FixedClock
from tests.web.evening_page import FREE_FRIDAY, carry_out, page, rehearse


def test_a_confirmed_evening_to_come_offers_its_lawful_moves(organiser_client: FlaskClient, evening: Evening) -> None:
    """Confirmed outdoors: the hall, another date, or not at all; nothing to confirm, nothing held yet."""
    html = page(organiser_client)
    assert all(f'/soirees/vignory1/{move}"' in html for move in ("salle", "reporter", "annuler"))
    assert not any(f'/soirees/vignory1/{move}"' in html for move in ("confirmer", "option", "dehors", "tenue"))


@pytest.mark.parametrize("state", ["proposed"])
def test_a_proposed_evening_is_confirmed_from_its_page(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """One button, a new published version, and the lantern is lit."""
    assert '/soirees/vignory1/confirmer"' in page(organiser_client)
    assert "La soirée est confirmée." in rehearse(organiser_client, evening, "confirmer")
    session.refresh(evening)
    assert evening.state == "confirmed"
    assert len(session.scalars(select(Publication)).all()) == 2


def test_cancelling_asks_why(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """Without a reason nothing is shown, nothing is done."""
    html = carry_out(organiser_client, evening, "annuler", reason=" ")
    assert "Dites pourquoi en quelques mots" in html
    session.refresh(evening)
    assert evening.state == "confirmed"


def test_cancelling_shows_the_sms_before_it_leaves(
    organiser_client: FlaskClient, evening: Evening, session: Session, jobs: FakeJobs
) -> None:
    """The text, the number of people, no stranger's STOP link, and nothing written yet."""
    html = rehearse(organiser_client, evening, "annuler", reason="canicule")
    assert "1 personne reçoit un SMS." in html
    assert "canicule" in html.split('<blockquote class="sms">')[1]
    assert "/stop/…" in html
    session.refresh(evening)
    assert (evening.state, evening.version, jobs.sendings) == ("confirmed", 1, 0)
    assert session.scalars(select(Message)).all() == []


def test_cancelling_says_that_the_days_budget_does_not_reach(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """Before the button, with the way to raise it; not where the budget is wide enough."""
    assert "sms/budget" not in rehearse(organiser_client, evening, "annuler", reason="canicule")
    session.add(RuleSetting(key="sms_daily_budget", value=0, valid_from=dt.date(2027, 1, 1), source="essai"))
    session.commit()
    html = rehearse(organiser_client, evening, "annuler", reason="canicule")
    assert "qui laisse encore partir 0 envoi." in html
    assert 'href="/organisation/messages/sms/budget"' in html


def test_a_cancelled_evening_tells_its_village(
    organiser_client: FlaskClient, evening: Evening, session: Session, jobs: FakeJobs, client: FlaskClient
) -> None:
    """State, banner, history with who and why, SMS, and the public page."""
    html = carry_out(organiser_client, evening, "annuler", reason="canicule")
    assert "La soirée est annulée." in html
    assert "1 personne reçoit un SMS." in html
    assert "(canicule)" in html
    assert "example.org" in html
    assert not any(f'/soirees/vignory1/{move}"' in html for move in ("annuler", "reporter", "salle", "programme"))
    assert [(m.kind, m.state) for m in session.scalars(select(Message))] == [("cancelled", "queued")]
    assert jobs.sendings == 1
    assert "canicule" in client.get("/soirees/vignory1").get_data(as_text=True)


def test_the_words_can_be_corrected_after_reading_the_sms(organiser_client: FlaskClient, evening: Evening) -> None:
    """« Corriger » brings the form back with what was typed."""
    html = rehearse(organiser_client, evening, "annuler", reason="canicul", again="1")
    assert 'value="canicul"' in html
    assert "<blockquote" not in html


def test_a_second_save_is_noticed(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """Two organisers, one evening: the second reads what the first did, and keeps what was typed."""
    old, read_until = evening.version, evening.history[-1].id if evening.history else 0
    carry_out(organiser_client, evening, "salle", reason="orages")
    stale = {"version": old, "read_until": read_until, "reason": "canicule", "confirmed": "1"}
    html = page(organiser_client, "/annuler", data=stale)
    assert "@example.org a modifié cette soirée entre-temps" in html
    assert "Ce qui s’est passé entre-temps" in html
    assert "à la salle des fêtes" in html
    assert 'value="canicule"' in html
    session.refresh(evening)
    assert evening.state == "confirmed"


def test_an_unlawful_move_is_refused_by_its_sentence(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """Whoever types the address of a move that is not offered reads why not."""
    evening.state = "cancelled"
    session.commit()
    assert "ne peut pas devenir" in rehearse(organiser_client, evening, "confirmer")


def test_to_the_hall_and_back(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """Rain, then sun: two SMS, and the history keeps both."""
    html = carry_out(organiser_client, evening, "salle", reason="orages")
    assert "Déplacée à la salle des fêtes" in html
    session.refresh(evening)
    html = carry_out(organiser_client, evening, "dehors", reason="le soleil est revenu")
    assert "(le soleil est revenu)" in html
    assert "(orages)" in html
    session.refresh(evening)
    assert evening.venue == "pitch"


def test_postponing_offers_the_free_dates(organiser_client: FlaskClient, evening: Evening) -> None:
    """A date that van and village have free fills the form."""
    html = page(organiser_client, "/reporter")
    assert f"?date=2027-06-25&amp;vehicle_id={evening.vehicle_id}" in html
    assert "(si besoin)" in html
    assert 'value="2027-06-25"' in page(organiser_client, "/reporter?date=2027-06-25")


def test_postponing_to_a_taken_date_is_refused_beside_the_date(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """The sentence says where the van is that day."""
    other = make.make_commune(session, name="Poissons")
    make.make_evening(session, vehicle=evening.vehicle, commune=other, date=FREE_FRIDAY)
    session.commit()
    html = rehearse(
        organiser_client, evening, "reporter", date=FREE_FRIDAY, vehicle_id=evening.vehicle_id, reason="vent"
    )
    assert "Poissons" in html
    assert 'id="date-erreur"' in html


def test_a_postponed_evening_points_to_its_new_date(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """The old address stays and leads to the new evening."""
    fields = {"date": FREE_FRIDAY, "vehicle_id": evening.vehicle_id, "reason": "vent trop fort"}
    assert "vendredi 25\u00a0juin" in rehearse(organiser_client, evening, "reporter", **fields)
    html = carry_out(organiser_client, evening, "reporter", **fields)
    later = session.scalars(select(Evening).where(Evening.date == FREE_FRIDAY)).one()
    assert f"/organisation/soirees/{later.id}" in html
    assert later.state == "option"


def test_a_new_date_that_the_village_agrees_to_is_confirmed(
    organiser_client: FlaskClient, evening: Evening, session: Session, client: FlaskClient
) -> None:
    """One tick makes the difference, and the SMS that is read beforehand shows it."""
    fields = {"date": FREE_FRIDAY, "vehicle_id": evening.vehicle_id, "reason": "vent trop fort"}
    assert "sans doute au vendredi 25 juin" in rehearse(organiser_client, evening, "reporter", **fields)
    html = rehearse(organiser_client, evening, "reporter", agreed="y", **fields)
    assert "REPORTÉE au vendredi 25 juin" in html
    assert 'name="agreed" value="y"' in html
    carry_out(organiser_client, evening, "reporter", agreed="y", **fields)
    later = session.scalars(select(Evening).where(Evening.date == FREE_FRIDAY)).one()
    assert later.state == "confirmed"
    assert "pas encore sûre" not in client.get("/soirees/vignory1").get_data(as_text=True)


def test_a_new_date_to_be_confirmed_is_read_as_such(
    organiser_client: FlaskClient, evening: Evening, client: FlaskClient
) -> None:
    """Whoever follows the old address is not sent on a maybe."""
    carry_out(
        organiser_client, evening, "reporter", date=FREE_FRIDAY, vehicle_id=evening.vehicle_id, reason="vent trop fort"
    )
    assert "La nouvelle date n’est pas encore sûre" in client.get("/soirees/vignory1").get_data(as_text=True)


def test_dates_that_break_a_rule_are_offered_apart(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """With the rule in words: the person who must find a date today decides."""
    make.make_evening(
        session, tour=evening.tour, commune=evening.commune, vehicle=evening.vehicle, date=dt.date(2027, 6, 26)
    )
    evening.tour.requests[0].evenings = 2
    session.commit()
    html = page(organiser_client, "/reporter")
    assert "1 date libre, mais qui enfreint une règle" in html
    assert "Deux soirées du village seraient trop proches" in html


def test_an_evening_that_is_over_is_noted_with_its_attendance(
    organiser_client: FlaskClient, evening: Evening, session: Session, clock: FixedClock
) -> None:
    """The next morning there is one thing to say: how many came."""
    clock.set(dt.datetime(2027, 6, 20, 9, 0, tzinfo=dt.UTC))
    assert '/soirees/vignory1/tenue"' in page(organiser_client)
    assert "212 personnes" in rehearse(organiser_client, evening, "tenue", attendance="212")
    session.refresh(evening)
    assert (evening.state, evening.attendance) == ("held", 212)


def test_strangers_see_nothing(client: FlaskClient, evening: Evening) -> None:
    """The pages are for organisers."""
    assert client.get("/organisation/soirees/vignory1").status_code in (302, 401)
    assert client.post("/organisation/soirees/vignory1/annuler", data={"reason": "x"}).status_code in (302, 401)
