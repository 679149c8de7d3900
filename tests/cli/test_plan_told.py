"""What ``tour plan`` says besides the plan (guinguette/cli/plan_told.py)."""

import pytest
from sqlalchemy.orm import Session

from guinguette.cli import plan_told
from guinguette.models import RoadSurvey
from tests import factories as make
from tests.fakes import NOW

TERRITORIES = [{"name": "Troyes, Châlons", "turns": 2, "cost": 1_234_567}, {"name": "Nancy", "turns": 0, "cost": None}]


def test_the_command_tells_what_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    """A territory that stands as it stood is not told again."""
    told = plan_told.Territories()
    for _ in range(2):
        told(TERRITORIES)
    told([TERRITORIES[0], {"name": "Nancy", "turns": 1, "cost": None}])
    lines = capsys.readouterr().err.replace("\u00a0", "~").replace("\u202f", "~").splitlines()
    assert lines == ["Troyes, Châlons · 2 passages · 1~235~km-équivalents", "Nancy · 1 passage"]


def test_the_command_warns_of_estimated_roads(session: Session) -> None:
    """As the plan's page does: how many, and whose fault it is; nothing where all is by road, or nobody was asked."""
    tour = make.make_tour(session, detour=1.3)
    survey = RoadSurvey(server="osrm", drives=9_030_000, estimated=4, failure="", asked_at=NOW)
    [sentence] = plan_told.about_roads(survey, tour)
    assert "sans route connue" in sentence
    assert "sur 9\u202f030\u202f000 trajets possibles entre les lieux, 4 à vol d’oiseau, allongés de 30 %" in sentence
    survey.estimated, survey.failure = 9_030_000, "connection refused"
    first, second = plan_told.about_roads(survey, tour)
    assert "n’a pas répondu : les distances de ce plan sont celles à vol d’oiseau" in first
    assert "connection refused" in second
    survey.estimated = 0
    assert plan_told.about_roads(survey, tour) == plan_told.about_roads(None, tour) == []
