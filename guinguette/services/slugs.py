"""The part of an address that names a record: from its name, once, never changed afterwards."""

from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.text import slugify

_LONGEST = 50
#: Words that the organiser's own pages use in place of a slug (``/organisation/tournees/nouvelle``).
RESERVED = frozenset({"nouvelle", "nouveau", "archives"})


def free_slug(session: Session, column: InstrumentedAttribute[str], name: str) -> str:
    """Return a slug for ``name`` that nobody has in ``column``: "ete-2027", else "ete-2027-2", …

    Raises ``InvalidInput`` (field ``name``) where the name has neither letter nor digit.
    """
    base = slugify(name)[:_LONGEST].strip("-")
    if not base:
        raise InvalidInput(N_("Le nom doit contenir une lettre ou un chiffre."), field="name")
    taken = set(session.scalars(select(column).where(column.startswith(base)))) | RESERVED
    numbered = (f"{base}-{number}" for number in count(2))
    return base if base not in taken else next(slug for slug in numbered if slug not in taken)
