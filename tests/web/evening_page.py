"""How the tests walk through the pages of the fixture ``evening`` (conftest.py)."""

import datetime as dt
from typing import Any

from flask.testing import FlaskClient

from guinguette.models import Evening

SATURDAY, FREE_FRIDAY = dt.date(2027, 6, 19), dt.date(2027, 6, 25)


def page(client: FlaskClient, address: str = "", **kwargs: Any) -> str:
    """Return a page of the evening, fetched or (with ``data``) posted."""
    path = f"/organisation/soirees/vignory1{address}"
    response = client.post(path, follow_redirects=True, **kwargs) if kwargs else client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.get_data(as_text=True)


def rehearse(client: FlaskClient, evening: Evening, move: str, **fields: object) -> str:
    """Post what a move asks for, without the confirmation."""
    return page(client, f"/{move}", data={"version": evening.version, **fields})


def carry_out(client: FlaskClient, evening: Evening, move: str, **fields: object) -> str:
    """Post the same with the confirmation."""
    return rehearse(client, evening, move, confirmed="1", **fields)
