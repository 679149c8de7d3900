"""The words of the registry's pages."""

from typing import cast

from flask_babel import gettext

from guinguette.domain.equipment import EQUIPMENT


def equipment_name(name: str) -> str:
    """Return what a piece of equipment is called on a page; a name of somebody's own stands for itself."""
    return cast(str, gettext(EQUIPMENT[name])) if name in EQUIPMENT else name.replace("-", " ")
