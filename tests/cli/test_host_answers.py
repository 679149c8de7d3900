"""What a host gives on the phone is what the solver is given, nothing typed in between."""

import datetime as dt
import json
import os
import re
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
    """``tour export --format season`` before and after: days, needs, hall, permit and place, and of nobody else."""
    app = create_app(config.load(os.environ))
    with app.app_context():
        Base.metadata.create_all(extensions.db.engine)
        extensions.alembic.stamp()  # all migrations, in a tenth of their time
        session = extensions.db.session
        van = make.make_vehicle(session, equipment=["stage"])
        tour = make.make_tour(session, slug="ete", dates=DAYS, vehicles=[van], hall_required=True)
        mine, other = (make.make_request(session, tour=tour) for _ in range(2))
        mine.pitch, mine.fallback_venue = (
            make.make_pitch(session, commune=mine.commune),
            make.make_hall(session, commune=mine.commune),
        )
        committee = make.make_committee(session, commune=mine.commune)
        contact = make.make_contact(session, committee=committee)
        token = make.make_host_link(session, contact=contact, at=dt.datetime.now(dt.UTC))
        session.commit()
        holder, pitch, hall = committee.id, mine.pitch_id, mine.fallback_venue_id
        village, somebody_else = mine.commune_insee, other.commune_insee
    before = _exported()
    phone, here = app.test_client(), f"/comite/{token}"
    at = dt.datetime.now(dt.UTC).timestamp() * 1000
    given = {str(DAYS[0]): ["if_need_be", at], str(DAYS[1]): ["no", at], str(DAYS[2]): ["yes", at]}
    assert phone.post(f"{here}/jours/ete/touches", json={"days": given, "done": True}).status_code == 200
    # each form as its page gives it: the version is the one shown
    for path, typed in (
        ("lieux/tournees/ete/besoins", {"needs": "stage"}),
        ("lieux/tournees/ete/buvette", {"permit_holder_id": holder}),
        (f"lieux/salle/{hall}/reservations", {"date": DAYS[2].isoformat(), "what": "Loto"}),
        (f"lieux/emplacement/{pitch}/place", {"name": "Préau", "address": "", "lat": "48,61", "lon": "4,91"}),
    ):
        shown = re.search(r'name="version"[^>]*value="(\d+)"', phone.get(f"{here}/{path}").text)
        version = {"version": shown[1]} if shown else {}
        assert phone.post(f"{here}/{path}", data={**typed, **version}).status_code == 302, path
    after = _exported()
    with app.app_context():
        extensions.db.engine.dispose()
    old, new = ({each["id"]: each for each in season["communes"]} for season in (before, after))
    every_day = dict.fromkeys(map(str, DAYS), "yes")
    assert [old[id_]["availability"] for id_ in (village, somebody_else)] == [every_day, every_day]
    # the hall is taken on the day that would have suited best, in a tour that needs one
    assert new[village] == old[village] | {"availability": {str(DAYS[0]): "if_need_be"}, "needs": ["stage"]}
    assert new[somebody_else] == old[somebody_else]
    places = {each["id"]: (each["lat"], each["lon"]) for each in after["locations"]}
    assert places[village] == (48.61, 4.91)
    assert before["quotas"] == []
    assert {(quota["id"].rpartition("-")[0], *quota["communes"]) for quota in after["quotas"]} == {
        (f"permis-{holder}", village)
    }
    unchanged = set(before) - {"communes", "locations", "quotas"}
    assert {key: before[key] for key in unchanged} == {key: after[key] for key in unchanged}
