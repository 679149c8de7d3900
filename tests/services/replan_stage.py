"""A published tour on which things can break: what the tests of incidents and of re-plans stand on."""

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction

from geopy.distance import great_circle
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Commune, Evening, Incident, Plan, Publication, SolverRun, Tour, Vehicle
from guinguette.services import incidents, planning, publication, replans, rules
from guinguette.services.evening_queries import alive_evenings
from tests import factories as make
from tests.fakes import FixedClock
from tests.unit.routing.seasons import Oracle

#: Friday and Saturday, three weeks in a row.
DAYS = [dt.date(2027, 6, 18) + dt.timedelta(weeks=week, days=day) for week in range(3) for day in (0, 1)]
ACTOR = "mairie@example.org"


class ReplanStage:
    """A tour of vans and villages, published; ``report`` breaks something, ``replan`` finds the ways out."""

    def __init__(self, session: Session, factory: sessionmaker[Session], clock: FixedClock, vault: Vault) -> None:
        self.session, self.factory, self.clock, self.vault = session, factory, clock, vault
        rules.ensure_defaults(session)
        self.vans: list[Vehicle] = []
        self.villages: list[Commune] = []
        self.tour: Tour

    def open(self, *, vans: int, dates: Iterable[dt.date], names: Iterable[str], **values: object) -> "ReplanStage":
        """Make the tour, with a village for each name that takes any date."""
        self.vans = [make.make_vehicle(self.session, slug=f"van-{n}", name=f"Camion {n}") for n in range(vans)]
        self.tour = make.make_tour(self.session, slug="ete", name="Été 2027", dates=dates, vehicles=self.vans, **values)
        for number, name in enumerate(names):
            commune = make.make_commune(
                self.session, insee=f"5200{number}", name=name, lat=48.5 + number / 20, lon=4.9 + (number % 2) / 20
            )
            self.villages.append(commune)
            make.make_request(
                self.session,
                tour=self.tour,
                commune=commune,
                min_days_between=7,
                pitch=make.make_pitch(self.session, commune=commune),
            )
        return self

    def publish(self, *lines: tuple[Commune, dt.date, Vehicle]) -> Publication:
        """Publish a plan of these lines, and confirm its evenings."""
        version = self.carry_out(make.make_plan(self.session, tour=self.tour, evenings=lines))
        for evening in alive_evenings(self.session, self.tour):
            evening.state = "confirmed"
        self.session.flush()
        publication.refresh(self.session, self.tour, actor=ACTOR, clock=self.clock)
        self.session.commit()
        self.clock.advance(minutes=1)
        return version

    def carry_out(self, plan: Plan) -> Publication:
        """Publish this plan."""
        return publication.publish(
            self.session, plan, actor=ACTOR, clock=self.clock, vault=self.vault, public_url="https://g.example"
        )

    def report(self, **values: object) -> Incident:
        """Report an incident; a van that breaks down for the first two dates unless told otherwise."""
        defaults: dict[str, object] = {
            "kind": "breakdown",
            "vehicle_id": self.vans[0].id if self.vans else None,
            "first": DAYS[0],
            "last": DAYS[1],
            "reason": "Le camion est en panne.",
        }
        command = incidents.Report(**(defaults | values))  # type: ignore[arg-type]
        return incidents.report(self.session, self.tour, command, actor=ACTOR, clock=self.clock)

    def replan(self, incident: Incident) -> SolverRun:
        """Find the ways out as a worker does, and return the finished run."""
        run = replans.start(self.session, incident, self.clock)
        assert run is not None
        self.session.commit()
        planning.execute_run(self.factory, run.id, self.clock)
        self.session.expire_all()
        return run

    def ways(self, run: SolverRun) -> dict[str, replans.WayOut]:
        """Return the ways out by approach."""
        return {way.plan.approach: way for way in replans.ways_out(self.session, run, self.clock)}

    def evenings(self) -> dict[tuple[str, dt.date], Evening]:
        """Return the living evenings by village and date."""
        return {(e.commune.name, e.date): e for e in alive_evenings(self.session, self.tour)}


class TourOracle(Oracle):
    """The brute force on a tour's own season, whose distances are great circles."""

    def metres(self, a: str, b: str) -> int:
        """From one location to another, rounded half up."""
        points = {item["id"]: (item["lat"], item["lon"]) for item in self.value["locations"]}
        straight = Fraction(great_circle(points[a], points[b]).meters)
        return int(straight * Fraction(str(self.value["travel"]["detour"])) + Fraction(1, 2))
