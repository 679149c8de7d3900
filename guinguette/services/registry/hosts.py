"""Committees and contacts as kinds of the registry."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from guinguette.adapters.phone_numbers import spaced
from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import Committee, Commune, Contact
from guinguette.services import committees, editing
from guinguette.services.committees import CommitteeCommand, ContactCommand
from guinguette.services.registry import columns as c
from guinguette.services.registry.columns import Column
from guinguette.services.registry.kinds import Kind, Tools

#: A commune's code, in the file of whatever belongs to a commune.
INSEE = Column(field="insee", title=N_("code INSEE"), read=c.text(5, required=True), also=("insee",))


def committee_kind(session: Session, tools: Tools) -> Kind:
    """Return committees, town halls and associations."""

    def rows(archived: bool) -> list[Committee]:
        return list(
            session.scalars(
                select(Committee)
                .join(Committee.commune)
                .options(
                    joinedload(Committee.commune).joinedload(Commune.epci),
                    selectinload(Committee.contacts),
                    joinedload(Committee.merged_into),
                )
                .where(editing.shelf(Committee.archived_at, archived=archived))
                .order_by(Commune.search_key, Committee.name, Committee.id)
            )
        )

    return Kind(
        word="comites",
        columns=(
            Column(field="name", title=N_("nom"), read=c.text(200, required=True), also=("comite",)),
            Column(
                field="kind",
                title=N_("genre"),
                read=c.one_of(committees.KINDS),
                show=lambda kind: committees.KINDS.get(kind, kind),
                bulk=True,
                choices=committees.KINDS,
            ),
            Column(field="notes", title=N_("bon à savoir"), read=c.text(5000), also=("notes", "remarques"), bulk=True),
        ),
        rows=rows,
        command_of=lambda row: CommitteeCommand(name=row.name, kind=row.kind, notes=row.notes),
        command=CommitteeCommand,
        check=lambda _row, command: committees.assign(Committee(), command),
        edit=lambda row, command, version: committees.edit(
            session, row, command, version, actor=tools.actor, clock=tools.clock
        ),
        create=lambda insee, command: committees.create(session, insee, command, tools.clock),
        commune=lambda row: row.commune,
        labels=lambda row: (row.commune.name, row.name),
        searched=lambda row: " ".join(
            [row.commune.name, row.commune.postcodes, row.name, *map(_said_of, row.contacts)]
        ),
        lacks={
            "contact": (N_("sans personne à appeler"), lambda row: not _living(row)),
            "telephone": (
                N_("sans téléphone"),
                lambda row: not any(contact.phone_encrypted for contact in _living(row)),
            ),
        },
        home_column=INSEE,
        home=lambda row: row.commune_insee,
    )


def contact_kind(session: Session, tools: Tools) -> Kind:
    """Return the people to ring."""

    def rows(archived: bool) -> list[Contact]:
        return list(
            session.scalars(
                select(Contact)
                .join(Contact.committee)
                .join(Committee.commune)
                .options(joinedload(Contact.committee).joinedload(Committee.commune).joinedload(Commune.epci))
                .where(editing.shelf(Contact.archived_at, archived=archived))
                .order_by(Commune.search_key, Contact.name, Contact.id)
            )
        )

    def number(row: Contact) -> str:
        phone = tools.vault.decrypt(row.phone_encrypted)
        return spaced(phone).replace("\u00a0", " ") if phone else ""

    def create(committee_id: str, command: ContactCommand) -> Contact:
        host = session.get(Committee, int(committee_id)) if committee_id.isdigit() else None
        if host is None or host.archived_at is not None:
            raise InvalidInput(N_("Aucun comité en service n’a le n° {number}."), number=committee_id[:20])
        return committees.add_contact(session, host, command, tools.vault)

    return Kind(
        word="contacts",
        columns=(
            Column(field="name", title=N_("nom"), read=c.text(120, required=True), also=("contact",)),
            Column(field="role", title=N_("rôle"), read=c.text(80), bulk=True),
            Column(field="phone", title=N_("téléphone"), read=c.text(40), also=("tel", "portable", "phone")),
            Column(
                field="email",
                title=N_("adresse électronique"),
                read=_email,
                also=("courriel", "email", "e mail", "mail"),
            ),
        ),
        rows=rows,
        command_of=lambda row: ContactCommand(name=row.name, role=row.role, phone=number(row), email=row.email),
        command=ContactCommand,
        check=lambda _row, command: committees.assign_contact(Contact(), command, tools.vault),
        edit=lambda row, command, version: committees.edit_contact(session, row, command, version, tools.vault),
        create=create,
        commune=lambda row: row.committee.commune,
        labels=lambda row: (row.committee.commune.name, row.name),
        searched=lambda row: " ".join(
            [
                row.committee.commune.name,
                row.committee.commune.postcodes,
                row.committee.name,
                _said_of(row),
                number(row),
            ]
        ),
        lacks={
            "telephone": (N_("sans téléphone"), lambda row: not row.phone_encrypted),
            "adresse": (N_("sans adresse électronique"), lambda row: not row.email),
        },
        home_column=Column(
            field="committee_id", title=N_("n° du comité"), read=c.text(20, required=True), also=("comite",)
        ),
        home=lambda row: str(row.committee_id),
    )


def _living(row: Committee) -> list[Contact]:
    return [contact for contact in row.contacts if contact.archived_at is None]


def _place(commune: Commune) -> str:
    return f"{commune.name} {commune.postcodes}"


def _said_of(contact: Contact) -> str:
    return f"{contact.name} {contact.role} {contact.email}"


def _email(typed: str) -> str:
    if typed and ("@" not in typed.strip("@") or " " in typed):
        raise InvalidInput(N_("« {typed} » n’est pas une adresse complète"), typed=typed[:40])
    return c.text(254)(typed)
