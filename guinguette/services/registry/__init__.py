"""The registry's tools, the same for every kind of record: search, change many at once, write out and read in, merge.

A ``Kind`` says what differs: its columns, what may be missing, how one row is checked and written.
"""

from guinguette.services.registry.bulk import BulkChange, BulkPreview, apply_bulk, preview_bulk
from guinguette.services.registry.filters import Filters, found
from guinguette.services.registry.kinds import KINDS, Kind, Tools, build

__all__ = [
    "KINDS", "BulkChange", "BulkPreview", "Filters", "Kind", "Tools", "apply_bulk", "build", "found", "preview_bulk",
]  # fmt: skip
