"""``communes``: the list of all communes, brought in and searched."""

from pathlib import Path

import click

from guinguette.cli.desk import desk
from guinguette.cli.refusal import RefusalError
from guinguette.services import communes as service


@click.group(help="La liste des communes de France.")
def communes() -> None:
    """Group the communes' commands."""


@communes.command("import", help="Ajouter ou corriger les communes d’un fichier CSV (colonnes de docs/operations.md).")
@click.argument("file", metavar="FICHIER", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Import a list: all of it or nothing."""
    with desk() as d:
        count = service.import_file(d.session, file)
        d.session.commit()
        click.echo(f"{count} communes lues dans {file}.")


@communes.command(help="Chercher une commune par son nom, son code postal ou son code INSEE.")
@click.argument("text", metavar="TEXTE", nargs=-1, required=True)
def search(text: tuple[str, ...]) -> None:
    """Print one commune a line: INSEE code, name, postcodes, inhabitants, EPCI."""
    with desk() as d:
        found = service.search(d.session, " ".join(text))
        for c in found:
            click.echo("\t".join([c.insee, c.name, c.postcodes, str(c.population), c.epci.name if c.epci else ""]))
    if not found:
        raise RefusalError("Aucune commune ne répond à ces mots.")


COMMANDS = (communes,)
