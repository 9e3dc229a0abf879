"""Small parts of the Spotify simulator: fields, months, windows, versions, faults."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from local.simulators import oauth
from local.simulators.clock import Clock, iso
from local.simulators.faults import Fault, FaultBook
from local.simulators.spotify.accounts import months_later
from local.simulators.spotify.fields import select
from local.simulators.spotify.limits import Window
from local.simulators.spotify.state import LocalFile, Playlist

PAGE = {
    "total": 2,
    "items": [
        {"added_at": "t", "item": {"name": "A", "album": {"name": "X", "href": "h"}}},
        {"added_at": "u", "item": None},
    ],
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("total", {"total": 2}),
        ("nothing", {}),
        ("items.added_at", {"items": [{"added_at": "t"}, {"added_at": "u"}]}),
        ("items(item.name)", {"items": [{"item": {"name": "A"}}, {"item": None}]}),
        ("total,items(item(album(!href)))", {"total": 2, "items": [
            {"item": {"album": {"name": "X"}}}, {"item": None}]}),
        ("!items", {"total": 2}),
        ("items.item.album.!name", {"items": [{"item": {"album": {"href": "h"}}}, {"item": None}]}),
    ],
)  # fmt: skip
def test_fields(fields: str, expected: dict[str, Any]) -> None:
    assert select(PAGE, fields) == expected


@pytest.mark.parametrize("fields", ["items(", "items)", ",", "items(,)", "a b&c", "(a)", "a(b))"])
def test_fields_that_cannot_be_read(fields: str) -> None:
    with pytest.raises(ValueError, match="Invalid fields"):
        select(PAGE, fields)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ((2026, 5, 15), 6, (2026, 11, 15)),
        ((2026, 8, 31), 6, (2027, 2, 28)),
        ((2027, 8, 31), 6, (2028, 2, 29)),
        ((2026, 10, 31), 6, (2027, 4, 30)),
        ((2026, 6, 30), 6, (2026, 12, 30)),
    ],
)
def test_months_later(day: tuple[int, int, int], months: int, expected: tuple[int, int, int]) -> None:
    assert months_later(datetime(*day, tzinfo=UTC), months) == datetime(*expected, tzinfo=UTC)


def test_a_window_rolls() -> None:
    window = Window(30)
    window.limit = 2
    assert [window.take(moment) for moment in (0.0, 10.0, 12.0, 29.9)] == [
        None,
        None,
        18.0,
        pytest.approx(0.1),
    ]
    assert window.take(30.0) is None
    assert window.describe(31.0)["used"] == 2


def test_versions_differ_and_are_recognised() -> None:
    playlist = Playlist(id="p" * 22, name="x", owner="ada")
    first = playlist.snapshot_id
    playlist.revision += 1
    assert playlist.snapshot_id != first
    assert playlist.knows_snapshot(first)
    assert not playlist.knows_snapshot("nonsense!")
    assert not Playlist(id="p" * 22, name="x", owner="ada").knows_snapshot(playlist.snapshot_id)


def test_local_files_escape_their_names() -> None:
    assert LocalFile("A:B", "C D", "é", 7).uri == "spotify:local:A%3AB:C+D:%C3%A9:7"


@pytest.mark.parametrize(
    ("challenge", "method", "verifier", "holds"),
    [
        (None, None, None, True),
        (None, None, "v" * 43, False),
        (oauth.pkce_challenge("v" * 43), "S256", "v" * 43, True),
        (oauth.pkce_challenge("v" * 43), "S256", "w" * 43, False),
        (oauth.pkce_challenge("v" * 43), "S256", None, False),
        (oauth.pkce_challenge("v" * 42), "S256", "v" * 42, False),
        ("v" * 43, "plain", "v" * 43, True),
    ],
)
def test_pkce(challenge: str | None, method: str | None, verifier: str | None, holds: bool) -> None:
    assert oauth.pkce_holds(challenge, method, verifier) is holds


def test_the_challenge_is_the_one_of_the_rfc() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert oauth.pkce_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("header", [None, "Bearer x", "Basic !", "Basic eA=="])
def test_basic_credentials_that_are_none(header: str | None) -> None:
    assert oauth.basic_credentials(header) is None


def test_faults_are_tried_in_order() -> None:
    book = FaultBook()
    book.add(Fault(endpoint="GET /a", status=500, skip=1))
    book.add(Fault(endpoint="*", status=501, times=None))
    statuses = [fault and fault.status for fault in (book.pick("GET /a") for _ in range(3))]
    assert statuses == [501, 500, 501]
    assert [fault["struck"] for fault in book.describe()] == [2]


def test_a_fault_with_nothing_but_a_delay_delays() -> None:
    assert Fault(delay_ms=5).kind == "delay"
    assert Fault(delay_ms=5, status=500).kind == "status"
    assert Fault(delay_ms=5, kind="status").kind == "status"


def test_ready_made_faults_can_be_adjusted() -> None:
    ready = {"slow": {"status": 503, "headers": {"Retry-After": "3"}}}
    fault = Fault.parse({"as": "slow", "status": 504, "times": 2}, ready)
    assert (fault.status, fault.headers, fault.times) == (504, {"Retry-After": "3"}, 2)
    with pytest.raises(ValidationError):
        Fault.parse({"as": "slow", "times": 0}, ready)


def test_a_chance_of_nothing_never_strikes() -> None:
    fault = Fault(probability=0, times=None)
    assert not any(fault.strikes(random.Random(1)) for _ in range(50))


def test_the_clock_moves_and_writes_as_providers_do() -> None:
    clock = Clock()
    clock.shift_to(datetime(2030, 1, 2, 3, 4, 5))  # noqa: DTZ001 - a moment without a zone is UTC
    assert iso(clock.now()).startswith("2030-01-02T03:04:")
    assert iso(datetime(2030, 1, 2, 3, 4, 5, 678_900, UTC), millis=True) == "2030-01-02T03:04:05.678Z"
