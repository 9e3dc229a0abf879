"""Encrypt what has to be read again.

``cryptography`` is imported where it is used: most requests need none of it.
"""

import base64
import hashlib
import hmac
import os
import time
from functools import cache
from typing import TYPE_CHECKING

from musicconnect.platform import config
from musicconnect.platform import secrets as platform_secrets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RELOAD_INTERVAL_S = 10.0
"""Until a missing key is looked for again."""


class DecryptionError(Exception):
    """A value was encrypted under an unknown key, for another owner, or was tampered with."""


class KeyRing:
    """AES-256-GCM keys by id: one encrypts, all decrypt.

    An encrypted value is ``<key id>.<base64url of nonce and ciphertext>``. The owner is bound to it as
    associated data, so that a value moved to another row does not decrypt.
    """

    def __init__(self, current: str, keys: dict[str, str], arn: str | None = None) -> None:
        if current not in keys:
            raise DecryptionError(f"The current key {current!r} is not in the ring.")
        self.current = current
        self._secrets = keys
        self._arn = arn

    @classmethod
    def from_environment(cls, *, fresh: bool = False) -> "KeyRing":
        """Read the ring in ``TOKEN_KEYS_SECRET_ARN``: ``{"current": "k1", "k1": "<random text>", ...}``.

        It is read again when a value names a key that it does not know: somebody whose copy of the secret is
        newer has encrypted with it.

        Args:
            fresh: Ask for the secret even if a copy is at hand.
        """
        arn = config.require("TOKEN_KEYS_SECRET_ARN")
        return cls(*_keys(platform_secrets.get(arn, fresh=fresh)), arn)

    def encrypt(self, plaintext: str, *, owner: str) -> str:
        """Encrypt for one owner (``account:12``)."""
        nonce = os.urandom(12)
        box = nonce + _cipher(self._secrets[self.current]).encrypt(nonce, plaintext.encode(), owner.encode())
        return f"{self.current}.{base64.urlsafe_b64encode(box).decode()}"

    def decrypt(self, encrypted: str, *, owner: str) -> str:
        """Decrypt a value for its owner.

        Raises:
            DecryptionError: it was not, or not by a key of this ring.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        key_id, _, text = encrypted.partition(".")
        if key_id not in self._secrets:
            self._reload(key_id)
        if key_id not in self._secrets:
            raise DecryptionError(f"No key {key_id!r} in the ring.")
        try:
            box = base64.urlsafe_b64decode(text)
            return _cipher(self._secrets[key_id]).decrypt(box[:12], box[12:], owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise DecryptionError("The value cannot be decrypted.") from error

    def sign(self, text: str, *, purpose: str) -> str:
        """Sign a text for a purpose: ``<key id>.<base64url of HMAC-SHA-256>``."""
        return f"{self.current}.{_mac(self._secrets[self.current], text, purpose)}"

    def is_signed(self, text: str, signature: str, *, purpose: str) -> bool:
        """Whether a key of this ring, the current one or another, signed a text for this purpose."""
        key_id, _, mac = signature.partition(".")
        if key_id not in self._secrets or not mac.isascii():
            return False
        return hmac.compare_digest(mac, _mac(self._secrets[key_id], text, purpose))

    def is_current(self, encrypted: str) -> bool:
        """Whether a value is encrypted under the current key."""
        return encrypted.partition(".")[0] == self.current

    def _reload(self, key_id: str) -> None:
        if self._arn is None or time.monotonic() < _missing_until.get((self._arn, key_id), 0.0):
            return
        self.current, self._secrets = _keys(platform_secrets.get(self._arn, fresh=True))
        # Only now: another thread may be at the same point.
        if key_id not in self._secrets:
            _missing_until[self._arn, key_id] = time.monotonic() + RELOAD_INTERVAL_S


_missing_until: dict[tuple[str, str], float] = {}
"""Until when a key is not looked for again, by `time.monotonic`: a lost key must not make every request
ask for the secret."""


def _keys(secret: dict[str, str]) -> tuple[str, dict[str, str]]:
    return secret["current"], {name: text for name, text in secret.items() if name != "current"}


def _mac(secret: str, text: str, purpose: str) -> str:
    # A key of its own for each purpose: what was signed for one is worth nothing for another.
    key = hmac.digest(secret.encode(), f"musicconnect signature\n{purpose}".encode(), hashlib.sha256)
    mac = hmac.digest(key, text.encode("utf-8", "replace"), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


@cache
def _cipher(text: str) -> "AESGCM":
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    key = HKDF(hashes.SHA256(), length=32, salt=None, info=b"musicconnect token seal").derive(text.encode())
    return AESGCM(key)
