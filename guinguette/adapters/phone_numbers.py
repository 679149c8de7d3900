"""French mobile numbers as people type them, to E.164 and back to something that may stand in a log."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from guinguette.domain.errors import N_, InvalidInput

# Overseas numbers are dialled like those of the mainland (0690…) but have country codes of their own.
_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF", "WF")
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
#: The mobile numbers that ARCEP keeps for fiction (decision 2018-0881, annex); phonenumbers calls them invalid.
_FICTION = re.compile(r"\+3363998\d{4}")
_DIGITS = 10
#: The same for landlines (same decision): what invented committees are rung on.
_FICTION_LANDLINE = re.compile(r"\+33(19900|26191|35301|46571|53649)\d{4}")


def mobile(typed: str) -> str:
    """Return the French mobile number ``typed`` in E.164 (+33639981234).

    Raises ``InvalidInput`` (field ``phone``) with a sentence that says what to correct.
    """
    typed = typed.strip()
    if not typed:
        raise InvalidInput(N_("Écrivez votre numéro de portable."), field="phone")
    for number in _readings(typed):
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _FICTION.fullmatch(e164) or (
            phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _MOBILE
        ):
            return e164
    raise _refusal(typed)


def telephone(typed: str) -> str:
    """Return the French number ``typed``, mobile or landline, in E.164. Raises ``InvalidInput`` (field ``phone``)."""
    for number in _readings(typed.strip()):
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _FICTION.fullmatch(e164) or _FICTION_LANDLINE.fullmatch(e164) or phonenumbers.is_valid_number(number):
            return e164
    raise InvalidInput(N_("Ce numéro de téléphone n’existe pas : relisez-le."), field="phone")


def spaced(e164: str) -> str:
    """Return the number as France reads it (03 53 01 42 18)."""
    national = phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.NATIONAL)
    return national.replace(" ", "\u00a0")


def masked(e164: str) -> str:
    """Return the number with all but its country code and last two digits hidden: +33 •••••••34."""
    number = phonenumbers.parse(e164)
    hidden = "•" * (len(str(number.national_number)) - 2)
    return f"+{number.country_code} {hidden}{e164[-2:]}"


def _readings(typed: str) -> list[PhoneNumber]:
    """Return what ``typed`` may mean: one number where it states its country, else one for each French region."""
    readings = []
    for region in _REGIONS:
        try:
            number = phonenumbers.parse(typed, region)
        except NumberParseException:
            continue
        if phonenumbers.region_code_for_country_code(number.country_code or 0) in _REGIONS and not number.extension:
            readings.append(number)
    return readings


def _refusal(typed: str) -> InvalidInput:
    digits = re.sub(r"^(?:\+|00)33\s*(?:\(0\))?0?", "0", typed)
    if digits.startswith(("+", "00")):
        return InvalidInput(N_("Seuls les portables français reçoivent nos SMS."), field="phone")
    digits = re.sub(r"\D", "", digits)
    if len(digits) == _DIGITS - 1:
        return InvalidInput(N_("Il manque un chiffre : vous en avez tapé neuf sur dix."), field="phone")
    if len(digits) == _DIGITS + 1:
        return InvalidInput(N_("Il y a un chiffre de trop : vous en avez tapé onze au lieu de dix."), field="phone")
    if len(digits) != _DIGITS:
        return InvalidInput(
            N_("Un numéro de portable a dix chiffres : vous en avez tapé {count}."), field="phone", count=len(digits)
        )
    if not digits.startswith(("06", "07")):
        return InvalidInput(N_("Ce numéro n’est pas celui d’un portable : il commence par 06 ou 07."), field="phone")
    return InvalidInput(N_("Ce numéro n’existe pas : relisez-le."), field="phone")
