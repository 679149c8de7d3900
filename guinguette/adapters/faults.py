"""What the codes of Twilio and of mail servers mean, in words, and what an organiser can do about each.

After Twilio's error dictionary (twilio.com/docs/api/errors) and RFC 5321, section 4.2.
"""

import re
from dataclasses import dataclass

from guinguette.domain.errors import N_

_CODE = re.compile(r"\d{3,5}(?=\D|$)")


@dataclass(frozen=True, slots=True)
class Fault:
    """``what`` happened and what to do (``todo``), each a French sentence. ``number``: only one address is at fault."""

    what: str
    todo: str
    number: bool = True


_RING = N_("Appelez la personne. Quand une soirée change, elle est sur sa liste d’appel.")
_ASK_AGAIN = N_("Demandez-lui son numéro de portable, puis inscrivez-la de nouveau.")
_NOTHING = N_("Rien à faire : elle ne recevra plus rien tant qu’elle ne se réinscrit pas.")
_WAITS = N_("Rien à faire : le message repart de lui-même.")
_SETTINGS = N_("Corrigez les réglages du compte Twilio : tout attend jusque-là.")
_WORDS = N_("Relisez le texte : adresses raccourcies, capitales et mots de publicité sont souvent bloqués.")

_TWILIO: dict[int, Fault] = {
    20003: Fault(N_("Twilio refuse notre mot de passe."), _SETTINGS, number=False),
    20404: Fault(N_("Twilio ne connaît pas ce compte ou ce service d’envoi."), _SETTINGS, number=False),
    20429: Fault(N_("Nous envoyons trop vite pour Twilio."), _WAITS, number=False),
    21211: Fault(N_("Ce numéro n’existe pas."), _ASK_AGAIN),
    21212: Fault(N_("Twilio refuse le nom d’expéditeur."), _SETTINGS, number=False),
    21408: Fault(
        N_("Le compte n’a pas le droit d’écrire dans ce pays."),
        N_("Ouvrez ce pays dans Twilio, page « Geo permissions » : le message repart dans l’heure."),
    ),
    21603: Fault(N_("Il manque un expéditeur."), _SETTINGS, number=False),
    21606: Fault(N_("Cet expéditeur n’est pas à nous."), _SETTINGS, number=False),
    21610: Fault(N_("La personne a répondu STOP."), _NOTHING),
    21611: Fault(N_("La file d’attente de Twilio est pleine."), _WAITS, number=False),
    21612: Fault(
        N_("Notre expéditeur ne peut pas joindre ce numéro."),
        N_("Ajoutez un expéditeur qui le peut au service d’envoi de Twilio, ou appelez la personne."),
    ),
    21614: Fault(N_("Ce numéro n’est pas celui d’un portable."), _ASK_AGAIN),
    21617: Fault(N_("Le texte est trop long."), N_("Raccourcissez le texte du message.")),
    21635: Fault(N_("Ce numéro est celui d’une ligne fixe."), _ASK_AGAIN),
    21701: Fault(N_("Le service d’envoi n’existe pas."), _SETTINGS, number=False),
    21703: Fault(N_("Le service d’envoi n’a pas d’expéditeur."), _SETTINGS, number=False),
    30001: Fault(N_("La file d’attente de Twilio est pleine."), _WAITS, number=False),
    30002: Fault(N_("Le compte Twilio est suspendu."), N_("Voyez dans Twilio ce qui est dû ou demandé."), number=False),
    30003: Fault(N_("Le téléphone était éteint ou hors réseau."), _RING),
    30004: Fault(N_("Le téléphone ou l’opérateur bloque nos SMS."), _RING),
    30005: Fault(N_("Ce numéro n’est plus attribué."), _ASK_AGAIN),
    30006: Fault(N_("Ce numéro ne reçoit pas de SMS."), _RING),
    30007: Fault(N_("L’opérateur a pris le SMS pour de la publicité."), _WORDS),
    30008: Fault(N_("L’opérateur n’a pas remis le SMS, sans dire pourquoi."), _RING),
    30036: Fault(N_("Le SMS a attendu trop longtemps chez l’opérateur."), _RING),
    63038: Fault(
        N_("Le compte Twilio a atteint sa limite du jour."),
        N_("Demandez à Twilio de la relever. Les messages repartent demain ; d’ici là, appelez."),
        number=False,
    ),
}
_ASK_AGAIN_EMAIL = N_("Demandez-lui son adresse, puis inscrivez-la de nouveau.")
_SMTP_UNKNOWN, _SMTP_FULL = (550, 551, 553), (452, 552)
_SMTP_LATER, _SMTP_PERMANENT, _SMTP_LAST = 400, 500, 599


def explained(error: str) -> Fault | None:
    """Return what the code at the beginning of a row's ``error`` means; null where there is none that we know."""
    found = _CODE.match(error)
    code = int(found.group()) if found else 0
    if code in _TWILIO:
        return _TWILIO[code]
    if not _SMTP_LATER <= code <= _SMTP_LAST:
        return None
    if code in _SMTP_UNKNOWN:
        return Fault(N_("Cette adresse e-mail n’existe pas."), _ASK_AGAIN_EMAIL)
    if code in _SMTP_FULL:
        return Fault(N_("La boîte de la personne est pleine."), _RING)
    if code < _SMTP_PERMANENT:
        return Fault(N_("Le serveur de courrier refuse pour l’instant."), _WAITS, number=False)
    return Fault(N_("Le serveur de courrier refuse le message."), _RING)
