"""A host answers thirty dates on an old phone whose network is slow, then gone; nothing is lost."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Availability, Contact, Fete
from guinguette.services import host_links
from tests import factories as make
from tests.e2e.faults import faults, fits, needs_axe
from tests.fakes import FixedClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]

#: Ten weekends of three days.
DAYS = [dt.date(2027, 7, 2) + dt.timedelta(days=7 * week + day) for week in range(10) for day in range(3)]
KEPT = "Gardé sur ce téléphone, part dès que le réseau revient."
LEVELS = ["yes", "no", "yes", "if_need_be", "yes"]
#: Which week of the page (the one that July and August share stands twice), the button that is pressed, what it says.
WEEKS = [
    (4, "non", "no", DAYS[12:14]),
    (7, "si besoin", "if_need_be", DAYS[18:21]),
    (9, "oui", "yes", DAYS[24:27]),
]


@pytest.fixture
def contact(session: Session) -> Contact:
    """Jeanne Petit, of Éclaron, which is asked for thirty days and has a fête."""
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=DAYS, answer_by=dt.date(2027, 6, 20))
    commune = make.make_commune(session, name="Éclaron", department="52")
    make.make_request(session, tour=tour, commune=commune)
    committee = make.make_committee(session, commune=commune)
    session.add(Fete(commune_insee=commune.insee, name="Fête patronale", first=DAYS[4], last=DAYS[5]))
    contact = make.make_contact(session, committee=committee)
    session.commit()
    return contact


def fresh_path(session: Session, contact: Contact) -> str:
    """Return the path of her page of days by a link of its own."""
    token = make.make_host_link(session, contact=contact)
    session.commit()
    return f"/comite/{token}/jours/ete"


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """An old phone: 360 × 640."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, base_url=address, locale="fr-FR")
    yield context
    context.close()


def opened(phone: BrowserContext, path: str) -> tuple[Page, Callable[[bool], None]]:
    """Open the page on a slow network, 400 ms away, 400 kbit/s; return it and what cuts its network, or mends it."""
    page = phone.new_page()
    network = phone.new_cdp_session(page)

    def cut(offline: bool) -> None:
        slow = {"offline": offline, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
        network.send("Network.emulateNetworkConditions", slow)

    cut(False)
    page.goto(path)
    return page, cut


def touch(page: Page, day: dt.date, level: str) -> None:
    """Tap a day until it says this level."""
    chosen = page.locator(f'input[name="jour-{day}"]:checked')
    while chosen.input_value() != level:
        chosen.locator("+ label").click()


def saved(session: Session) -> dict[dt.date, str]:
    """Return the answers that the database has."""
    session.expire_all()
    return {row.date: row.level for row in session.scalars(select(Availability))}


def test_thirty_dates_on_a_bad_network(
    phone: BrowserContext, contact: Contact, session: Session, clock: FixedClock
) -> None:
    """Cut in the middle of a save, closed without network, opened by another link: every day's last touch arrives."""
    given = {day: LEVELS[number % len(LEVELS)] for number, day in enumerate(DAYS)}
    page, cut = opened(phone, fresh_path(session, contact))
    status = page.get_by_role("status")
    for day in DAYS[:9]:
        touch(page, day, given[day])
    expect(status).to_contain_text("Restent 21 jours sans réponse.")
    touch(page, DAYS[9], given[DAYS[9]])
    touch(page, DAYS[0], "no")  # another mind
    with page.expect_request("**/touches"):
        pass  # it is on its way …
    cut(True)  # … and the network is gone
    given[DAYS[0]] = "no"
    page.get_by_text("Répondre en une fois").click()
    for number, word, level, days in WEEKS:
        page.locator(".semaine").nth(number).get_by_role("button", name=word).click()
        given |= dict.fromkeys(days, level)
    for day in (*DAYS[10:12], *DAYS[14:18], *DAYS[21:24], *DAYS[27:]):
        touch(page, day, given[day])
    expect(status).to_have_text(KEPT)
    assert len(saved(session)) <= 10
    page.close()
    host_links.revoke_all(session, contact, clock)
    again, cut = opened(phone, fresh_path(session, contact))
    expect(again.get_by_role("status")).to_contain_text("Tous les jours ont une réponse.")
    assert saved(session) == given
    cut(True)
    touch(again, DAYS[1], "yes")
    expect(again.get_by_role("status")).to_have_text(KEPT)
    cut(False)
    expect(again.get_by_role("status")).to_contain_text("Tous les jours ont une réponse.")
    given[DAYS[1]] = "yes"
    assert saved(session) == given
    assert again.evaluate("Object.keys(localStorage).length") == 0
    again.reload()
    assert again.locator(".jour input:checked").evaluate_all("all => all.map(i => i.value)") == list(given.values())


@needs_axe
def test_for_tired_eyes_and_screen_readers(phone: BrowserContext, contact: Contact, session: Session) -> None:
    """axe finds nothing; at 200 % nothing is out of sight; a keyboard answers, and each day says its name."""
    page = phone.new_page()
    page.goto(fresh_path(session, contact))
    page.get_by_text("Répondre en une fois").click()
    assert faults(page) == []
    page.set_viewport_size({"width": 180, "height": 320})
    assert fits(page)
    day = page.get_by_role("group", name="vendredi 9 juillet")
    saturday = page.get_by_role("group", name="samedi 10 juillet, Fête patronale")
    expect(saturday).to_have_count(1)
    day.get_by_role("radio", name="sans réponse").focus()
    page.keyboard.press("ArrowRight")
    expect(day.get_by_role("radio", name="oui")).to_be_checked()
    expect(page.get_by_role("status")).to_contain_text("Restent 29 jours sans réponse.")
    page.get_by_role("button", name="J’ai fini").click()
    expect(page.get_by_role("status")).to_contain_text("Tous les jours ont une réponse.")
    assert saved(session) == {each: "yes" if each == dt.date(2027, 7, 9) else "no" for each in DAYS}
