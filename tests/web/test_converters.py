"""Numbers in addresses."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from guinguette.web.converters import LARGEST_ID, RowId

BEYOND = [
    "/organisation/plans/{}",
    "/organisation/plans/{}/publier",
    "/organisation/comites/{}",
    "/organisation/contacts/{}",
]


@pytest.mark.parametrize("address", BEYOND)
@pytest.mark.parametrize("number", [LARGEST_ID, LARGEST_ID + 1, 2**63, 10**22])
def test_a_number_that_no_row_can_have_is_not_found(organiser_client: FlaskClient, address: str, number: int) -> None:
    """However long it is: neither SQLite (64 bits) nor PostgreSQL (32) is asked for what it cannot hold."""
    assert organiser_client.get(address.format(number)).status_code == 404


def test_every_number_in_an_address_is_limited(app: Flask) -> None:
    """No route keeps the converter without a limit, those registered first included."""
    numbers = [
        converter
        for rule in app.url_map.iter_rules()
        for converter in rule._converters.values()
        if isinstance(converter, IntegerConverter)
    ]
    assert numbers
    assert all(isinstance(converter, RowId) for converter in numbers)
