"""What stands for a row's number in an address."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

#: The largest id of a row: PostgreSQL's integer. SQLite's goes further, but no Python driver takes just any number.
LARGEST_ID = 2**31 - 1


class RowId(IntegerConverter):
    """A number that an id can be. Any larger one is no row's: 404, before a database is asked and fails."""

    def __init__(self, addresses: Map) -> None:
        super().__init__(addresses, max=LARGEST_ID)


def register(app: Flask) -> None:
    """Let ``<int:...>`` in our addresses mean a row's id; to be done before any of them is registered."""
    app.url_map.converters["int"] = RowId
