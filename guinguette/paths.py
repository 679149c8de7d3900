"""Where the files lie, from a checkout as from an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent
_ROOT = PACKAGE.parent


def _beside_or_inside(name: str) -> Path:
    """Return ``<root>/<name>`` in a checkout, ``guinguette/<name>`` in a wheel (setup copies the folder inside)."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else _ROOT / name


TEMPLATES = _beside_or_inside("templates")
STATIC = _beside_or_inside("static")
DATA = PACKAGE / "data"
MIGRATIONS = PACKAGE / "migrations"
TRANSLATIONS = PACKAGE / "translations"
