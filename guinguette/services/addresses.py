"""An address as somebody types it: a mobile, a landline or an e-mail."""

import re
from dataclasses import dataclass

from guinguette.adapters.phone_numbers import mobile, telephone
from guinguette.adapters.vault import Vault
from guinguette.domain.errors import N_, InvalidInput
from guinguette.services import accounts, opting_out


@dataclass(frozen=True, slots=True)
class Address:
    """``text`` is a number in E.164 or an e-mail; ``kind``: mobile, landline, email."""

    kind: str
    text: str

    def hashed(self, vault: Vault) -> str:
        """Return the keyed hash by which subscribers and oppositions are looked up."""
        return opting_out.email_hash(vault, self.text) if self.kind == "email" else vault.fingerprint(self.text)


def read(typed: str) -> Address:
    """Return the address that ``typed`` writes. Raises ``InvalidInput`` (field ``address``)."""
    if not typed.strip():
        raise InvalidInput(N_("Écrivez un numéro ou une adresse e-mail."), field="address")
    try:
        return email(typed) if "@" in typed else number(typed)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="address", **error.values) from None


def number(typed: str) -> Address:
    """Return the number that ``typed`` writes, mobile or landline. Raises ``InvalidInput`` (field ``phone``)."""
    try:
        return Address("mobile", mobile(typed))
    except InvalidInput as not_a_mobile:
        try:
            return Address("landline", telephone(typed))
        except InvalidInput as not_a_number:
            begins = re.sub(r"\D", "", re.sub(r"^\s*(\+|00)33\s*(\(0\))?0?", "0", typed))[:2]
            raise (not_a_mobile if begins in ("06", "07", "") else not_a_number) from None


def email(typed: str) -> Address:
    """Return the e-mail that ``typed`` writes. Raises ``InvalidInput`` (field ``email``)."""
    return Address("email", accounts.clean_address(typed))
