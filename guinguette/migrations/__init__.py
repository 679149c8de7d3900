"""Migrations, one file a step, named after the instant it was made. ``make migration m="…"`` writes the next one."""

from typing import Any

from sqlalchemy.types import JSON, TypeDecorator


def context_options() -> dict[str, Any]:
    """Return what Alembic's migration context must know of this project."""
    return {
        "compare_type": True,
        "compare_server_default": _compare_server_default,
        "render_as_batch": True,  # SQLite cannot alter a table: it is copied
        "render_item": _render_item,
        "include_name": _include_name,
    }


def _render_item(kind: str, item: Any, context: Any) -> str | bool:
    """Write a type of ours as the plain type beneath it: a migration must stand when the code has moved on."""
    if kind == "type" and isinstance(item, TypeDecorator):
        beneath = item.impl_instance
        return f"sa.{beneath!r}"
    return False


def _compare_server_default(_context: Any, _found: Any, column: Any, *_defaults: Any) -> bool | None:
    """Leave defaults to Alembic (null), but JSON: it asks PostgreSQL whether two are equal, which JSON cannot be."""
    return False if isinstance(column.type, JSON) else None


def _include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """On PostgreSQL the queue keeps its tables in the same database. They are huey's to make."""
    return not (kind == "table" and name is not None and name.startswith("huey_"))
