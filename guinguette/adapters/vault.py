"""Telephone numbers at rest: encrypted with the data key, looked up by keyed hash."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Vault:
    """Encrypts and hashes with one 32-byte key in URL-safe base64 (``GUINGUETTE_DATA_KEY``)."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key)
        # A key of its own for hashing, derived, so that a hash says nothing about the encryption key.
        self._hash_key = hmac.digest(base64.urlsafe_b64decode(key), b"guinguette look-up", "sha256")

    def encrypt(self, text: str) -> str:
        """Return ``text`` encrypted; the empty text stays empty."""
        return self._fernet.encrypt(text.encode()).decode() if text else ""

    def decrypt(self, token: str) -> str:
        """Return what ``encrypt`` was given. Raises ``ValueError`` where another key encrypted it."""
        try:
            return self._fernet.decrypt(token.encode()).decode() if token else ""
        except InvalidToken as error:
            raise ValueError("encrypted with another key") from error

    def fingerprint(self, text: str) -> str:
        """Return the keyed hash of ``text`` (64 hexadecimal digits): the same text gives the same one."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()
