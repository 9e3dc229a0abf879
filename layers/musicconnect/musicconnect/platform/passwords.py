"""Hash passwords and verify them.

``cryptography`` is imported where it is used: most requests need none of it.
"""

import base64
import os

# RFC 9106, section 4, second recommended option (for memory-constrained environments).
ARGON2_ITERATIONS = 3
ARGON2_LANES = 4
ARGON2_MEMORY_KIB = 64 * 1024


def hash_password(password: str) -> str:
    """Hash a password: Argon2id in PHC form."""
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
    """Make a hash of nobody's password: signing in to an unknown address verifies against it.

    Made up rather than computed, so that it costs nothing beside the verification.
    """
    salt, digest = (base64.b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"{_argon2_prefix()}{salt}${digest}"


def _argon2_prefix() -> str:
    return f"$argon2id$v=19$m={ARGON2_MEMORY_KIB},t={ARGON2_ITERATIONS},p={ARGON2_LANES}$"
