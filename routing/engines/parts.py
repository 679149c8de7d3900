"""A part of a big season as a season of its own: some vehicles and communes, everything else as it stands.

What the others do stays: evenings that matter to the part are locked there, on their own vehicles, which have no
other dates. So the rules need no second statement, and whoever solves the part needs to know nothing of the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from routing.season import Commune, Lock, Matrix, Quota, Season, Vehicle

from .instance import Instance, Slot


def part_of(instance: Instance, plan: Iterable[Slot], vehicles: Collection[int], communes: Collection[int]) -> Season:
    """The season in which these vehicles may serve these communes, while all other evenings of the plan stay.

    The plan keeps every rule and holds every locked evening. Evenings of these vehicles in communes that are not
    named are the caller's to name.
    """
    season = instance.season
    own, inside, plan = set(vehicles), set(communes), list(plan)
    others = [slot for slot in plan if slot[1] not in own]
    nearby = {other for c in inside for other in instance.near[c]}
    held = [slot for slot in others if slot[0] in inside or slot[0] in nearby]
    guests = sorted({c for c, _, _ in held} - inside)
    named = {*inside, *guests}
    cars = [season.vehicles[v] for v in sorted(own)]
    cars += [_busy(instance, v, [i for _, w, i in held if w == v]) for v in sorted({v for _, v, _ in held})]
    here = {item.id for item in cars}
    chosen = [_served(season.communes[c], here) for c in sorted(inside)]
    chosen += [_guest(instance, c, [i for b, _, i in held if b == c]) for c in guests]
    unnamed = [slot for slot in others if slot[0] not in named]
    places = {item.location for item in chosen} | {item.depot for item in cars}
    locations = [place for place in season.locations if place.id in places]
    ids = {item.id for item in chosen}
    return replace(
        season,
        locations=tuple(locations),
        travel=Matrix(_metres(instance, [place.id for place in locations])),
        vehicles=tuple(cars),
        communes=tuple(chosen),
        quotas=tuple(_quotas(instance, ids, unnamed)),
        locked=tuple(_locks(instance, plan, own, inside, held)),
        baseline=tuple(item for item in season.baseline if item.commune in ids),
    )


def _served(commune: Commune, here: set[str]) -> Commune:
    """A commune of the part, which may name vehicles that are not here."""
    return commune if commune.vehicles is None else replace(commune, vehicles=commune.vehicles & here)


def _guest(instance: Instance, c: int, dates: Sequence[int]) -> Commune:
    """A neighbour whose evenings stay, and who gets no others."""
    season = instance.season
    commune = season.communes[c]
    answers = {season.dates[i]: commune.answer(season.dates[i]) for i in dates}
    return replace(commune, evenings=len(dates), availability=answers, vehicles=None)


def _busy(instance: Instance, v: int, dates: Sequence[int]) -> Vehicle:
    """A vehicle whose evenings stay; what it does beside those that matter here is not looked at."""
    vehicle, days = instance.season.vehicles[v], instance.season.dates
    # each evening on its own way: blocks of one date, so that the part is in blocks where the whole is
    return Vehicle(vehicle.id, vehicle.depot, tuple(days[i] for i in sorted(dates)), vehicle.equipment, nights_out=0)


def _locks(
    instance: Instance, plan: Iterable[Slot], own: set[int], inside: set[int], held: Iterable[Slot]
) -> Iterable[Lock]:
    season = instance.season
    for c, v, i in sorted(held):
        waived = instance.waived(c, i) | ({"allowed_vehicle"} if c not in inside else set())
        yield Lock(season.communes[c].id, season.dates[i], season.vehicles[v].id, frozenset(waived))
    stay = {(c, i) for c, _, i in held}
    on = {(c, i): season.vehicles[v].id for c, v, i in plan}
    names = {season.vehicles[v].id for v in own}
    for lock in season.locked:
        c, i = instance.commune_index[lock.commune], season.dates.index(lock.date)
        if c in inside and (c, i) not in stay and (lock.vehicle is None or lock.vehicle in names):
            # any date is open to it, so a vehicle that only stands for what the others do would be, too
            anywhere = "open_date" in instance.waived(c, i)
            yield replace(lock, vehicle=on[c, i]) if anywhere else lock


def _quotas(instance: Instance, ids: set[str], unnamed: Iterable[Slot]) -> Iterable[Quota]:
    """What the evenings that are not in the part leave of each quota."""
    used = [(c, i) for c, _, i in unnamed if "quota" not in instance.waived(c, i)]
    for quota, (members, covers, most) in zip(instance.season.quotas, instance.quotas, strict=True):
        here = quota.communes & ids
        if here:
            taken = set(members)
            count = sum(c in taken and covers[i] for c, i in used)
            yield replace(quota, communes=here, maximum=max(0, most - count))


def _metres(instance: Instance, names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    places = [instance.ground.place[name] for name in names]
    return tuple(map(tuple, instance.ground.metres[np.ix_(places, places)].tolist()))
