"""The command line ``guinguette``. Exit codes: 0 done, 1 the answer is no, 2 the call or the file is wrong.

Errors are one French line on standard error, never a traceback.
"""

import logging
import os
import sys

import click
from sqlalchemy.exc import DBAPIError

from guinguette.cli import database, places, seasons, serving, setting_up
from guinguette.cli.refusal import RefusalError
from guinguette.config import ConfigError
from guinguette.domain.errors import Conflict, InvalidInput, NotFound

NO, WRONG = 1, 2


@click.group(
    help="La Guinguette mobile : planifier, publier, prévenir.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="guinguette-mobile", message="%(version)s")
def guinguette() -> None:
    """Group every command."""


for command in (
    *serving.COMMANDS,
    *setting_up.COMMANDS,
    *database.COMMANDS,
    *places.COMMANDS,
    *seasons.COMMANDS,
):
    guinguette.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    alembic = logging.getLogger("alembic")
    alembic.handlers.clear()  # Flask-Alembic's own: it prints each step, on top of ours
    alembic.setLevel(logging.WARNING)
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code. ``GUINGUETTE_DEBUG`` lets a fault of ours show its traceback."""
    try:
        guinguette.main(arguments, prog_name="guinguette", standalone_mode=False)
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG
    except (click.ClickException, ConfigError, InvalidInput, NotFound) as error:
        return _say(_call_error(error) if isinstance(error, click.ClickException) else str(error), WRONG)
    except (click.Abort, KeyboardInterrupt):
        return _say("Interrompu.", NO)
    except Exception as error:
        if os.environ.get("GUINGUETTE_DEBUG"):
            raise
        return _say(str(error) if isinstance(error, RefusalError | Conflict) else _fault(error), NO)
    return 0


def _say(sentence: str, code: int) -> int:
    click.echo(" ".join(sentence.split()), err=True)
    return code


def _call_error(error: click.ClickException) -> str:
    """Return click's English as French: the kinds are few."""
    hint = " Voir « guinguette --help »."
    if isinstance(error, click.NoSuchOption):
        return f"L’option {error.option_name} n’existe pas.{hint}"
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"La commande « {error.command_name} » n’existe pas.{hint}"
    if isinstance(error, click.MissingParameter):
        return f"Il manque {_named(error)}.{hint}"
    if isinstance(error, click.BadParameter):
        return f"La valeur de {_named(error)} n’est pas acceptée.{hint}"
    return f"La commande est mal écrite.{hint}"


def _named(error: click.BadParameter) -> str:
    parameter = error.param
    if parameter is None:
        return "un argument"
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def _fault(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return f"La base de données a refusé : {error.orig}"
    return f"Erreur inattendue ({type(error).__name__}) : {error}. GUINGUETTE_DEBUG=1 montre le détail."
