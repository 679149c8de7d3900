"""Where the database's schema stands, and bringing it up to date.

Alembic keeps a connection open as long as its app context: each function here has a context of its own.
"""

from flask import Flask

from guinguette.cli.refusal import RefusalError
from guinguette.extensions import alembic


def of_database(app: Flask) -> set[str]:
    """Return the migrations at which the database stands; empty where there is none."""
    with app.app_context():
        return set(alembic.migration_context.get_current_heads())


def of_code(app: Flask) -> set[str]:
    """Return the migrations at which this version ends."""
    with app.app_context():
        return {script.revision for script in alembic.heads()}


def upgrade(app: Flask, target: str = "heads") -> None:
    """Run the migrations up to ``target``."""
    with app.app_context():
        alembic.upgrade(target)


def differs_from_models(app: Flask) -> bool:
    """Tell whether the tables are not what the models say: a migration is missing, or somebody changed them."""
    with app.app_context():
        return alembic.needs_revision()


def refuse_other(app: Flask) -> None:
    """Raise ``RefusalError`` unless the database stands exactly where this version's migrations end."""
    here = of_database(app)
    if not here:
        raise RefusalError("La base est vide : lancez « guinguette init », ou « guinguette demo » pour essayer.")
    if here != of_code(app):
        raise RefusalError("Le schéma de la base n’est pas celui de cette version : lancez « guinguette db upgrade ».")
