"""``tour`` and ``reminders``: the season's work without a browser."""

import datetime as dt
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click
from sqlalchemy import select

from guinguette.cli import plan_told
from guinguette.cli.desk import ACTOR, Desk, desk
from guinguette.cli.refusal import RefusalError
from guinguette.domain.clock import PARIS
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import Tour
from guinguette.publishing import calendar
from guinguette.publishing.geojson import to_geojson
from guinguette.publishing.tables import to_csv, to_xlsx
from guinguette.services import planning, publication, published, reminders, sending
from guinguette.services.wording import translator


@dataclass(frozen=True, slots=True)
class _At:
    """A clock that was set to the instant of ``--at`` when it was made, and goes on: for rehearsals only."""

    instant: dt.datetime
    made_at: float = field(default_factory=time.monotonic)

    def now(self) -> dt.datetime:
        return self.instant + dt.timedelta(seconds=time.monotonic() - self.made_at)


@click.group(help="Les tournées.")
def tour() -> None:
    """Group the tours' commands."""


@tour.command("list", help="Une tournée par ligne : nom court, version publiée, nom.")
def list_() -> None:
    """Print the tours."""
    with desk() as d:
        for found in d.session.scalars(select(Tour).order_by(Tour.id)):
            version = f"version {found.published_version}" if found.published_version else "non publiée"
            click.echo("\t".join([found.slug, version, found.name + (" (archivée)" if found.archived_at else "")]))


@tour.command(help="Calculer un plan, ici et maintenant.")
@click.argument("slug")
def plan(slug: str) -> None:
    """Run the solver in this process."""
    with desk() as d:
        run = planning.start_run(d.session, _tour(d, slug), d.clock)
        d.session.commit()
        click.echo(f"Calcul de {run.seconds_limit} secondes au plus…", err=True)
        planning.execute_run(
            d.factory,
            run.id,
            d.clock,
            roads_url=d.settings.roads_url,
            wake=d.jobs.wake_for_parts if d.settings.many_machines else None,
            tell=plan_told.Territories(),
        )
        d.session.refresh(run)
        if run.state not in ("done", "stopped") or not run.plans:
            raise RefusalError(
                f"Le calcul n’a pas donné de plan ({run.state}) : {run.error or 'voir la page de la tournée'}"
            )
        if run.plans[0].status not in ("optimal", "feasible"):
            raise RefusalError(
                "Aucun plan ne tient : des demandes se contredisent. La page de la tournée dit lesquelles."
            )
        click.echo(
            f"{len(run.plans[0].evenings)} soirées, {len(run.plans[0].unserved)} communes en manque,"
            f" coût {run.plans[0].cost} (au mieux {run.plans[0].bound})."
        )
        for sentence in plan_told.about_roads(planning.survey_of(d.session, run.plans[0]), run.tour):
            click.echo(sentence, err=True)


@tour.command(help="Publier le dernier plan.")
@click.argument("slug")
def publish(slug: str) -> None:
    """Freeze the latest plan as what the public sees."""
    with desk() as d:
        found = planning.latest_plan(d.session, _tour(d, slug))
        if found is None:
            raise RefusalError(f"Cette tournée n’a pas encore de plan : lancez « guinguette tour plan {slug} ».")
        new = publication.publish(
            d.session, found, actor=ACTOR, clock=d.clock, vault=d.vault, public_url=d.settings.public_url
        )
        d.session.commit()
        d.jobs.send_due()
        click.echo(f"Version {new.number} publiée : {d.settings.public_url}/tournees/{slug}")


@tour.command(help="Écrire la tournée dans un autre format : season tel que demandé, les autres tels que publiés.")
@click.argument("slug")
@click.option("--format", "kind", required=True, metavar="FORMAT", help="season, csv, xlsx, geojson ou ics")
@click.option("--out", metavar="FICHIER", type=click.Path(path_type=Path), help="sans cela, la sortie standard")
def export(slug: str, kind: str, out: Path | None) -> None:
    """Write a season or a published tour."""
    if kind not in _EXPORTS:
        raise InvalidInput(N_("Le format « {kind} » n’existe pas : {kinds}."), kind=kind, kinds=", ".join(_EXPORTS))
    with desk() as d:
        body = _EXPORTS[kind](d, _tour(d, slug))
    if out is None:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(body)
    except OSError as error:
        raise InvalidInput(N_("{file} ne peut pas être écrit : {why}."), file=out, why=error.strerror) from error


@click.group("reminders", help="Les rappels de la veille.")
def reminders_() -> None:
    """Group the reminders' commands."""


@reminders_.command("run", help="Préparer les rappels qui sont dus, et envoyer ce qui peut partir.")
@click.option("--at", metavar="ISO8601", help="ceux qui sont dus à cet instant (heure de Paris sans décalage)")
@click.option("--dry-run", is_flag=True, help="montrer seulement, ne rien écrire ni envoyer")
def run_reminders(at: str | None, dry_run: bool) -> None:
    """Do at once what the worker does each minute.

    ``--at`` chooses the reminders. The hours at which people may be disturbed stay those of the real clock, unless no
    telephone can ring (``Settings.rehearsing``): then the whole run takes place at that instant.
    """
    instant = _instant(at) if at else None
    with desk() as d:
        clock = _At(instant) if instant and d.settings.rehearsing else d.clock
        due = reminders.due(d.session, instant or clock.now())
        for item in due:
            click.echo(f"{item.evening.date.isoformat()}\t{item.evening.commune}\t{len(item.recipients)} rappel(s)")
        if dry_run:
            return
        new = reminders.prepare(d.session, clock=clock, vault=d.vault, public_url=d.settings.public_url, at=instant)
        d.session.commit()
        outcomes = sending.send_due(
            d.factory, clock=clock, senders=d.senders, vault=d.vault, public_url=d.settings.public_url
        )
        states = ", ".join(f"{state} {count}" for state, count in sorted(outcomes.items()) if count)
        click.echo(f"{new} rappel(s) préparé(s) ; messages : {states or 'aucun pour l’instant'}.")


def _tour(d: Desk, slug: str) -> Tour:
    found = d.session.scalar(select(Tour).where(Tour.slug == slug))
    if found is None:
        raise NotFound(N_("La tournée « {slug} » n’existe pas : « guinguette tour list » les montre."), slug=slug)
    return found


def _instant(text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(N_("« {text} » n’est pas un instant ISO 8601 (2027-06-18T17:00)."), text=text) from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=PARIS)).astimezone(dt.UTC)


def _season(d: Desk, found: Tour) -> bytes:
    season = planning.season_of(d.session, found, d.clock, roads=planning.known_roads(d.session, found))
    return (json.dumps(season, ensure_ascii=False, indent=1) + "\n").encode()


def _ics(d: Desk, found: Tour) -> bytes:
    url = d.settings.public_url
    seen = published.by_slug(d.session, found.slug)
    return calendar.render(
        seen.evenings,
        name=seen.name,
        description=seen.presentation,
        public_url=url,
        source_url=f"{url}/tournees/{found.slug}.ics",
        translate=translator("fr"),
        locale="fr",
    )


_EXPORTS: dict[str, Callable[[Desk, Tour], bytes]] = {
    "season": _season,
    "csv": lambda d, found: to_csv(published.by_slug(d.session, found.slug)),
    "xlsx": lambda d, found: to_xlsx(published.by_slug(d.session, found.slug)),
    "geojson": lambda d, found: to_geojson(published.by_slug(d.session, found.slug), d.settings.public_url),
    "ics": _ics,
}

COMMANDS = (tour, reminders_)
