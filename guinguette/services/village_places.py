"""What a village says of its places and of its bar reaches what it asks of its tours, and its evenings to come.

Only where nothing is chosen yet: what the desk has chosen is the desk's. It goes online as a correction does.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from guinguette.domain.clock import today
from guinguette.domain.errors import InvalidInput
from guinguette.models import CommuneRequest, Evening, Pitch
from guinguette.services import corrections, permits
from guinguette.services.evening_queries import coming_to
from guinguette.services.journal import By
from guinguette.services.sites import Site


def take_up(session: Session, requests: Sequence[CommuneRequest], site: Site, *, by: By) -> list[Evening]:
    """Give a village's pitch or hall to its ``requests``, and its evenings to come, that have none.

    Return the evenings to come whose calendars follow.
    """
    field = "pitch" if isinstance(site, Pitch) else "fallback_venue"
    for request in requests:
        if getattr(request, field) is None:
            setattr(request, field, site)
    chosen = {request.tour_id: getattr(request, field) for request in requests}
    bare = [
        evening
        for evening in coming_to(session, site.commune_insee, today(by.clock))
        if getattr(evening, field) is None
    ]
    for evening in bare:
        setattr(evening, field, chosen.get(evening.tour_id, site))
    session.flush()
    given = dict.fromkeys(getattr(evening, field) for evening in bare)
    return [e for place in given for e in corrections.follow(session, place, actor=by.signature, clock=by.clock)]


def hand_permits(session: Session, request: CommuneRequest, *, by: By) -> None:
    """Let the request's permit holder ask for the bar of the tour's evenings to come there that nobody asks for.

    Those beyond what a holder may have in a year stay without one, among the desk's tasks.
    """
    holder = request.permit_holder
    if holder is None:
        return
    for evening in coming_to(session, request.commune_insee, today(by.clock)):
        if (
            evening.tour_id == request.tour_id
            and evening.permit_holder_id is None
            and _may(session, evening, holder.id)
        ):
            evening.permit_holder = holder
            session.flush()  # the next one is counted with it
    corrections.follow(session, holder, actor=by.signature, clock=by.clock)


def _may(session: Session, evening: Evening, holder_id: int) -> bool:
    try:
        permits.check(session, evening, holder_id)
    except InvalidInput:
        return False
    return True
