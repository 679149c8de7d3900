"""What a van carries and a commune may need. Other names are free text; these have a name on the pages."""

from guinguette.domain.errors import N_

EQUIPMENT: dict[str, str] = {
    "covered": N_("Bar couvert"),
    "stage": N_("Scène"),
    "sound": N_("Sonorisation"),
    "generator": N_("Groupe électrogène"),
}
