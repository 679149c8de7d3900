"""The quotas of a tour's season: evenings that somebody pays for, temporary bars that somebody may ask for.

``bound`` are past evenings that the season holds as locks, ``counted`` those it only takes off what is left.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import CommuneRequest, Evening, Tour
from guinguette.services import rules


def funding_quotas(
    fundings: Mapping[str, int], requests: list[CommuneRequest], *, bound: list[Evening], counted: list[Evening]
) -> list[dict[str, Any]]:
    """Return what each EPCI still pays for. Past locked evenings count by themselves, other past ones are gone."""
    quotas = []
    paid_for: defaultdict[str | None, list[str]] = defaultdict(list)
    for r in requests:
        paid_for[r.commune.epci_siren].append(r.commune_insee)
    gone = Counter(e.commune.epci_siren for e in counted)
    kept = Counter(e.commune_insee for e in bound)
    for siren, evenings in fundings.items():
        if members := paid_for[siren]:
            left = max(evenings - gone[siren], sum(kept[insee] for insee in members))
            quotas.append({"id": f"epci-{siren}", "communes": members, "max": left})
    return quotas


def permit_quotas(
    session: Session,
    tour: Tour,
    requests: list[CommuneRequest],
    *,
    bound: list[Evening],
    counted: list[Evening],
    years: list[int],
) -> list[dict[str, Any]]:
    """Return each permit holder's temporary bars a year (Code de la santé publique, L3334-2), used ones subtracted."""
    villages: defaultdict[int, list[str]] = defaultdict(list)
    for r in requests:
        if r.permit_holder_id is not None:
            villages[r.permit_holder_id].append(r.commune_insee)
    holders = sorted(villages)
    past = [Counter((e.commune_insee, e.date.year) for e in evenings) for evenings in (bound, counted)]
    quotas = []
    for year in years:
        start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
        limit = rules.value(session, "permits_per_holder_and_year", start)
        used = Counter(
            session.scalars(
                select(Evening.permit_holder_id).where(
                    Evening.permit_holder_id.in_(holders),
                    Evening.tour_id != tour.id,
                    Evening.date.between(start, end),
                    Evening.state.not_in(["cancelled", "postponed"]),
                )
            )
        )
        for holder in holders:
            members = villages[holder]
            kept, gone = (sum(had[insee, year] for insee in members) for had in past)
            quotas.append(
                {
                    "id": f"permis-{holder}-{year}",
                    "communes": members,
                    "max": max(limit - used[holder] - gone, kept),
                    "from": start.isoformat(),
                    "to": end.isoformat(),
                }
            )
    return quotas
