"""What communes ask of a tour, as a kind of the registry."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from guinguette.domain.equipment import EQUIPMENT
from guinguette.domain.errors import N_
from guinguette.models import Committee, Commune, CommuneRequest, Contact, Tour
from guinguette.services import editing, requests
from guinguette.services.registry import columns as c
from guinguette.services.registry.columns import Column
from guinguette.services.registry.kinds import Kind
from guinguette.services.requests import MOST, RequestCommand


def kind(session: Session, tour: Tour) -> Kind:
    """Return the communes of a tour."""
    reachable = set(
        session.scalars(
            select(Committee.commune_insee)
            .join(Contact, Contact.committee_id == Committee.id)
            .where(Committee.archived_at.is_(None), Contact.archived_at.is_(None))
        )
    )

    def rows(archived: bool) -> list[CommuneRequest]:
        return list(
            session.scalars(
                select(CommuneRequest)
                .join(CommuneRequest.commune)
                .where(CommuneRequest.tour_id == tour.id, editing.shelf(CommuneRequest.archived_at, archived=archived))
                .options(
                    joinedload(CommuneRequest.commune).joinedload(Commune.epci),
                    joinedload(CommuneRequest.fallback_venue),
                    selectinload(CommuneRequest.vehicles),
                )
                .order_by(Commune.search_key, CommuneRequest.id)
            )
        )

    def check(row: CommuneRequest | None, command: RequestCommand) -> None:
        requests.check(tour, command)
        if row is not None:
            requests.check_places(session, row, command)

    return Kind(
        word="communes",
        columns=_columns(session, tour),
        rows=rows,
        command_of=requests.command_of,
        command=RequestCommand,
        check=check,
        edit=lambda row, command, version: requests.edit(session, row, command, version),
        create=lambda insee, command: requests.create(session, tour, insee, command),
        commune=lambda row: row.commune,
        labels=lambda row: (row.commune.name, ""),
        searched=lambda row: f"{row.commune.name} {row.commune.postcodes} {row.commune.insee} {row.notes}",
        lacks={
            "reponse": (N_("sans réponse"), lambda row: row.answered_at is None),
            "contact": (N_("sans personne à appeler"), lambda row: row.commune_insee not in reachable),
            "buvette": (N_("sans responsable de buvette"), lambda row: row.permit_holder_id is None),
            "emplacement": (N_("sans emplacement"), lambda row: row.pitch_id is None),
            "salle": (N_("sans salle"), lambda row: row.fallback_venue_id is None),
            "position": (N_("sans position"), _nowhere),
        },
    )


def _nowhere(row: CommuneRequest) -> bool:
    return row.commune.lat is None and (row.pitch is None or row.pitch.lat is None)


def _columns(session: Session, tour: Tour) -> tuple[Column, ...]:
    holders = _holders(session, tour)
    vans = {str(each.vehicle_id): each.vehicle.name for each in tour.vehicles}
    needs = {name: EQUIPMENT.get(name, name) for name in _equipment(session, tour)}
    return (
        Column(field="evenings", title=N_("soirées"), read=c.number(1, MOST["evenings"], required=True), bulk=True),
        Column(
            field="min_days_between",
            title=N_("jours entre deux soirées"),
            read=c.number(1, MOST["min_days_between"], required=True),
            bulk=True,
        ),
        Column(field="priority", title=N_("priorité"), read=c.number(1, MOST["priority"], required=True), bulk=True),
        Column(
            field="needs",
            title=N_("besoins"),
            read=_several(needs, str),
            show=lambda names: ", ".join(needs.get(name, name) for name in names),
            bulk=True,
            choices=needs,
            many=True,
        ),
        Column(
            field="vehicle_ids",
            title=N_("véhicules"),
            read=_several(vans, int),
            show=lambda ids: ", ".join(vans.get(str(each), "?") for each in ids),
            bulk=len(vans) > 1,
            choices=vans,
            many=True,
        ),
        Column(
            field="permit_holder_id",
            title=N_("responsable de la buvette"),
            read=lambda typed: int(typed) if typed.isdigit() else None,
            show=lambda holder: holders.get(str(holder), "") if holder else "",
            bulk=True,
            choices={"": N_("Personne : aucune autorisation à demander")} | holders,
        ),
        Column(field="notes", title=N_("remarques"), read=c.text(5000), bulk=True),
    )


def _several(known: dict[str, str], make: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    """Return the reader of values of a form's boxes, parted by commas."""
    return lambda typed: tuple(make(each) for each in typed.split(",") if each in known)


def _equipment(session: Session, tour: Tour) -> list[str]:
    wanted = {name for row in session.scalars(select(CommuneRequest.needs).where(CommuneRequest.tour_id == tour.id))
              for name in row}  # fmt: skip
    carried = {name for each in tour.vehicles for name in each.vehicle.equipment}
    return list(dict.fromkeys([*EQUIPMENT, *sorted(wanted | carried)]))


def _holders(session: Session, tour: Tour) -> dict[str, str]:
    """Return the committees of the tour's communes, and whoever holds a permit there, by number."""
    here = select(CommuneRequest.commune_insee).where(CommuneRequest.tour_id == tour.id)
    holds = select(CommuneRequest.permit_holder_id).where(CommuneRequest.tour_id == tour.id)
    found = session.execute(
        select(Committee.id, Committee.name, Commune.name)
        .join(Committee.commune)
        .where(Committee.commune_insee.in_(here) & Committee.archived_at.is_(None) | Committee.id.in_(holds))
        .order_by(Commune.search_key, Committee.name)
    )
    return {
        str(id_): name if commune.casefold() in name.casefold() else f"{commune}, {name}"
        for id_, name, commune in found
    }
