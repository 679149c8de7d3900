"""SQLAlchemy models, one aggregate a file. Importing this package makes every table known to ``Base.metadata``."""

from guinguette.models import state_guard as _state_guard  # noqa: F401 - puts its trigger on the table
from guinguette.models.attempts import Attempt
from guinguette.models.base import Base
from guinguette.models.committees import Committee, Contact
from guinguette.models.deadlines import DoneTask, FeedKey
from guinguette.models.evenings import Evening, EveningChange
from guinguette.models.fairness import PastSeason
from guinguette.models.hosts import Fete, HostLink, JournalEntry, VisitRequest
from guinguette.models.incidents import Incident
from guinguette.models.messages import Call, Gateway, Message, MessageTemplate
from guinguette.models.options import Agreement, DateOption
from guinguette.models.parts import SolverPart
from guinguette.models.places import Commune, Epci
from guinguette.models.plans import Plan, PlannedEvening, SolverRun, UnservedWish
from guinguette.models.publications import Publication
from guinguette.models.reports import EveningReport, Photo
from guinguette.models.roads import Road, RoadSurvey
from guinguette.models.rules import RuleSetting
from guinguette.models.sites import FallbackVenue, HallBooking, Pitch
from guinguette.models.subscribers import ConfirmationCode, Consent, Opposition, Subscriber, Subscription
from guinguette.models.tours import Availability, CommuneRequest, Funding, Tour, TourDate, TourVehicle
from guinguette.models.users import Role, SignInLink, User
from guinguette.models.vehicles import Vehicle

__all__ = [
    "Agreement", "Attempt", "Availability", "Base", "Call", "Committee", "Commune", "CommuneRequest",
    "ConfirmationCode", "Consent", "Contact", "DateOption", "DoneTask", "Epci", "Evening", "EveningChange",
    "EveningReport", "FallbackVenue", "FeedKey", "Fete", "Funding", "Gateway", "HallBooking", "HostLink",
    "Incident", "JournalEntry", "Message", "MessageTemplate", "Opposition", "PastSeason", "Photo", "Pitch", "Plan",
    "PlannedEvening", "Publication", "Road", "RoadSurvey", "Role", "RuleSetting", "SignInLink", "SolverPart",
    "SolverRun", "Subscriber", "Subscription", "Tour", "TourDate", "TourVehicle", "UnservedWish", "User", "Vehicle",
    "VisitRequest",
]  # fmt: skip
