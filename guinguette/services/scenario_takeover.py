"""What a variant supposes and its tour does not have (yet), and giving it to the tour."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Availability, Funding, Plan, Tour, TourDate, TourVehicle, Vehicle
from guinguette.services import editing, requests
from guinguette.services.scenario_settings import FACTORS, USUAL, ScenarioSettings


def still_different(tour: Tour, settings: ScenarioSettings) -> ScenarioSettings:
    """Return what of the settings the tour does not have itself (yet): what publishing such a plan takes over.

    Exceptions are none of it: they belong to the plan's evenings. Nor are weights: they said what to look for.
    """
    dates = {row.date for row in tour.dates}
    vans = {row.vehicle.slug: row for row in tour.vehicles}
    asked = {row.commune_insee: row for row in tour.requests}
    own = {row.epci_siren: row.evenings for row in tour.fundings}

    def answered(insee: str) -> set[Any]:
        request = asked.get(insee)
        if request is None:
            return set(settings.answers[insee])  # nobody to ask any more
        said = {row.date: row.level for row in request.availabilities}
        blank = requests.left_out(request)
        return {date for date in dates | said.keys() if said.get(date, blank) != "no"}

    def allowed(insee: str) -> set[str]:
        request = asked.get(insee)
        return {van.slug for van in request.vehicles} if request and request.vehicles else set(vans)

    driving = (vans.keys() | settings.vehicles_added) - settings.vehicles_dropped  # what is said of others is no matter
    garage = {slug: {day.isoformat() for day in days} for slug, days in settings.garage.items()}
    return replace(
        settings,
        dates_added=settings.dates_added - dates,
        dates_dropped=settings.dates_dropped & dates,
        vehicles_added=settings.vehicles_added - vans.keys(),
        vehicles_dropped=settings.vehicles_dropped & vans.keys(),
        garage={
            slug: settings.garage[slug]
            for slug in garage
            if slug in driving and _unavailable(vans.get(slug)) != garage[slug]
        },
        fundings={siren: most for siren, most in settings.fundings.items() if own.get(siren) != most},
        separation=None if settings.separation in (None, _separation(tour)) else settings.separation,
        limits={
            slug: most
            for slug, most in settings.limits.items()
            if slug in driving and not _has_limits(vans.get(slug), most)
        },
        answers={i: left for i, days in settings.answers.items() if (left := days - answered(i))},
        allowed={i: more for i, slugs in settings.allowed.items() if (more := (slugs & driving) - allowed(i))},
        exceptions=(),
        **dict.fromkeys(FACTORS, USUAL),
    )


def take_over(session: Session, plan: Plan, version: int) -> None:
    """Give the tour the settings of the plan, so that the next one keeps what this one promises.

    What a village is supposed to accept is written into its request as « si besoin ». Raises ``Conflict`` where the
    tour is no longer the ``version`` that somebody has read.
    """
    tour, new = plan.tour, still_different(plan.tour, ScenarioSettings.from_json(plan.settings))
    if new == ScenarioSettings():
        return
    editing.begin(tour, version)
    dates = {row.date: row for row in tour.dates}
    wanted = (dates.keys() | new.dates_added) - new.dates_dropped
    tour.dates = [dates.get(day) or TourDate(date=day) for day in sorted(wanted)]
    added = session.scalars(select(Vehicle).where(Vehicle.slug.in_(new.vehicles_added)).order_by(Vehicle.id))
    tour.vehicles = [row for row in tour.vehicles if row.vehicle.slug not in new.vehicles_dropped]
    tour.vehicles += [TourVehicle(vehicle=van) for van in added]
    for row in tour.vehicles:
        if (days := new.garage.get(row.vehicle.slug)) is not None:
            row.unavailable = [day.isoformat() for day in sorted(days)]
        for name, most in new.limits.get(row.vehicle.slug, {}).items():
            setattr(row.vehicle, name, most)
    kept = {row.epci_siren: row for row in tour.fundings}
    for siren, evenings in new.fundings.items():
        if evenings is None:
            tour.fundings.remove(kept[siren])
        else:
            funding = kept.get(siren) or Funding(epci_siren=siren)
            funding.evenings = evenings
            tour.fundings = [*(row for row in tour.fundings if row is not funding), funding]
    if new.separation is not None:
        metres, days_apart = new.separation
        tour.separation_metres, tour.separation_days = (metres, days_apart) if days_apart else (None, None)
    _suppose(session, tour, new)
    editing.save(session, tour)


def _suppose(session: Session, tour: Tour, new: ScenarioSettings) -> None:
    vans = {row.vehicle.slug: row.vehicle for row in tour.vehicles}
    for request in tour.requests:
        levels = {row.date: row for row in request.availabilities}
        for day in new.answers.get(request.commune_insee, ()):
            if day in levels:
                levels[day].level = "if_need_be"
            else:
                request.availabilities.append(Availability(date=day, level="if_need_be"))
        request.vehicles += [vans[slug] for slug in sorted(new.allowed.get(request.commune_insee, ())) if slug in vans]
        if {*new.answers, *new.allowed} & {request.commune_insee}:
            editing.save(session, request)


def _separation(tour: Tour) -> tuple[int, int]:
    return tour.separation_metres or 0, tour.separation_days or 0


def _unavailable(row: TourVehicle | None) -> set[str]:
    return set(row.unavailable) if row else set()


def _has_limits(row: TourVehicle | None, limits: Any) -> bool:
    return row is not None and all(getattr(row.vehicle, name) == most for name, most in limits.items())
