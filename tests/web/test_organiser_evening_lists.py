"""A tour's evenings in a list: filtered, and confirmed several at once."""

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Evening, Publication
from tests import factories as make


def test_the_list_is_filtered_by_state(organiser_client: FlaskClient, evening: Evening, session: Session) -> None:
    """Each filter shows its own; an unknown one shows all."""
    other = make.make_commune(session, name="Poissons")
    make.make_evening(session, tour=evening.tour, commune=other, state="proposed")
    session.commit()

    def names(state: str) -> list[bool]:
        html = organiser_client.get(f"/organisation/tournees/ete/soirees?etat={state}").get_data(as_text=True)
        return [name in html for name in ("Vignory", "Poissons")]

    assert [names(state) for state in ("ok", "att", "quoi")] == [[True, False], [False, True], [True, True]]


def test_ticked_evenings_are_confirmed_at_once(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """One published version for all that were ticked, the others wait."""
    waiting = [make.make_evening(session, tour=evening.tour, state="proposed") for _ in range(3)]
    session.commit()
    organiser_client.post(
        "/organisation/tournees/ete/soirees/confirmer", data={"evening": [f"{row.id}:1" for row in waiting[:2]]}
    )
    session.expire_all()
    assert [row.state for row in waiting] == ["confirmed", "confirmed", "proposed"]
    assert len(session.scalars(select(Publication)).all()) == 2


def test_what_could_not_be_confirmed_is_named(
    organiser_client: FlaskClient, evening: Evening, session: Session
) -> None:
    """Somebody else's change in between costs that one evening its confirmation, with the reason, and no other."""
    stale = make.make_evening(session, tour=evening.tour, state="proposed")
    fresh = make.make_evening(session, tour=evening.tour, state="proposed")
    session.commit()
    assert f'value="{fresh.id}:1"' in organiser_client.get("/organisation/tournees/ete/soirees?etat=att").get_data(
        as_text=True
    )
    stale.food = "Crêpes"
    session.commit()
    ticked = [f"{stale.id}:1", f"{fresh.id}:1", "nonsense", "nobody:1"]
    html = organiser_client.post(
        "/organisation/tournees/ete/soirees/confirmer", data={"evening": ticked}, follow_redirects=True
    ).get_data(as_text=True)
    assert "1 soirée est confirmée." in html
    assert f"{stale.commune.name}, samedi 19_juin_: Quelqu’un a modifié".replace("_", "\u00a0") in html
    session.expire_all()
    assert (stale.state, fresh.state) == ("proposed", "confirmed")
