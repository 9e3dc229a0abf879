"""Given the ways in which clients write an address, then the path that they mean is found."""

import pytest

from musicconnect.trends.scrobbling.limits import MAX_CLIENTS, MAX_REQUESTS, Limits
from musicconnect.trends.scrobbling.paths import Paths

PATHS = Paths(
    [
        ("POST", "/1/submit-listens"), ("GET", "/1/validate-token"), ("GET", "/1/user/{name}/listens"),
        ("GET", "/1/latest-import"), ("POST", "/1/latest-import"), ("GET", "/2.0"), ("POST", "/2.0"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/1/submit-listens", "/1/submit-listens"),
        ("/1/submit-listens/", "/1/submit-listens"),
        ("//1//submit-listens", "/1/submit-listens"),
        ("/1//user/ada-1/listens", "/1/user/ada-1/listens"),
        ("/1/1/submit-listens", "/1/submit-listens"),
        ("/1/1/1/validate-token", "/1/validate-token"),
        ("/submit-listens", "/1/submit-listens"),
        ("/validate-token/", "/1/validate-token"),
        ("/user/1/listens", "/1/user/1/listens"),
        ("/2.0/", "/2.0"),
        ("/nothing//here/", "/nothing/here"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_a_path_is_found(path: str, meant: str) -> None:
    assert PATHS.normalize(path) == meant


def test_a_path_has_the_methods_of_its_routes_and_those_that_follow() -> None:
    assert PATHS.methods("/1/latest-import") == ["GET", "HEAD", "OPTIONS", "POST"]
    assert PATHS.methods("/1/submit-listens") == ["OPTIONS", "POST"]
    assert PATHS.methods("/1/user/ada/listens/more") == []


class TestLimits:
    def test_count_down_and_begin_anew_with_the_window(self) -> None:
        limits = Limits()
        headers, is_over = limits.count("ada", 1003.9)
        assert headers == {
            "X-RateLimit-Limit": str(MAX_REQUESTS), "X-RateLimit-Remaining": str(MAX_REQUESTS - 1),
            "X-RateLimit-Reset": "1010", "X-RateLimit-Reset-In": "7",
        }  # fmt: skip
        assert not is_over
        for _ in range(MAX_REQUESTS - 1):
            headers, is_over = limits.count("ada", 1009.9)
        assert (headers["X-RateLimit-Remaining"], is_over) == ("0", False)
        assert limits.count("ada", 1009.99)[1] is True
        assert limits.count("bob", 1009.99)[1] is False
        assert limits.count("ada", 1010)[1] is False

    def test_hold_only_so_many_clients(self) -> None:
        limits = Limits()
        for client in range(MAX_CLIENTS + 10):
            limits.count(str(client), 1000)
        for _ in range(2):  # one too many to be counted
            assert limits.count("last", 1000)[0]["X-RateLimit-Remaining"] == str(MAX_REQUESTS - 1)
