"""Every page of a host, for a village in every state: what the Nu checker and axe are shown.

The list is the app's own map of addresses, so that a new page is looked at without being named here.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter

from guinguette.models import Agreement, DateOption, EveningReport, Fete, HallBooking, JournalEntry, Photo
from guinguette.services import agreements, official_letters, site_sheet
from tests import factories as make
from tests.fakes import NOW

TODAY = dt.date(2027, 6, 9)
_EVENINGS = {
    "passee01": (-3, "held"),
    "hier0001": (-1, "confirmed"),
    "option01": (24, "option"),
    "sure0001": (10, "confirmed"),
    "annulee1": (12, "cancelled"),
    "pensee01": (40, "proposed"),
}
#: What stands for each argument of an address, besides the token: one page for each.
_ARGUMENTS: dict[str, list[str | int]] = {
    "slug": ["ete"],
    "evening_id": [*_EVENINGS],
    "site_id": [1],
    "photo_id": ["photo"],
    "number": [1],
    "key": sorted({question.key for each in site_sheet.QUESTIONS.values() for question in each}),
    "kind": sorted(official_letters.TITLES),
}


def host_paths(app: Flask, token: str) -> list[str]:
    """Return the address of each page of the host with this token, once for each value of its arguments."""
    return sorted(set(_paths(app, token)))


def _paths(app: Flask, token: str) -> Iterator[str]:
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if (
            not rule.endpoint.startswith("host.")
            or "GET" not in (rule.methods or ())
            or PurePosixPath(rule.rule).suffix
        ):
            continue
        names = sorted(rule.arguments - {"token"})
        choices = []
        for name in names:
            converter = rule._converters[name]
            if isinstance(converter, AnyConverter):
                choices.append(sorted(converter.items))
            elif name in _ARGUMENTS:
                choices.append(_ARGUMENTS[name])
            else:
                pytest.fail(f"{rule.rule}: what to put for <{name}> is not said in tests/host_pages.py, _ARGUMENTS")
        for values in itertools.product(*choices):
            yield addresses.build(rule.endpoint, {"token": token} | dict(zip(names, values, strict=True)))


def make_village(session: Session) -> str:
    """Make a village that is asked for its days, has evenings in every state and places half described.

    Returns the token of one of its two contacts.
    """
    commune = make.make_commune(session, name="Éclaron-Braucourt-Sainte-Livière")
    committee = make.make_committee(session, commune=commune)
    contact = make.make_contact(session, committee=committee, email="jeanne@example.org", role="Présidente")
    make.make_contact(session, committee=committee, name="Paul Martin")
    pitch = make.make_pitch(session, commune=commune, lat=48.57, lon=4.84, power=["16a", "32a"], power_metres=20)
    hall = make.make_hall(session, commune=commune, keys_contact=contact)
    days = [TODAY + dt.timedelta(days=n) for n in range(2, 44, 3)]
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=days, answer_by=TODAY + dt.timedelta(days=9))
    make.make_request(
        session,
        tour=tour,
        commune=commune,
        pitch=pitch,
        fallback_venue=hall,
        permit_holder=committee,
        availabilities={days[0]: "yes", days[1]: "if_need_be", days[2]: "no"},
        answered_how="link",
    )
    for id_, (after, state) in _EVENINGS.items():
        evening = make.make_evening(
            session,
            id=id_,
            tour=tour,
            commune=commune,
            date=TODAY + dt.timedelta(days=after),
            state=state,
            pitch=pitch,
            fallback_venue=hall,
            permit_holder=committee,
            artists="Les Souliers vernis",
        )
        if state == "option":
            until = evening.date - dt.timedelta(days=9)
            session.add(DateOption(evening=evening, date=evening.date, expires_on=until, sent_at=NOW, sent_by="o"))
        if state in ("confirmed", "held"):
            told = {"agreed_at": NOW, "agreed_by": contact.name, "how": "link"}
            session.add(
                Agreement(evening=evening, number=1, terms=agreements.terms_of(session, evening).to_json(), **told)
            )
        if state == "held":
            told = {"reported_at": NOW, "reported_by": contact.name, "how": "link", "attendance": 180}
            session.add(EveningReport(evening=evening, word="Belle soirée.", incidents="Une panne.", **told))
    picture = {"content": b"x", "width": 800, "height": 600, "added_at": NOW, "added_by": contact.name}
    entry = {"commune_insee": commune.insee, "actor": contact.name, "how": "link", "at": NOW}
    session.add_all([
        Photo(id="photo", pitch_id=pitch.id, **picture),
        Fete(commune_insee=commune.insee, name="Fête de la Saint-Jean", first=days[4], last=days[4]),
        HallBooking(hall_id=hall.id, date=days[5], what="mariage", noted_at=NOW, noted_by=contact.name),
        JournalEntry(what="dates", detail="3 jours", **entry),
    ])  # fmt: skip
    token = make.make_host_link(session, contact=contact)
    session.commit()
    return token
