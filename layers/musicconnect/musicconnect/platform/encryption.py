"""Passwords, opaque tokens and the sealing of what has to be read again.

``cryptography`` is imported where it is used: most requests need none of it.
"""

import base64
import hashlib
import os
import secrets
import time
from functools import cache
from typing import TYPE_CHECKING

from musicconnect.platform import config
from musicconnect.platform import secrets as platform_secrets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# RFC 9106, section 4, second recommended option (for memory-constrained environments).
ARGON2_ITERATIONS = 3
ARGON2_LANES = 4
ARGON2_MEMORY_KIB = 64 * 1024
LOOK_AGAIN_AFTER = 10.0
"""Seconds."""


def hash_password(password: str) -> str:
    """Argon2id in PHC form."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    kdf = Argon2id(
        salt=os.urandom(16),
        length=32,
        iterations=ARGON2_ITERATIONS,
        lanes=ARGON2_LANES,
        memory_cost=ARGON2_MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(password.encode())


def verify_password(password: str, password_hash: str) -> bool:
    """Whether the password is the one that was hashed; takes the same time either way."""
    from cryptography.exceptions import InvalidKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    try:
        Argon2id.verify_phc_encoded(password.encode(), password_hash)
    except InvalidKey:
        return False
    return True


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return not password_hash.startswith(_argon2_prefix())


def decoy_hash() -> str:
    """A hash of nobody's password: signing in to an unknown address verifies against it.

    Made up rather than computed, so that it costs nothing beside the verification.
    """
    salt, digest = (base64.b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"{_argon2_prefix()}{salt}${digest}"


def _argon2_prefix() -> str:
    return f"$argon2id$v=19$m={ARGON2_MEMORY_KIB},t={ARGON2_ITERATIONS},p={ARGON2_LANES}$"


def new_token() -> str:
    """An opaque token of 256 random bits, 43 characters safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of an opaque token: its SHA-256 in hex.

    256 random bits cannot be guessed, so a fast hash is enough.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def code_challenge(code_verifier: str) -> str:
    """PKCE's S256 challenge (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class SealBrokenError(Exception):
    """A sealed value was made under an unknown key, for another owner, or was tampered with."""


class KeyRing:
    """AES-256-GCM keys by id: one seals, all open.

    A sealed value is ``<key id>.<base64url of nonce and ciphertext>``. The owner is bound to it as associated
    data, so that a value moved to another row does not open.
    """

    def __init__(self, current: str, keys: dict[str, str], arn: str | None = None) -> None:
        if current not in keys:
            raise SealBrokenError(f"The current key {current!r} is not in the ring.")
        self.current = current
        self._secrets = keys
        self._arn = arn

    @classmethod
    def from_environment(cls, *, fresh: bool = False) -> "KeyRing":
        """The ring in ``TOKEN_KEYS_SECRET_ARN``: ``{"current": "k1", "k1": "<random text>", ...}``.

        It looks again when it meets a key that it does not know: somebody whose copy of the secret is newer
        has sealed with it.

        Args:
            fresh: Ask for the secret even if a copy is at hand.
        """
        arn = config.require("TOKEN_KEYS_SECRET_ARN")
        return cls(*_keys(platform_secrets.get(arn, fresh=fresh)), arn)

    def seal(self, plaintext: str, *, owner: str) -> str:
        """Encrypt for one owner (``account:12``)."""
        nonce = os.urandom(12)
        box = nonce + _cipher(self._secrets[self.current]).encrypt(nonce, plaintext.encode(), owner.encode())
        return f"{self.current}.{base64.urlsafe_b64encode(box).decode()}"

    def open(self, sealed: str, *, owner: str) -> str:
        """Decrypt what was sealed for this owner.

        Raises:
            SealBrokenError: it was not, or not by a key of this ring.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        key_id, _, text = sealed.partition(".")
        if key_id not in self._secrets:
            self._look_again(key_id)
        if key_id not in self._secrets:
            raise SealBrokenError(f"No key {key_id!r} in the ring.")
        try:
            box = base64.urlsafe_b64decode(text)
            return _cipher(self._secrets[key_id]).decrypt(box[:12], box[12:], owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError("The sealed value does not open.") from error

    def is_current(self, sealed: str) -> bool:
        """Whether a value is sealed under the current key."""
        return sealed.partition(".")[0] == self.current

    def _look_again(self, key_id: str) -> None:
        if self._arn is None or time.monotonic() < _missing.get((self._arn, key_id), 0.0):
            return
        self.current, self._secrets = _keys(platform_secrets.get(self._arn, fresh=True))
        # Only now: another thread may be at the same point.
        if key_id not in self._secrets:
            _missing[self._arn, key_id] = time.monotonic() + LOOK_AGAIN_AFTER


_missing: dict[tuple[str, str], float] = {}
"""Until when a key is not looked for again, by `time.monotonic`: what a lost key sealed must not make every
request ask for the secret."""


def _keys(secret: dict[str, str]) -> tuple[str, dict[str, str]]:
    return secret["current"], {name: text for name, text in secret.items() if name != "current"}


@cache
def _cipher(text: str) -> "AESGCM":
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    key = HKDF(hashes.SHA256(), length=32, salt=None, info=b"musicconnect token seal").derive(text.encode())
    return AESGCM(key)
