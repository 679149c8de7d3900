"""What ``tour plan`` says besides the plan: how its territories stand, and which roads were estimated."""

from typing import Any

import click
from babel.numbers import format_decimal

from guinguette.models import RoadSurvey, Tour
from guinguette.publishing.words import distance_words


class Territories:
    """Told how the territories stand (``SolverRun.territories``), prints those that have changed."""

    def __init__(self) -> None:
        self._last: list[dict[str, Any]] = []

    def __call__(self, territories: list[dict[str, Any]]) -> None:
        """Print a line for each that has changed, on standard error."""
        for each in territories:
            if each not in self._last and each["turns"]:
                click.echo(_line(each), err=True)
        self._last = territories


def about_roads(survey: RoadSurvey | None, tour: Tour) -> list[str]:
    """Return what the plan's page says about distances that are not by road; nothing where all are, or none is."""
    if survey is None or not survey.estimated:
        return []
    percent = round((tour.detour - 1) * 100)
    if survey.estimated == survey.drives:
        what = f"les distances de ce plan sont celles à vol d’oiseau, allongées de {percent} %"
    else:
        what = (
            f"sur {format_decimal(survey.drives, locale='fr')} trajets possibles entre les lieux,"
            f" {format_decimal(survey.estimated, locale='fr')} à vol d’oiseau,"
            f" allongés de {percent} %"
        )
    if survey.failure:
        return [
            f"Attention, le serveur des routes n’a pas répondu : {what}.",
            f"À dire à qui s’occupe du serveur : {survey.failure}",
        ]
    return [f"Attention, des villages sans route connue : {what}. Sont-ils placés sur une route, et les dépôts aussi ?"]


def _line(territory: dict[str, Any]) -> str:
    turns = "1 passage" if territory["turns"] == 1 else f"{territory['turns']} passages"
    if territory["cost"] is None:
        return f"{territory['name']} · {turns}"
    return f"{territory['name']} · {turns} · {distance_words(territory['cost'], str, 'fr')}-équivalents"
