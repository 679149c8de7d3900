"""The demonstration: forty real communes, two vans, three tours planned and published, counted from today.

Everything goes the way an organiser's work goes: rows, a solver run, a plan that is checked, a publication. Only people
and programmes are invented.
"""

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.text import of
from guinguette.models import (
    Availability,
    Committee,
    Commune,
    CommuneRequest,
    Contact,
    FallbackVenue,
    Funding,
    Message,
    Pitch,
    Tour,
    TourDate,
    TourVehicle,
    Vehicle,
)
from guinguette.services import (
    communes,
    deadlines,
    demo_texts,
    demo_tours,
    evenings,
    options,
    planning,
    presets,
    publication,
    rules,
    subscriptions,
)
from guinguette.services.demo_texts import ACCESS, ARTISTS, FIRST_NAMES, FOOD, LAST_NAMES, POWER, SQUARES
from guinguette.services.evening_queries import alive_evenings

ACTOR = "démonstration"
#: CA du Grand Saint-Dizier Der et Vallées, CA de Chaumont, CC de Vendeuvre-Soulaines: how many communes of each.
TERRITORIES = {"200068666": 17, "200068658": 16, "200066892": 7}
VILLAGE = (70, 2000)  # inhabitants (product.md)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What the demo works with; ``report`` is told each step in a French sentence."""

    factory: sessionmaker[Session]
    clock: Clock
    vault: Vault
    public_url: str
    report: Callable[[str], None]
    roads_url: str = ""


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The same clock, some days ago: the short tour was planned before it began."""

    clock: Clock
    days: int

    def now(self) -> dt.datetime:
        return self.clock.now() - dt.timedelta(days=self.days)


def build(shop: Workshop, *, all_tours: bool = True) -> None:
    """Build whatever of the demo is not there yet: the short tour alone, or all. A second call changes nothing."""
    with shop.factory() as session:
        rules.ensure_defaults(session)
        if session.scalar(select(Commune.insee).limit(1)) is None:
            shop.report("Communes de France…")
            communes.load_all(session)
        if session.scalar(select(Vehicle.id).limit(1)) is None:
            shop.report("Quarante villages, leurs comités, deux camions…")
            _make_vehicles(session)
            _make_hosts(session, shop)
        session.commit()
    day = today(shop.clock)
    _tour(shop, demo_tours.short_tour(day), _before_the_short_tour(shop), finish=_bring_to_life)
    for outline in (demo_tours.winter_tour(day), demo_tours.summer_tour(day)) if all_tours else ():
        _tour(shop, outline, shop.clock, finish=_confirm_most)


def _before_the_short_tour(shop: Workshop) -> Clock:
    return _Earlier(shop.clock, 21)


def _tour(shop: Workshop, outline: demo_tours.Outline, clock: Clock, *, finish: Callable[..., None]) -> None:
    """Make, plan and publish one tour, or do nothing where it is published already."""
    with shop.factory() as session:
        tour = session.scalar(select(Tour).where(Tour.slug == outline.slug))
        if tour is not None and tour.published_version:
            return
        shop.report(f"{outline.name} : calcul du plan…")
        if tour is None:
            tour = _make_tour(session, outline, clock)
        run = planning.start_run(session, tour, clock, seconds=outline.seconds)
        session.commit()
        planning.execute_run(shop.factory, run.id, clock, roads_url=shop.roads_url)
        session.refresh(run)
        if not run.plans:
            raise RuntimeError(f"le plan de « {outline.name} » a échoué : {run.error}")
        publication.publish(
            session, run.plans[0], actor=ACTOR, clock=clock, vault=shop.vault, public_url=shop.public_url
        )
        session.flush()
        finish(session, tour, shop)
        session.commit()
        shop.report(f"{outline.name} : {len(alive_evenings(session, tour))} soirées publiées.")


def _make_vehicles(session: Session) -> None:
    shared = {
        "depot_name": "Saint-Dizier",
        "depot_lat": 48.6375,
        "depot_lon": 4.9475,
        "nights_out": 1,
        "max_leg_metres": 150_000,
        "max_evenings_per_week": 4,
        "max_days_in_row": 4,
    }
    session.add(Vehicle(slug="lucette", name="Lucette", description="Type H de 1963", equipment=[], **shared))
    session.add(
        Vehicle(slug="firmin", name="Firmin", description="Type H de 1967, bâché", equipment=["covered"], **shared)
    )


def _villages(session: Session) -> list[Commune]:
    """Return the demo's villages: the same ones each time, the territories' largest spread first."""
    chosen: list[Commune] = []
    for siren, count in TERRITORIES.items():
        candidates = session.scalars(
            select(Commune)
            .where(Commune.epci_siren == siren, Commune.population.between(*VILLAGE), Commune.lat.is_not(None))
            .order_by(Commune.insee)
        ).all()
        chosen += random.Random(siren).sample(list(candidates), count)
    return chosen


def _make_hosts(session: Session, shop: Workshop) -> None:
    dice = random.Random("hosts")
    for number, commune in enumerate(_villages(session)):
        committee = Committee(
            commune_insee=commune.insee,
            name=f"Comité des fêtes {of(commune.name)}",
            created_at=shop.clock.now(),
        )
        committee.contacts = [
            Contact(
                name=f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}",
                role="présidence du comité",
                phone_encrypted=shop.vault.encrypt(f"+3363998{number:04d}"),
            )
        ]
        pitch = Pitch(
            commune_insee=commune.insee,
            name=dice.choice(SQUARES),
            lat=commune.lat,
            lon=commune.lon,
            power_supply=dice.choice(POWER),
            capacity=dice.randrange(150, 400, 10),
            access=dice.choice(ACCESS),
        )
        hall = FallbackVenue(commune_insee=commune.insee, name="Salle des fêtes", capacity=dice.randrange(100, 250, 10))
        session.add_all([committee, pitch, hall])


def _make_tour(session: Session, outline: demo_tours.Outline, clock: Clock) -> Tour:
    preset = presets.WINTER if outline.season == "winter" else presets.SUMMER
    dice = random.Random(outline.name[:12])
    tour = Tour(
        slug=outline.slug,
        name=outline.name,
        season=outline.season,
        starts_at=preset.starts_at,
        ends_at=preset.ends_at,
        hall_required=preset.hall_required and not outline.under_way,
        default_needs=list(preset.needs),
        separation_metres=8000,
        separation_days=2,
        solver_seconds=outline.seconds,
        created_at=clock.now(),
    )
    tour.dates = [TourDate(date=date) for date in outline.dates]
    vans = session.scalars(select(Vehicle).where(Vehicle.slug.in_(outline.vans)).order_by(Vehicle.id))
    tour.vehicles = [TourVehicle(vehicle_id=van.id) for van in vans]
    session.add(tour)
    villages = _villages(session)
    if outline.villages < len(villages):
        villages = dice.sample(villages, outline.villages)
    tour.requests = [_request(session, commune, outline, dice, clock) for commune in villages]
    if outline.under_way:  # as many wishes as there are dates, so that tomorrow is one of them
        for request in tour.requests[: len(outline.dates) - len(tour.requests)]:
            request.evenings = 2
    wishes: dict[str, int] = {}
    for request in tour.requests:
        siren = str(request.commune.epci_siren)
        wishes[siren] = wishes.get(siren, 0) + request.evenings
    tour.fundings = [Funding(epci_siren=siren, evenings=round(n * 1.1)) for siren, n in sorted(wishes.items())]
    session.flush()
    return tour


def _request(
    session: Session, commune: Commune, outline: demo_tours.Outline, dice: random.Random, clock: Clock
) -> CommuneRequest:
    committee = session.scalars(select(Committee).where(Committee.commune_insee == commune.insee)).one()
    request = CommuneRequest(
        commune=commune,
        evenings=dice.choices([1, 2, 3], [30, 50, 20])[0] if outline.villages > 12 else 1,
        min_days_between=7 if outline.under_way else dice.choice([14, 21, 28]),
        needs=["covered"] if dice.random() < 0.15 else [],
        priority=dice.choices([1, 2, 3], [70, 20, 10])[0],
        permit_holder=committee,
        pitch=session.scalars(select(Pitch).where(Pitch.commune_insee == commune.insee)).first(),
        fallback_venue=session.scalars(
            select(FallbackVenue).where(FallbackVenue.commune_insee == commune.insee)
        ).first(),
    )
    if not outline.under_way and dice.random() < 0.8:
        request.answered_at = clock.now()
        request.answered_by, request.answered_how = f"téléphone de {committee.contacts[0].name}", "phone"
        request.availabilities = _answer(outline, dice)
    return request


def _answer(outline: demo_tours.Outline, dice: random.Random) -> list[Availability]:
    """Answer as villages do: Fridays and Saturdays mostly, half of them within some weeks of their own."""
    start = dice.randrange(max(1, len(outline.dates) // 2))
    window = outline.dates[start : start + len(outline.dates) // 2] if dice.random() < 0.5 else outline.dates
    answer = []
    for date in window:
        weekend = date.weekday() in (4, 5)
        yes, maybe = (0.4, 0.15) if weekend else (0.12, 0.33)
        draw = dice.random()
        if draw < yes + maybe:
            answer.append(Availability(date=date, level="yes" if draw < yes else "if_need_be"))
    return answer


def _programmes(session: Session, tour: Tour) -> None:
    dice = random.Random(tour.slug)
    for evening in alive_evenings(session, tour):
        evening.artists = dice.choice(ARTISTS)
        evening.food = dice.choice(FOOD)
        evening.prices, evening.payment = demo_texts.PRICES, demo_texts.PAYMENT


def _act(shop: Workshop, clock: Clock) -> evenings.Act:
    return evenings.Act(actor=ACTOR, clock=clock, vault=shop.vault, public_url=shop.public_url)


def _confirm_most(session: Session, tour: Tour, shop: Workshop) -> None:
    """Confirm four evenings in five: half of the others wait for the town hall's word, half are to be asked.

    Two villages in three have readers.
    """
    _programmes(session, tour)
    everything, act = alive_evenings(session, tour), _act(shop, shop.clock)
    villages = list(dict.fromkeys(e.commune_insee for e in everything))
    _subscribe(session, shop, [(f"06399891{n:02d}", f"commune:{insee}") for n, insee in enumerate(villages) if n % 3])
    evenings.confirm(session, [e for n, e in enumerate(everything) if n % 5 != 3], act)
    session.flush()
    options.send_ticked(session, [(e, e.version) for e in everything[3::10]], act, expires_on=None)


def _bring_to_life(session: Session, tour: Tour, shop: Workshop) -> None:
    """Let the short tour be under way, in any season.

    Evenings held, one tomorrow, and of those to come one moved to its hall, one called off, one postponed to a date
    that its village has not agreed to yet, one as planned. People are told.
    """
    _programmes(session, tour)
    _subscribe_neighbours(session, tour, shop)
    everything = alive_evenings(session, tour)
    evenings.confirm(session, everything, _act(shop, _before_the_short_tour(shop)))
    act = _act(shop, shop.clock)
    day = today(shop.clock)
    dice = random.Random("attendance")
    for evening in everything:
        if evening.date < day:
            evenings.mark_held(session, evening, act, attendance=dice.randrange(120, 260))
    coming = [e for e in everything if e.date > day + dt.timedelta(days=1)]
    times = Counter(e.commune_insee for e in everything)
    called_off = next(e for e in reversed(coming) if times[e.commune_insee] > 1)
    in_the_hall, postponed = [e for e in coming if e is not called_off][:2]
    weather, too_much = demo_texts.WEATHER[tour.season]
    evenings.move_to_hall(session, in_the_hall, act, reason=weather)
    evenings.cancel(session, called_off, act, reason=too_much)
    later = postponed.date + dt.timedelta(days=3)
    evenings.postpone(session, postponed, act, date=later, reason="Le comité a demandé une autre date.", agreed=False)
    late = [task for task in deadlines.of_tour(session, tour, shop.clock) if task.overdue(shop.clock.now())]
    for task in late[:-2]:  # somebody has looked after all but the last two
        if task.tickable:
            deadlines.tick(session, task.evening, task.kind, act)


def _subscribe_neighbours(session: Session, tour: Tour, shop: Workshop) -> None:
    """Subscribe two invented villagers: one to the tour, one to tomorrow's village."""
    tomorrow = next(e for e in alive_evenings(session, tour) if e.date > today(shop.clock))
    places = [("0639989001", f"tour:{tour.slug}"), ("0639989002", f"commune:{tomorrow.commune_insee}")]
    _subscribe(session, shop, places)


def _subscribe(session: Session, shop: Workshop, places: list[tuple[str, str]]) -> None:
    """Subscribe invented people, pairs of a number and a scope, by the form and with the code it sends."""
    for phone, scope in places:
        command = subscriptions.Subscribe(
            phone=phone, scope=scope, consent=True, wording=subscriptions.CONSENT, locale="fr"
        )
        subscriptions.request(session, command, clock=shop.clock, vault=shop.vault)
        session.flush()
        message = session.scalars(select(Message).where(Message.kind == "code", Message.state == "queued")).one()
        code = re.search(r"\d{6}", message.body)
        assert code is not None, "a code message holds six digits"  # noqa: S101 - ours, a line above
        answer = subscriptions.Confirm(phone=phone, code=code[0], locale="fr")
        subscriptions.confirm(session, answer, clock=shop.clock, vault=shop.vault)
        message.state = "dropped"  # nobody waits for this code any more
        session.flush()
