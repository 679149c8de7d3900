"""What a host gives on the phone is what the solver is given, nothing typed in between."""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from guinguette import config, create_app, extensions
from guinguette.cli import run
from guinguette.models import Base
from tests import factories as make

DAYS = [dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30 + n) for n in range(4)]


def _exported() -> dict[str, Any]:
    assert run(["tour", "export", "ete", "--format", "season", "--out", "season.json"]) == 0
    season: dict[str, Any] = json.loads(Path("season.json").read_text(encoding="utf-8"))
    return season


def test_an_answer_changes_the_exported_season(installation: Path) -> None:
    """``tour export --format season``: every day is possible, then what a host who has finished gave; no more."""
    app = create_app(config.load(os.environ))
    with app.app_context():
        Base.metadata.create_all(extensions.db.engine)
        extensions.alembic.stamp()  # all migrations, in a tenth of their time
        session = extensions.db.session
        tour = make.make_tour(session, slug="ete", dates=DAYS, vehicles=[make.make_vehicle(session)])
        mine, other = (make.make_request(session, tour=tour).commune_insee for _ in range(2))
        committee = make.make_committee(session, commune=session.get_one(make.Commune, mine))
        contact = make.make_contact(session, committee=committee)
        token = make.make_host_link(session, contact=contact, at=dt.datetime.now(dt.UTC))
        session.commit()
    before = _exported()
    at = dt.datetime.now(dt.UTC).timestamp() * 1000
    given = {str(DAYS[0]): ["if_need_be", at], str(DAYS[1]): ["no", at], str(DAYS[2]): ["yes", at]}
    sent = {"days": given, "done": True}
    assert app.test_client().post(f"/comite/{token}/jours/ete/touches", json=sent).status_code == 200
    after = _exported()
    with app.app_context():
        extensions.db.engine.dispose()
    availability = {each["id"]: each.pop("availability") for each in after["communes"]}
    every_day = dict.fromkeys(map(str, DAYS), "yes")
    assert availability == {mine: {str(DAYS[0]): "if_need_be", str(DAYS[2]): "yes"}, other: every_day}
    assert [each.pop("availability") for each in before["communes"]] == [every_day, every_day]
    assert before == after
