"""What counts as one place, and the names of buckets."""

import pytest

from musicconnect.core import rate_limits


@pytest.mark.parametrize(
    ("ip_address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::/64"),
        ("", "unknown"),
        ("localhost", "unknown"),
        ("192.0.2.1, 198.51.100.1", "unknown"),
    ],
)
def test_source_of(ip_address: str, source: str) -> None:
    assert rate_limits.source_of(ip_address) == source


def test_keys_differ_by_kind_and_by_whom_and_name_nobody() -> None:
    keys = {
        rate_limits.PAIR.key("a@example.org", "192.0.2.1"),
        rate_limits.PAIR.key("a@example.org", "192.0.2.2"),
        rate_limits.PAIR.key("a@example.org192.0.2.1", ""),
        rate_limits.EMAIL.key("a@example.org"),
        rate_limits.SOURCE.key("a@example.org"),
    }

    assert len(keys) == 5
    assert not any("example" in key for key in keys)


def test_guessing_an_account_from_everywhere_is_held_under_300_a_day() -> None:
    assert 24 * 60 * 60 / rate_limits.EMAIL.seconds_per_token <= 300
