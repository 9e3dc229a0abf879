"""The cookie that a browser's session travels in, and from where a request with one is taken. Pure functions.

No script can read the cookie, and another site's page cannot send it: ``SameSite=Strict``, and beside that
every request is looked at, since a page on a sibling domain counts as the same site.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NAME: Final = "session"


def cookie_name(base_url: str) -> str:
    """Give the cookie's name; with TLS one that nothing but TLS on this very host can set (RFC 6265bis)."""
    return f"__Host-{_NAME}" if _is_tls(base_url) else _NAME


def set_cookie(base_url: str, token: str, *, expires_at: datetime, at: datetime) -> str:
    """Make the ``Set-Cookie`` of a new session."""
    return _cookie(base_url, token, max(int((expires_at - at).total_seconds()), 0))


def clear_cookie(base_url: str) -> str:
    """Make the ``Set-Cookie`` that ends it in the browser."""
    return _cookie(base_url, "", 0)


def token_of(base_url: str, cookies: Sequence[str]) -> str | None:
    """Find the session's token among ``name=value`` texts; None without one.

    With TLS only the name that others cannot set counts: a page on a subdomain can set all others.
    """
    prefix = f"{cookie_name(base_url)}="
    found = [cookie.removeprefix(prefix) for cookie in cookies if cookie.startswith(prefix)]
    return found[0] if len(found) == 1 else None


def is_same_origin(base_url: str, method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether our own pages sent a request, or the person themselves by typing its address.

    Browsers say so in ``Sec-Fetch-Site``; those before it say where they come from in ``Origin``, at least
    with methods that change something.

    Args:
        base_url: Where people reach the API.
        method: Of HTTP.
        headers: Names in lower case.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" or (site == "none" and method in SAFE_METHODS)
    origin = headers.get("origin")
    if origin is None:
        return method in SAFE_METHODS
    there, own = urlsplit(origin), urlsplit(base_url)
    return (there.scheme, there.netloc) == (own.scheme, own.netloc)


def _cookie(base_url: str, value: str, seconds: int) -> str:
    attributes = f"Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
    return f"{cookie_name(base_url)}={value}; {attributes}{'; Secure' if _is_tls(base_url) else ''}"


def _is_tls(base_url: str) -> bool:
    return base_url.startswith("https://")
