"""Pitches, halls and vans as kinds of the registry."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from guinguette.domain.errors import N_
from guinguette.models import Commune, FallbackVenue, Pitch, Vehicle
from guinguette.services import editing, sites, vehicles
from guinguette.services.registry import columns as c
from guinguette.services.registry.columns import Column
from guinguette.services.registry.hosts import INSEE
from guinguette.services.registry.kinds import Kind, Tools
from guinguette.services.sites import SiteCommand
from guinguette.services.vehicles import VehicleCommand

_Lacks = dict[str, tuple[str, Callable[[Any], bool]]]
_PLACE = (
    Column(field="name", title=N_("nom"), read=c.text(200, required=True), also=("lieu",)),
    Column(field="address", title=N_("adresse"), read=c.text(250)),
    Column(field="lat", title=N_("latitude"), read=c.degrees(90), show=c.decimal, also=("lat",)),
    Column(field="lon", title=N_("longitude"), read=c.degrees(180), show=c.decimal, also=("lon", "lng")),
    Column(field="capacity", title=N_("nombre de personnes"), read=c.number(1, 100_000), also=("jauge",), bulk=True),
)
_PLACE_LACKS: _Lacks = {
    "position": (N_("sans position"), lambda row: row.lat is None),
    "adresse": (N_("sans adresse"), lambda row: not row.address),
    "jauge": (N_("sans nombre de personnes"), lambda row: row.capacity is None),
}


def pitch_kind(session: Session, tools: Tools) -> Kind:
    """Return the places where the van parks."""
    own = (
        Column(field="power_supply", title=N_("électricité"), read=c.text(200), bulk=True),
        Column(field="access", title=N_("accès"), read=c.text(5000), bulk=True),
    )
    lacks: _Lacks = {"prise": (N_("sans électricité connue"), lambda row: not sites.plug_known(row))}
    return _site_kind(session, tools, "emplacements", "emplacement", Pitch, _PLACE + own, _PLACE_LACKS | lacks)


def hall_kind(session: Session, tools: Tools) -> Kind:
    """Return the halls for rain and winter."""
    return _site_kind(session, tools, "salles", "salle", FallbackVenue, _PLACE, _PLACE_LACKS)


def _site_kind(
    session: Session,
    tools: Tools,
    word: str,
    kind: str,
    model: Any,
    columns: tuple[Column, ...],
    lacks: _Lacks,
) -> Kind:
    def rows(archived: bool) -> list[Any]:
        statement: Select[Any] = select(model).join(model.commune).outerjoin(Commune.epci)
        statement = statement.options(contains_eager(model.commune).contains_eager(Commune.epci))
        statement = statement.where(editing.shelf(model.archived_at, archived=archived))
        return list(session.scalars(statement.order_by(Commune.search_key, model.name, model.id)))

    return Kind(
        word=word,
        columns=columns,
        rows=rows,
        command_of=sites.command_of,
        command=SiteCommand,
        check=lambda _row, command: sites.assign(model(), command),
        edit=lambda row, command, version: sites.edit(
            session, row, command, version, actor=tools.actor, clock=tools.clock
        ),
        create=lambda insee, command: sites.create(session, kind, insee, command),
        commune=lambda row: row.commune,
        labels=lambda row: (row.commune.name, row.name),
        searched=lambda row: " ".join([row.commune.name, row.commune.postcodes, row.name, row.address]),
        lacks=lacks,
        home_column=INSEE,
        home=lambda row: row.commune_insee,
    )


def vehicle_kind(session: Session, tools: Tools) -> Kind:
    """Return the vans."""
    return Kind(
        word="vehicules",
        columns=(
            Column(field="name", title=N_("nom"), read=c.text(80, required=True), also=("vehicule",)),
            Column(field="description", title=N_("description"), read=c.text(200)),
            Column(field="depot_name", title=N_("dépôt"), read=c.text(120, required=True), bulk=True),
            Column(
                field="depot_lat",
                title=N_("latitude du dépôt"),
                read=c.degrees(90, required=True),
                show=c.decimal,
                also=("latitude",),
                bulk=True,
            ),
            Column(
                field="depot_lon",
                title=N_("longitude du dépôt"),
                read=c.degrees(180, required=True),
                show=c.decimal,
                also=("longitude",),
                bulk=True,
            ),
            Column(
                field="equipment",
                title=N_("équipement"),
                read=c.equipment,
                show=c.equipment_words,
                also=("equipements",),
                bulk=True,
            ),
            Column(
                field="nights_out",
                title=N_("nuits hors du dépôt, au plus"),
                read=c.number(0, 60, required=True),
                also=("nuits hors du depot",),
                bulk=True,
            ),
            Column(
                field="max_leg_metres",
                title=N_("plus long trajet, en km"),
                read=c.kilometres,
                show=c.in_kilometres,
                also=("plus long trajet",),
                bulk=True,
            ),
            Column(
                field="max_evenings_per_week",
                title=N_("soirées par semaine, au plus"),
                read=c.number(1, 7),
                also=("soirees par semaine",),
                bulk=True,
            ),
            Column(
                field="max_days_in_row",
                title=N_("jours de suite, au plus"),
                read=c.number(1, 60),
                also=("jours de suite",),
                bulk=True,
            ),
            Column(
                field="cruise_km_per_hour",
                title=N_("vitesse de croisière, en km/h"),
                read=c.number(10, 130, required=True),
                also=("vitesse",),
                bulk=True,
            ),
        ),
        rows=lambda archived: vehicles.listing(session, archived=archived),
        command_of=lambda row: VehicleCommand(
            **{each.name: getattr(row, each.name) for each in fields(VehicleCommand)} | {"equipment": (*row.equipment,)}
        ),
        command=VehicleCommand,
        check=lambda _row, command: vehicles.assign(Vehicle(), command),
        edit=lambda row, command, version: vehicles.edit(
            session, row, command, version, actor=tools.actor, clock=tools.clock
        ),
        create=lambda _home, command: vehicles.create(session, command),
        commune=lambda _row: None,
        labels=lambda row: ("", row.name),
        searched=lambda row: " ".join([row.name, row.description, row.depot_name, *row.equipment]),
        lacks={
            "trajet": (N_("sans limite de trajet"), lambda row: row.max_leg_metres is None),
            "equipement": (N_("sans équipement"), lambda row: not row.equipment),
        },
    )
