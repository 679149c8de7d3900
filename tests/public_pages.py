"""Every public page, with data in every state: what the Nu checker, axe and a ruler are shown.

The list is the app's own map of addresses, so that a new page is looked at without being named here.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from guinguette.adapters.vault import Vault
from guinguette.services.opting_out import token_hash
from tests import factories

#: Blueprints that are not for villagers; what comes as a file (.ics, .pdf, .png …) is no page either.
_NOT_PUBLIC = {"static", "security", "organiser", "desk_feed", "health", "host", "hooks", "sign_in"}

LONGEST_NAME = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"
TOKEN = "stopthatall"
#: What stands for each argument of an address: one page for each.
ARGUMENTS = {
    "slug": ["ete", "hiver"],
    "id": ["cesoir01", "option01", "annulee1", "reportee", "salle001", "passee01", "nouvelle"],
    "insee": ["51513", "52182", "52001"],
    "token": [TOKEN],
    "link": ["1-abc"],
}
#: Pages that need more than an address of their own, and the page of an address that leads nowhere.
VARIANTS = [
    *("/carte?tour=ete", "/en/carte?tour=ete", "/abonnement?commune=51513", "/abonnement?scope=near:52182:15"),
    *("/nulle-part", "/en/nowhere"),
]


def public_paths(app: Flask, *, without_arguments: bool = False) -> list[str]:
    """Return the address of each public page in each language, once for each value of its arguments."""
    return sorted(set(_paths(app, without_arguments)))


def public_documents(app: Flask) -> list[str]:
    """Return the address of each public calendar and XML file that needs no argument, and the calendars of tonight."""
    rules = (rule.rule for rule in app.url_map.iter_rules() if not rule.arguments)
    files = [rule for rule in rules if PurePosixPath(rule).suffix in (".ics", ".atom", ".xml")]
    return [*files, "/tournees/ete.ics", "/communes/51513.ics", "/soirees/cesoir01.ics"]


def public_rules(app: Flask) -> list[Rule]:
    """Return the rule of each public page in each language."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] not in _NOT_PUBLIC
        and "GET" in (rule.methods or ())
        and not PurePosixPath(rule.rule).suffix
    ]


def _paths(app: Flask, without_arguments: bool) -> Iterator[str]:
    addresses = app.url_map.bind("localhost")
    for rule in public_rules(app):
        if rule.arguments and without_arguments:
            continue
        names = sorted(rule.arguments)
        for name in names:
            if name not in ARGUMENTS:
                pytest.fail(f"{rule.rule}: what to put for <{name}> is not said in tests/public_pages.py, ARGUMENTS")
        for values in itertools.product(*(ARGUMENTS[name] for name in names)):
            yield addresses.build(rule.endpoint, dict(zip(names, values, strict=True)))


def make_season(session: Session, vault: Vault) -> None:
    """Make the tours and villages of ``ARGUMENTS``: yesterday, tonight (in the longest name), every state to come.

    Éclaron is only looked for: it has no evening. The winter tour has none either.
    """
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été 2027", presentation="Entrée libre.")
    winter = factories.make_tour(session, slug="hiver", name="Tournée d’hiver 2027", season="winter")
    long = factories.make_commune(session, insee="51513", name=LONGEST_NAME)
    past = factories.make_commune(session, insee="52001", name="Ageville")
    factories.make_commune(session, insee="52182", name="Éclaron")
    day = dt.date(2027, 6, 9)
    texts = {
        "artists": "Les Souliers vernis", "partner": "L’Entente cordiale", "food": "Planches du comité",
        "prices": "Sirop 1 €", "payment": "Espèces", "description": "Venez avec vos chaises.",
    }  # fmt: skip
    later = factories.make_evening(session, tour=tour, id="nouvelle", date=day + dt.timedelta(days=9))
    changes = {
        "passee01": (-1, {"state": "held", "commune": past}),
        "cesoir01": (0, {"commune": long, **texts}),
        "option01": (1, {"state": "option"}),
        "annulee1": (2, {"state": "cancelled", "change_note": "Orages."}),
        "reportee": (3, {"state": "postponed", "postponed_to": later}),
        "salle001": (4, {"venue": "hall", "change_note": "Orages."}),
    }
    evenings = [
        factories.make_evening(session, tour=tour, id=id_, date=day + dt.timedelta(days=days), **values)
        for id_, (days, values) in changes.items()
    ]
    factories.make_publication(session, tour=tour, evenings=[later, *evenings])
    factories.make_publication(session, tour=winter)
    factories.make_subscriber(session, vault=vault, stop_token_hash=token_hash(vault, TOKEN))
    session.commit()
