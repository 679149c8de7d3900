"""Accounts of those who sign in, and links that sign one person in, once."""

import datetime as dt
import hashlib
import secrets

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, InvalidInput, NotFound
from guinguette.models import Role, SignInLink, User

ROLES = ("organiser",)
#: How long a sign-in link waits for its click.
LINK_LIFETIME = dt.timedelta(hours=24)


def clean_address(email: str) -> str:
    """Return the address as it is stored: normalised, in small letters. Raises ``InvalidInput`` (field ``email``)."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise InvalidInput(N_("« {email} » n’est pas une adresse e-mail."), field="email", email=email) from error


def create_user(session: Session, *, email: str, role: str, password_hash: str | None = None) -> User:
    """Add an account. ``password_hash`` is Flask-Security's, made at the edge; without one only a link signs in.

    Raises ``InvalidInput`` (address, role), ``Conflict`` where the address has an account.
    """
    if role not in ROLES:
        raise InvalidInput(N_("Le rôle « {role} » n’existe pas : écrire {roles}."), role=role, roles=", ".join(ROLES))
    address = clean_address(email)
    if find_user(session, address) is not None:
        raise Conflict(N_("{email} a déjà un compte."), field="email", email=address)
    user = User(email=address, active=True, fs_uniquifier=secrets.token_hex(32), password=password_hash)
    user.roles = [session.scalar(select(Role).where(Role.name == role)) or Role(name=role)]
    session.add(user)
    session.flush()
    return user


def find_user(session: Session, email: str) -> User | None:
    """Return the account with this address, or null."""
    return session.scalar(select(User).where(User.email == email))


def get_user(session: Session, email: str) -> User:
    """Return the account with this address; raise ``NotFound``."""
    user = find_user(session, clean_address(email))
    if user is None:
        raise NotFound(N_("{email} n’a pas de compte."), email=email)
    return user


def new_sign_in_link(session: Session, user: User, clock: Clock) -> str:
    """Return a secret for ``/connexion/lien/<secret>``, good once and for 24 hours. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(SignInLink(token_hash=_hash(token), user_id=user.id, expires_at=clock.now() + LINK_LIFETIME))
    session.flush()
    return token


def link_is_good(session: Session, token: str, clock: Clock) -> bool:
    """Tell whether the link can still be used. Looking does not use it up: mail programs follow links too."""
    link = session.get(SignInLink, _hash(token))
    return link is not None and link.used_at is None and link.expires_at > clock.now() and link.user.active


def use_sign_in_link(session: Session, token: str, clock: Clock) -> User:
    """Use the link up and return its person. Raises ``NotFound`` where it is unknown, used or too old."""
    won = session.scalar(
        update(SignInLink)
        .where(SignInLink.token_hash == _hash(token), SignInLink.used_at.is_(None), SignInLink.expires_at > clock.now())
        .values(used_at=clock.now())
        .returning(SignInLink.user_id)
    )
    user = session.get(User, won) if won is not None else None
    if user is None or not user.active:
        raise NotFound(N_("Ce lien a déjà servi, ou il est trop ancien : demandez-en un autre."))
    return user


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
