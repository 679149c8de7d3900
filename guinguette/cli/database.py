"""``db``, ``backup`` and ``restore``."""

from pathlib import Path

import click

from guinguette import extensions
from guinguette.cli import schema
from guinguette.cli.desk import desk
from guinguette.cli.refusal import RefusalError
from guinguette.domain.errors import N_, InvalidInput
from guinguette.services import backup as backups

_FILE = click.Path(path_type=Path)


@click.group(help="Le schéma de la base de données.")
def db() -> None:
    """Group the schema's commands."""


@db.command("upgrade", help="Amener le schéma à celui de cette version ; les données restent.")
def db_upgrade() -> None:
    """Run the migrations that are missing."""
    with desk(any_schema=True) as d:
        before = schema.of_database(d.app)
        schema.upgrade(d.app)
        click.echo("Le schéma était à jour." if before == schema.of_code(d.app) else "Le schéma est à jour.")


@db.command("check", help="Dire si le schéma est celui de cette version (code 0) ou non (code 1).")
def db_check() -> None:
    """Compare migrations, then tables and models."""
    with desk() as d:
        if schema.differs_from_models(d.app):
            raise RefusalError(
                "Les tables ne sont pas celles que cette version attend : quelqu’un les a changées à la main."
            )
        click.echo("Le schéma est à jour.")


@click.command(help="Écrire toute la base dans FICHIER (lisible par vous seul). Les clés n’y sont pas.")
@click.argument("file", metavar="FICHIER", type=_FILE)
def backup(file: Path) -> None:
    """Write a backup that SQLite and PostgreSQL both restore."""
    with desk() as d:
        try:
            rows = backups.backup(extensions.db.engine, file)
        except OSError as error:
            raise InvalidInput(N_("{file} ne peut pas être écrit : {why}."), file=file, why=error.strerror) from error
        click.echo(
            f"{rows} lignes sauvegardées dans {file}. Gardez à part GUINGUETTE_DATA_KEY ({d.settings.instance})."
        )


@click.command(help="Remplir une base vide avec la sauvegarde FICHIER.")
@click.argument("file", metavar="FICHIER", type=_FILE)
def restore(file: Path) -> None:
    """Make the backup's schema, fill it, bring it up to date."""
    if not file.is_file():
        raise InvalidInput(N_("{file} n’existe pas."), file=file)
    revisions = backups.schema_in(file)
    with desk(any_schema=True) as d:
        if not set(revisions) <= {script.revision for script in extensions.alembic.log()}:
            raise RefusalError(
                "Cette sauvegarde vient d’une version plus récente : mettez d’abord le programme à jour."
            )
        backups.refuse_filled(extensions.db.engine)
        for revision in revisions:
            schema.upgrade(d.app, revision)
        rows = backups.restore(extensions.db.engine, file)
        schema.upgrade(d.app)
        click.echo(f"{rows} lignes restaurées depuis {file}.")


COMMANDS = (db, backup, restore)
