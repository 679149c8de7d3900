"""The only files that name a vendor. What the rest may rely on stands in ``ports``."""
