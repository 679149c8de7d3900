"""Villages that take no part yet ask for an evening, on a public page; an organiser reads each request, then decides.

Robots are met at the page (``web.visits``); here the same number cannot ask again and again, and what it adds is put
to what it has asked already.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, joinedload

from guinguette.adapters.phone_numbers import telephone
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, InvalidInput, NotFound
from guinguette.domain.text import one_line, printable, required_line
from guinguette.models import Committee, Contact, Tour, VisitRequest
from guinguette.services import attempts, committees, communes, hosts, journal, opting_out, requests
from guinguette.services.committees import CommitteeCommand, ContactCommand
from guinguette.services.evenings import Act
from guinguette.services.journal import By

UNTICKED = N_("Cochez la case : sans votre accord, nous ne gardons rien.")
#: So many times a day one number or address may ask.
A_DAY = 3
LONGEST_WISH = 1000
_NAME, _ROLE, _ANSWER = 120, 80, 300
_DAY = dt.timedelta(days=1)
#: So long a request may wait before the desk is told that it has.
OLD = dt.timedelta(days=14)
#: So many of those that have been decided are listed.
_HANDLED = 30
_LINK = re.compile(r"(?i)https?:|www\.|\b[a-z0-9-]{2,}\.[a-z]{2,}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody types: a commune's code, who they are, how to reach them, a few words, and the box ticked."""

    insee: str
    name: str
    role: str = ""
    phone: str = ""
    email: str = ""
    wish: str = ""
    consent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Where an accepted request goes: to a committee there is, or a new one (``kind``, ``name``); and to a tour."""

    committee_id: int | None = None
    kind: str = "committee"
    name: str = ""
    tour: Tour | None = None


def ask(session: Session, command: Ask, *, clock: Clock, vault: Vault) -> None:
    """Keep a request until somebody has read it; a second one of the same person for the same village adds its words.

    Nothing is kept of whoever has asked ``A_DAY`` times today: nobody is told, for a robot would try another way.
    Raises ``InvalidInput`` (name, role, phone, email, consent), ``NotFound``.
    """
    commune = communes.get(session, command.insee)
    name = required_line(printable(command.name), field="name", limit=_NAME, missing=N_("Écrivez votre nom."))
    role = one_line(printable(command.role), field="role", limit=_ROLE)
    email = command.email.strip()
    if not command.phone.strip() and not email:
        raise InvalidInput(
            N_("Laissez un téléphone ou une adresse e-mail, pour que nous puissions répondre."), field="phone"
        )
    phone = telephone(command.phone) if command.phone.strip() else ""
    if not command.consent:
        raise InvalidInput(UNTICKED, field="consent")
    address_hash = vault.fingerprint(phone) if phone else opting_out.email_hash(vault, email)
    # the count locks its row: of two clicks the second finds what the first has written
    tries = attempts.add(session, vault.fingerprint(f"visit:{address_hash}"), window=_DAY, amount=1, clock=clock)
    if tries > A_DAY:
        return
    wish = printable(command.wish).strip()[:LONGEST_WISH]
    row = session.scalar(
        select(VisitRequest)
        .where(
            VisitRequest.address_hash == address_hash,
            VisitRequest.commune_insee == commune.insee,
            VisitRequest.state == "pending",
        )
        .limit(1)
    )
    if row is None:
        row = VisitRequest(commune=commune, address_hash=address_hash, created_at=clock.now(), wish=wish)
        session.add(row)
    elif wish and wish not in row.wish:
        row.wish = f"{row.wish}\n{wish}".strip()[: A_DAY * LONGEST_WISH]
    row.name, row.role = name, role
    row.phone_encrypted = vault.encrypt(phone) or row.phone_encrypted or ""
    row.email_encrypted = vault.encrypt(email) or row.email_encrypted or ""
    session.flush()


def has_link(row: VisitRequest) -> bool:
    """Tell whether the words hold what looks like an address on the web: what robots write, and few mayors."""
    return _LINK.search(" ".join((row.name, row.role, row.wish))) is not None


def waiting(session: Session) -> int:
    """Return how many requests nobody has read yet."""
    return session.scalar(select(func.count()).where(VisitRequest.state == "pending")) or 0


def pending(session: Session) -> list[VisitRequest]:
    """Return the requests to read, the oldest first, those with a link last."""
    found = session.scalars(_with_names().where(VisitRequest.state == "pending").order_by(VisitRequest.id)).all()
    return sorted(found, key=has_link)


def handled(session: Session) -> Sequence[VisitRequest]:
    """Return the latest that have been decided, the last first."""
    decided = _with_names().where(VisitRequest.state != "pending")
    return session.scalars(decided.order_by(VisitRequest.handled_at.desc(), VisitRequest.id).limit(_HANDLED)).all()


def get(session: Session, visit_id: int) -> VisitRequest:
    """Return a request. Raises ``NotFound``."""
    found = session.get(VisitRequest, visit_id)
    if found is None:
        raise NotFound(N_("Cette demande n’existe pas, ou a été effacée."))
    return found


def accept(session: Session, row: VisitRequest, welcome: Welcome, act: Act) -> Contact:
    """Make whoever asked the contact of a committee of the village, which joins a tour where one is named.

    Somebody known there already is not written down twice, nor reached otherwise than before: what is not theirs stays
    on the request, for somebody to ask them about. All else the contact has, and the request no more. Raises
    ``Conflict`` where somebody has decided already, ``InvalidInput`` (committee_id, name, kind).
    """
    _decide(session, row, "accepted", act)
    committee = _committee(session, row, welcome, act)
    vault = act.vault
    contact = _contact(session, row, committee, vault)
    row.committee = committee
    if vault.decrypt(row.phone_encrypted) == hosts.number_of(contact, vault):
        row.phone_encrypted = ""
    if vault.decrypt(row.email_encrypted).lower() == contact.email.lower():
        row.email_encrypted = ""
    if welcome.tour is not None:
        taking_part = requests.find(session, welcome.tour, row.commune_insee)
        if taking_part is None or taking_part.archived_at is not None:
            requests.create(session, welcome.tour, row.commune_insee)
    _write(session, row, f"demande acceptée, {committee.name}", act, welcome.tour)
    session.flush()
    return contact


def decline(session: Session, row: VisitRequest, answer: str, act: Act) -> None:
    """Say no, with a word for whoever reads it later. Raises ``Conflict``, ``InvalidInput`` (answer)."""
    word = one_line(printable(answer), field="answer", limit=_ANSWER)
    _decide(session, row, "declined", act)
    row.answer = word
    _write(session, row, "demande déclinée", act)
    session.flush()


def _decide(session: Session, row: VisitRequest, state: str, act: Act) -> None:
    """Take the request: of two organisers one decides."""
    taken = session.scalar(
        update(VisitRequest)
        .where(VisitRequest.id == row.id, VisitRequest.state == "pending")
        .values(state=state, handled_at=act.clock.now(), handled_by=act.actor)
        .returning(VisitRequest.id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)
    if taken is None:
        raise Conflict(N_("{who} a déjà répondu à cette demande."), who=row.handled_by)


def _committee(session: Session, row: VisitRequest, welcome: Welcome, act: Act) -> Committee:
    if welcome.committee_id is None:
        missing = N_("Donnez un nom à ce comité ou à cette mairie.")
        name = required_line(printable(welcome.name), field="name", limit=200, missing=missing)
        command = CommitteeCommand(name=name, kind=welcome.kind)
        return committees.create(session, row.commune_insee, command, act.clock)
    found = session.get(Committee, welcome.committee_id)
    if found is None or found.commune_insee != row.commune_insee or found.archived_at is not None:
        raise InvalidInput(N_("Ce comité n’est pas de ce village."), field="committee_id")
    return found


def _contact(session: Session, row: VisitRequest, committee: Committee, vault: Vault) -> Contact:
    phone, email = vault.decrypt(row.phone_encrypted), vault.decrypt(row.email_encrypted)
    for known in hosts.who_answer(session, row.commune_insee):
        same_phone = phone and hosts.number_of(known, vault) == phone
        if same_phone or (email and known.email.lower() == email.lower()):
            return known  # as they are: a town hall's number is public, what comes with it may be anybody's
    command = ContactCommand(name=row.name, role=row.role, phone=phone, email=email)
    return committees.add_contact(session, committee, command, vault)


def _write(session: Session, row: VisitRequest, what: str, act: Act, tour: Tour | None = None) -> None:
    """Add a line to the village's journal, which outlives the request: it names nobody."""
    by = By(actor=act.actor, how="desk", clock=act.clock)
    journal.write(session, row.commune_insee, "visit", by, detail=what, tour=tour)


def _with_names() -> Select[VisitRequest]:
    return select(VisitRequest).options(joinedload(VisitRequest.commune))
