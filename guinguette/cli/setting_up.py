"""``demo``, ``init``, ``config`` and ``user``: from nothing to an installation somebody can enter."""

import os
import sys
from pathlib import Path

import click
from flask_security import hash_password

from guinguette import config, extensions
from guinguette.cli import schema
from guinguette.cli.desk import Desk, desk
from guinguette.cli.serving import serve_until_stopped
from guinguette.domain.errors import N_, InvalidInput
from guinguette.services import accounts, communes, demo_host, rules
from guinguette.services import demo as demonstration

DEMO_EMAIL = "demo@example.org"
_PASSWORD_FILE = click.option(
    "--password-file",
    metavar="FICHIER",
    type=click.Path(path_type=Path),
    help="mot de passe, première ligne (- : entrée)",
)


@click.command(help="Bâtir la démonstration : quarante vraies communes, trois tournées planifiées et publiées.")
@click.option("--serve", is_flag=True, help="puis servir, comme « guinguette serve »")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, envvar="PORT", show_default=True, help="ou PORT")
def demo(serve: bool, port: int) -> None:
    """Build what of the demo is not there yet, print a one-time sign-in link; serve if asked."""
    os.environ["PORT"] = str(port)
    with desk(any_schema=True) as d:
        schema.upgrade(d.app)
        demonstration.build(
            demonstration.Workshop(
                factory=d.factory,
                clock=d.clock,
                vault=d.vault,
                public_url=d.settings.public_url,
                report=lambda sentence: click.echo(f"  {sentence}"),
                roads_url=d.settings.roads_url,
            )
        )
        user = accounts.find_user(d.session, DEMO_EMAIL)
        if user is None:
            user = accounts.create_user(d.session, email=DEMO_EMAIL, role="organiser")
        _print_link(d, user.email)
        _print_host_link(d)
        d.jobs.waiting()
    if serve:
        serve_until_stopped(d.settings, host="127.0.0.1", port=port)


@click.command(help="Préparer une installation vide : schéma, communes de France, premier compte.")
@click.option("--email", metavar="ADRESSE", help="adresse du premier compte (demandée sans cela)")
@_PASSWORD_FILE
def init(email: str | None, password_file: Path | None) -> None:
    """Make the schema, add the first organiser, load the communes and the rules. Safe to repeat until that is done."""
    email = accounts.clean_address(email or click.prompt("Adresse e-mail du premier compte", err=True))
    password = _read(password_file) if password_file else _ask_password()
    with desk(any_schema=True) as d:
        hashed = _hash(password)
        schema.upgrade(d.app)
        accounts.create_user(d.session, email=email, role="organiser", password_hash=hashed)
        click.echo("  Communes de France…")
        communes.load_all(d.session)
        rules.ensure_defaults(d.session)
        d.session.commit()
        click.echo(f"C’est prêt. « guinguette serve », puis {d.settings.public_url}/organisation/")


@click.command("config", help="Montrer les réglages en vigueur, secrets masqués.")
def config_() -> None:
    """Print NAME=value lines."""
    for name, value in config.load().masked().items():
        click.echo(f"{name}={value}")


@click.group(help="Les comptes.")
def user() -> None:
    """Group the accounts' commands."""


@user.command(help="Ajouter un compte ; sans mot de passe, un lien d’un seul usage est affiché.")
@click.argument("email", metavar="ADRESSE")
@click.option("--role", required=True, metavar="RÔLE", help=", ".join(accounts.ROLES))
@_PASSWORD_FILE
def add(email: str, role: str, password_file: Path | None) -> None:
    """Add an account."""
    with desk() as d:
        hashed = _hash(_read(password_file)) if password_file else None
        added = accounts.create_user(d.session, email=email, role=role, password_hash=hashed)
        if hashed is None:
            _print_link(d, added.email)
        d.session.commit()
        click.echo(f"{added.email} : compte ajouté ({role}).")


@user.command(help="Afficher un nouveau lien de connexion, d’un seul usage, valable un jour.")
@click.argument("email", metavar="ADRESSE")
def link(email: str) -> None:
    """Print a sign-in link."""
    with desk() as d:
        _print_link(d, email)


def _print_link(d: Desk, email: str) -> None:
    token = accounts.new_sign_in_link(d.session, accounts.get_user(d.session, email), d.clock)
    d.session.commit()
    click.echo(f"Pour entrer (une seule fois, dans la journée) : {d.settings.public_url}/connexion/lien/{token}")


def _print_host_link(d: Desk) -> None:
    found = demo_host.link(d.session, d.clock)
    d.session.commit()
    if found is not None:
        village, token = found
        click.echo(f"Pour répondre comme un village ({village}) : {d.settings.public_url}/comite/{token}/")


def _ask_password() -> str:
    return str(click.prompt("Mot de passe (12 signes au moins)", hide_input=True, confirmation_prompt=True, err=True))


def _read(path: Path) -> str:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(N_("{file} ne peut pas être lu : {why}."), file=path, why=error.strerror) from error
    return text.split("\n", 1)[0].rstrip("\r")


def _hash(password: str) -> str:
    """Return Flask-Security's hash. It normalises first (NFKD), as its sign-in page does: accents must match later."""
    errors, normalised = extensions.security.password_util.validate(password, is_register=True)
    if errors:
        raise InvalidInput(N_("Le mot de passe n’est pas accepté : il faut au moins douze signes."))
    return str(hash_password(normalised))


COMMANDS = (demo, init, config_, user)
