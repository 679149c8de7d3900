"""What a place has, in words: its plugs, what a mobile gets there, what is there or not."""

from collections.abc import Collection

from guinguette.domain.errors import N_

#: Plugs by the name in the database; "none" stands alone.
PLUGS: dict[str, str] = {
    "16a": N_("prise 16 A"),
    "32a": N_("prise 32 A"),
    "three_phase": N_("triphasé"),
    "none": N_("aucune prise"),
}
SIGNALS: dict[str, str] = {
    "good": N_("le téléphone passe bien"),
    "weak": N_("le téléphone passe mal"),
    "none": N_("le téléphone ne passe pas"),
}
YES_NO: dict[str, str] = {"yes": N_("oui"), "no": N_("non")}


def plugs(names: Collection[str]) -> list[str]:
    """Return the plugs among these names in their usual order; "none" only where there is no other."""
    known = [name for name in PLUGS if name in names]
    return [name for name in known if name != "none"] or known
