"""The demonstration keeps its promises: every commune served, evenings held, one tomorrow, twice the same."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import today
from guinguette.models import Base, Evening, Subscriber, Tour
from guinguette.services import demo, demo_host, host_links, published, reminders
from guinguette.web.presenting import mark
from tests.fakes import FixedClock


@pytest.fixture
def shop(session_factory: sessionmaker[Session], vault: Vault) -> demo.Workshop:
    """A workshop on 23 November 2026 at noon, quiet."""
    return demo.Workshop(
        factory=session_factory,
        clock=FixedClock(dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC)),
        vault=vault,
        public_url="https://guinguette.example",
        report=lambda _: None,
    )


def counts(session: Session) -> dict[str, int]:
    """Return the number of rows of each table."""
    return {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables}


@pytest.mark.solver
def test_the_demo_keeps_its_promises(shop: demo.Workshop, session: Session, engine: Engine) -> None:
    """Forty communes all served in summer with 60 to 75 evenings, twelve in winter, six now; then nothing new."""
    demo.build(shop)
    tours = {tour.season + str(len(tour.requests)): tour for tour in session.scalars(select(Tour))}
    summer, winter, short = tours["summer40"], tours["winter12"], tours["winter6"]
    assert {len(t.requests) for t in (summer, winter, short)} == {40, 12, 6}
    alive = published.upcoming(published.latest(session), dt.date(2026, 1, 1))
    served = {slug: Counter() for slug in (summer.slug, winter.slug, short.slug)}  # type: ignore[var-annotated]
    for tour in published.latest(session):
        served[tour.slug].update(e.insee for e in tour.evenings if e.alive)
    assert len(served[summer.slug]) == 40
    assert 60 <= served[summer.slug].total() <= 75
    assert len(served[winter.slug]) == 12
    assert len(served[short.slug]) == 6
    day = today(shop.clock)
    assert any(e.date == day + dt.timedelta(days=1) and e.alive for e in alive)
    assert session.scalar(select(func.count(Evening.id)).where(Evening.state == "held", Evening.date < day)) == 4
    reminders.prepare(session, clock=shop.clock, vault=shop.vault, public_url=shop.public_url)
    session.commit()
    assert session.scalar(select(func.count(Subscriber.id))) == 2 + 26  # two villages in three have a reader
    before = counts(session)
    session.rollback()
    found = demo_host.link(session, shop.clock)
    assert found is not None, "somebody is asked for a date: one may answer as they would"
    assert host_links.find(session, found[1], shop.clock).contact.committee.commune.name == found[0]
    session.rollback()
    demo.build(shop)
    assert counts(session) == before


@pytest.mark.parametrize("month", [2, 7, 11])
def test_the_short_tour_has_life_in_any_season(shop: demo.Workshop, session: Session, month: int) -> None:
    """Held, tomorrow, moved to the hall, called off, postponed, to be confirmed: each once at least, all year round."""
    shop = replace(shop, clock=FixedClock(dt.datetime(2027, month, 20, 11, tzinfo=dt.UTC)))
    demo.build(shop, all_tours=False)
    day = today(shop.clock)
    evenings = list(session.scalars(select(Evening).order_by(Evening.date)))
    marks = Counter(mark(evening)[0] for evening in evenings if evening.date > day)
    assert marks == {"ok": 2, "dep": 1, "ann": 1, "rep": 1, "att": 1}
    assert [e.state for e in evenings if e.date < day] == ["held"] * 4
    assert [mark(e)[0] for e in evenings if e.date == day + dt.timedelta(days=1)] == ["ok"]
    [called_off] = [e for e in evenings if e.state == "cancelled"]
    served = {e.commune_insee for e in evenings if e.state in ("held", "confirmed", "option")}
    assert len(served) == 6
    assert called_off.commune_insee in served
    [postponed] = [e for e in evenings if e.state == "postponed"]
    assert postponed.postponed_to is not None
    assert (postponed.postponed_to.state, postponed.postponed_to.date) == (
        "option",
        postponed.date + dt.timedelta(days=3),
    )
    confirmed = [change.at for e in evenings for change in e.history if change.new == "confirmed"]
    assert max(confirmed).date() < min(e.date for e in evenings)
