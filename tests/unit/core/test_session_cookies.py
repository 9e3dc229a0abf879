"""The cookie of a browser's session: its attributes, its name, and whose requests it counts for."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.core import session_cookies

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
TLS, PLAIN = "https://music.example.org", "http://127.0.0.1:8000"


def test_with_tls_no_script_no_other_site_and_no_other_host_can_have_it() -> None:
    header = session_cookies.set_cookie(TLS, "t" * 43, expires_at=AT + timedelta(days=30), at=AT)

    name, *attributes = header.split("; ")
    assert name == f"__Host-session={'t' * 43}"
    assert set(attributes) == {"Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Strict", "Secure"}


def test_on_one_machine_without_tls_it_has_no_prefix_since_browsers_would_refuse_it() -> None:
    header = session_cookies.set_cookie(PLAIN, "t" * 43, expires_at=AT + timedelta(days=30), at=AT)

    assert header.startswith("session=")
    assert "Secure" not in header
    assert "HttpOnly; SameSite=Strict" in header


@pytest.mark.parametrize("base_url", [TLS, PLAIN])
def test_ending_it_uses_the_same_name_and_path(base_url: str) -> None:
    header = session_cookies.clear_cookie(base_url)

    assert header.startswith(f"{session_cookies.cookie_name(base_url)}=; Path=/; Max-Age=0")


def test_with_tls_the_name_without_prefix_does_not_count_since_a_subdomain_can_set_it() -> None:
    assert session_cookies.token_of(TLS, ["session=a", "theme=dark"]) is None
    assert session_cookies.token_of(TLS, ["session=a", "__Host-session=b"]) == "b"
    assert session_cookies.token_of(PLAIN, ["__Host-session=b", "session=a"]) == "a"


def test_two_of_one_name_are_none_since_nobody_can_say_which_is_ours() -> None:
    assert session_cookies.token_of(PLAIN, ["session=a", "session=b"]) is None


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost:8000"}, True),
        ({"sec-fetch-site": "same-site", "origin": TLS}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": TLS}, True),
        ({"origin": "http://music.example.org"}, False),
        ({"origin": "https://music.example.org:8443"}, False),
        ({"origin": "https://evil.example.org"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_what_changes_something_has_to_come_from_our_own_page(
    method: str, headers: dict[str, str], ours: bool
) -> None:
    assert session_cookies.is_same_origin(TLS, method, headers) is ours


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),  # typed, or a bookmark
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "https://evil.example.org"}, False),
        ({}, True),
    ],
)
def test_reading_may_be_typed_into_the_address_bar_and_not_be_embedded_elsewhere(
    headers: dict[str, str], ours: bool
) -> None:
    assert session_cookies.is_same_origin(TLS, "GET", headers) is ours
