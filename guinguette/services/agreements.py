"""What villages have agreed to, evening by evening, version by version: frozen, never edited."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, NotFound
from guinguette.domain.states import EveningState, Venue
from guinguette.domain.text import required_line
from guinguette.models import Agreement, DateOption, Evening, FallbackVenue, Pitch
from guinguette.publishing.agreements import Signature, Terms, changed
from guinguette.publishing.words import day_words
from guinguette.services import journal, requests
from guinguette.services.journal import By

if TYPE_CHECKING:
    from guinguette.services.evenings import Act


#: Agreements are in French, whatever language their page is read in.
_LOCALE = "fr"
#: What fits the column.
_ANSWERED_BY_LENGTH = 200
_CHANGED = N_("La soirée vient de changer : relisez-la, puis répondez.")


def terms_of(session: Session, evening: Evening) -> Terms:
    """Return what is to be agreed for the evening as it stands now."""
    indoors = evening.venue == Venue.HALL
    pitch = None if indoors else evening.pitch
    return Terms(
        commune=evening.commune.name,
        tour=evening.tour.name,
        date=evening.date,
        starts_at=evening.starts_at,
        ends_at=evening.ends_at,
        place=_place(evening.fallback_venue if indoors else pitch),
        hall="" if indoors else _place(evening.fallback_venue),
        plugs=tuple(pitch.power) if pitch else (),
        metres=pitch.power_metres if pitch else None,
        power=pitch.power_supply if pitch else "",
        permit_holder=evening.permit_holder.name if evening.permit_holder else "",
        host=("tables", "parking", "power", "room" if indoors else "hall"),
        ours=("van", "crew", "bar", *_needs(session, evening)),
        prices=evening.prices,
        payment=evening.payment,
    )


def conclude(session: Session, evening: Evening, by: By, option: DateOption | None = None) -> Agreement:
    """Freeze the evening's terms as its next version, agreed by ``by``, in answer to ``option`` where there was one."""
    last = latest(session, evening)
    session.flush()  # an option asked and answered in one go has its id then
    agreement = Agreement(
        evening=evening,
        number=last.number + 1 if last else 1,
        option_id=option.id if option else None,
        agreed_at=by.clock.now(),
        agreed_by=by.actor,
        how=by.how,
        terms=terms_of(session, evening).to_json(),
    )
    session.add(agreement)
    detail = f"version {agreement.number}, {day_words(evening.date, 'fr', year=True)}"
    journal.write(session, evening.commune_insee, "agreement", by, detail=detail, tour=evening.tour, evening=evening)
    return agreement


def agree_again(session: Session, evening: Evening, by: By, version: int) -> Agreement:
    """Agree to a confirmed evening as it stands now, once more: something has changed since.

    Raises ``Conflict`` where it is not confirmed, nothing has changed, or it is not the ``version`` that was read.
    """
    last = latest(session, evening)
    if evening.state != EveningState.CONFIRMED or last is None or not changed_since(session, last):
        raise Conflict(N_("Rien n’attend votre accord pour cette soirée."))
    if evening.version != version:
        raise Conflict(_CHANGED)
    return conclude(session, evening, by)


def refuse_unread(session: Session, evening: Evening, read: str) -> None:
    """Raise ``Conflict`` where the terms are otherwise now than those that were ``read`` (``Terms.digest``).

    A plug or a need changes them without a new version of the evening.
    """
    if terms_of(session, evening).digest != read:
        raise Conflict(_CHANGED)


def agree_by_phone(session: Session, evening: Evening, answered_by: str, clock: Clock, version: int) -> Agreement:
    """Write down what was agreed on the telephone; ``answered_by`` says by whom.

    Raises ``InvalidInput`` where nobody is named, else as ``agree_again``.
    """
    return agree_again(session, evening, By(actor=named(answered_by), how="phone", clock=clock), version)


def named(answered_by: str) -> str:
    """Return who has answered, as it is kept. Raises ``InvalidInput`` (field ``answered_by``) where nobody is named."""
    missing = N_("Dites qui a répondu, par exemple « téléphone de Mme Petit ».")
    return required_line(answered_by, field="answered_by", limit=_ANSWERED_BY_LENGTH, missing=missing)


def of(session: Session, evening: Evening) -> list[Agreement]:
    """Return the evening's agreements, the latest first."""
    mine = select(Agreement).where(Agreement.evening_id == evening.id)
    return list(session.scalars(mine.order_by(Agreement.number.desc())))


def latest(session: Session, evening: Evening) -> Agreement | None:
    """Return the one in force, or null."""
    return next(iter(of(session, evening)), None)


def get(session: Session, evening: Evening, number: int) -> Agreement:
    """Return a version of the evening's agreement. Raises ``NotFound``."""
    found = session.scalar(select(Agreement).filter_by(evening_id=evening.id, number=number))
    if found is None:
        raise NotFound(N_("Cet accord n’existe pas."))
    return found


def changed_since(session: Session, agreement: Agreement) -> bool:
    """Tell whether the evening is otherwise now than was agreed, in what an agreement says in print."""
    return bool(changed(Terms.from_json(agreement.terms), terms_of(session, agreement.evening), str, _LOCALE))


def signature(agreement: Agreement) -> Signature:
    """Return who has agreed, when, by which way; ``offered``: the desk has taken a day that the village named."""
    option = next((each for each in agreement.evening.options if each.id == agreement.option_id), None)
    if option is not None and option.state == "countered":
        return Signature(agreement.number, option.answered_by, "offered", agreement.agreed_at)
    return Signature(agreement.number, agreement.agreed_by, agreement.how, agreement.agreed_at)


def at_the_desk(act: "Act") -> By:
    """Return an organiser as the one who notes that a village agrees."""
    return By(actor=act.actor, how="desk", clock=act.clock)


def by_answer(option: DateOption, clock: Clock) -> By:
    """Return whoever has answered an option."""
    return By(actor=option.answered_by, how=option.answered_how, clock=clock)


def _place(place: Pitch | FallbackVenue | None) -> str:
    if place is None:
        return ""
    same = not place.address or place.address.casefold() == place.name.casefold()
    return place.name if same else f"{place.name}, {place.address}"


def _needs(session: Session, evening: Evening) -> list[str]:
    """Return what the village needs the van to have, and every village of the tour does."""
    request = requests.find(session, evening.tour, evening.commune_insee)
    return sorted({*(request.needs if request else ()), *evening.tour.default_needs})
