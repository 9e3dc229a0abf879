"""Make opaque tokens, and what is stored of them."""

import base64
import hashlib
import secrets


def new_token() -> str:
    """Make an opaque token of 256 random bits, 43 characters safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Hash an opaque token for storing: SHA-256 in hex, enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def code_challenge(code_verifier: str) -> str:
    """Make PKCE's S256 challenge (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
