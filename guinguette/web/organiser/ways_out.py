"""The ways out of an incident in words: what each is called, what it does, what is proved of it."""

from typing import Any

from flask_babel import gettext

from guinguette.domain.errors import N_

_NAMES = {
    "least": N_("Le moins de changements"),
    "others_stay": N_("Sans toucher aux autres soirées"),
    "cancel": N_("Annuler, sans rien déplacer"),
    "kilometres": N_("Moins de route"),
}
_WORDS = {
    "least": N_("On sauve le plus de soirées possible, en changeant le moins de dates annoncées."),
    "others_stay": N_(
        "Ce qui n’est pas touché garde sa date et son camion. On replace le reste où il y a de la place."
    ),
    "cancel": N_("Les soirées touchées tombent. Personne d’autre n’est dérangé ; on pourra les replacer plus tard."),
    "kilometres": N_("On change quelques dates de plus, là où cela épargne vraiment de la route."),
}
#: By stage: what is said where it is proved, and where it is not.
_PROOFS = {
    "missing": (
        N_("C’est prouvé : on ne peut pas sauver plus de soirées."),
        N_("On en sauverait peut-être davantage : le calcul n’a pas eu le temps de le savoir."),
    ),
    "moved": (
        N_("C’est prouvé : on ne peut pas changer moins de dates annoncées."),
        N_("On en changerait peut-être moins : le calcul n’a pas eu le temps de le savoir."),
    ),
    "cost": (
        N_("C’est prouvé : à ce prix des changements, on ne peut pas faire moins de route."),
        N_("On ferait peut-être encore moins de route."),
    ),
}


def way_name(approach: str) -> str:
    """Return what an approach is called."""
    return str(gettext(_NAMES[approach]))


def way_words(approach: str) -> str:
    """Return what an approach does, in a sentence or two."""
    return str(gettext(_WORDS[approach]))


def proof_sentences(proof: list[dict[str, Any]]) -> list[str]:
    """Return what is proved of a plan and what is not, as far as it concerns people."""
    said = (_PROOFS[stage["name"]][not stage["proved"]] for stage in proof if stage["name"] in _PROOFS)
    return [str(gettext(sentence)) for sentence in said]
