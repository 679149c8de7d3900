"""Forty villages answer in the same minute, some of them twice over: every answer is kept, on either database."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Availability, CommuneRequest, JournalEntry
from guinguette.services.requests import LEVELS
from tests import factories as make
from tests.fakes import NOW

VILLAGES, WITH_TWO = 40, 10
DAYS = [dt.date(2027, 7, 2) + dt.timedelta(days=7 * n) for n in range(8)]
AT = int(NOW.timestamp() * 1000)

Sent = dict[str, tuple[str, int]]


@dataclass(frozen=True)
class Answering:
    """A host: the token of their link, and the touches they send, post by post."""

    token: str
    posts: list[Sent]


def test_forty_hosts_at_once(app: Flask, session: Session) -> None:
    """Each sends its days in two halves; where two hosts of a village differ on a day, the later touch stands."""
    tour = make.make_tour(session, slug="ete", dates=DAYS)
    rows = [make.make_request(session, tour=tour) for _ in range(VILLAGES)]
    hosts: list[Answering] = []
    expected: dict[tuple[int, dt.date], str] = {}
    for number, row in enumerate(rows):
        committee = make.make_committee(session, commune=row.commune)
        given = {day: LEVELS[(number + place) % 3] for place, day in enumerate(DAYS)}
        expected |= {(row.id, day): level for day, level in given.items()}
        sent = {str(day): (level, AT - 60_000) for day, level in given.items()}
        halves = [{day: sent[day] for day in list(sent)[part::2]} for part in (0, 1)]
        if number < WITH_TWO:
            # each has one half; both have touched the first day, the second of them a second later
            both = {str(DAYS[0]): ("if_need_be", AT - 59_000)}
            expected[row.id, DAYS[0]] = "if_need_be"
            hosts.append(Answering(_link(session, committee), [halves[0]]))
            hosts.append(Answering(_link(session, committee), [halves[1], both]))
        else:
            hosts.append(Answering(_link(session, committee), halves))
    session.commit()
    start = Barrier(len(hosts))

    def answer(host: Answering) -> list[int]:
        client = app.test_client()
        start.wait()
        path = f"/comite/{host.token}/jours/ete/touches"
        return [client.post(path, json={"days": days, "done": False}).status_code for days in host.posts]

    with ThreadPoolExecutor(len(hosts)) as threads:
        codes = [code for each in threads.map(answer, hosts) for code in each]
    assert set(codes) == {200}
    session.expire_all()
    stored = {(each.request_id, each.date): each.level for each in session.scalars(select(Availability))}
    assert stored == expected
    versions = [row.version for row in session.scalars(select(CommuneRequest).order_by(CommuneRequest.id))]
    # a post is one version more, unless all it had was overtaken already
    assert versions[WITH_TWO:] == [3] * (VILLAGES - WITH_TWO)
    assert set(versions[:WITH_TWO]) <= {3, 4}
    finished = session.scalars(select(JournalEntry).where(JournalEntry.detail.startswith("tous les jours"))).all()
    assert {line.commune_insee for line in finished} == {row.commune_insee for row in rows}


def _link(session: Session, committee: make.Committee) -> str:
    return make.make_host_link(session, contact=make.make_contact(session, committee=committee))
