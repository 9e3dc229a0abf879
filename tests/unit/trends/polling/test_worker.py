"""When to poll Spotify again, and when plays may have been lost."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.providers.errors import (
    ConsentRevokedError,
    NotAllowedError,
    ProviderError,
    QuotaExhaustedError,
    RateLimitedError,
    ScopeMissingError,
    TransientError,
)
from musicconnect.providers.spotify.responses import PlayedTrack
from musicconnect.trends.polling.worker import is_gap, next_attempt, to_listen

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FULL = list(range(100, 150))


@pytest.mark.parametrize(
    ("cursor", "times", "gap"),
    [
        (None, FULL, False),
        (99, FULL, True),
        (100, FULL, False),
        (120, FULL, False),
        (99, FULL[:49], False),
        (99, [], False),
        (99, FULL[::-1], True),
    ],
)
def test_plays_may_be_lost_when_all_that_is_listed_is_newer(
    cursor: int | None, times: list[int], gap: bool
) -> None:
    assert is_gap(cursor, times) is gap


@pytest.mark.parametrize(
    ("error", "attempts", "wait"),
    [
        (TransientError("x", provider="spotify"), 0, timedelta(minutes=5)),
        (TransientError("x", provider="spotify"), 3, timedelta(minutes=40)),
        (TransientError("x", provider="spotify"), 90, timedelta(hours=12)),
        (RateLimitedError("x", provider="spotify", retry_after=7200), 0, timedelta(hours=2)),
        (
            QuotaExhaustedError("x", provider="spotify", bucket="requests", until=NOW + timedelta(hours=9)),
            0,
            timedelta(hours=9),
        ),
        (ConsentRevokedError("x", provider="spotify"), 0, None),
        (ScopeMissingError("x", provider="spotify"), 0, None),
        (NotAllowedError("x", provider="spotify"), 0, None),
    ],
)
def test_temporary_errors_are_retried_and_permanent_ones_end_polling(
    error: ProviderError, attempts: int, wait: timedelta | None
) -> None:
    assert next_attempt(error, attempts, NOW) == (NOW + wait if wait is not None else None)


def test_a_play_is_converted_as_spotify_lists_it() -> None:
    track = {
        "type": "track", "id": "11dFghVXANMlKmJXsNCbNl", "name": "Cut To The Feeling", "duration_ms": 207959,
        "artists": [{"name": "Carly Rae Jepsen"}], "album": {"name": "Cut"},
        "external_ids": {"isrc": "USUM71703861"},
    }  # fmt: skip
    played = PlayedTrack.model_validate({"track": track, "played_at": "2026-11-21T20:15:30.123Z"})
    found = to_listen(played)
    assert found is not None
    assert (found.played_at % 1000, found.provider_track_id, found.kind) == (
        123,
        "11dFghVXANMlKmJXsNCbNl",
        "play",
    )
    assert found.details == {"isrc": "USUM71703861"}
    assert to_listen(PlayedTrack.model_validate({"track": None, "played_at": "2026-11-21T20:15:30Z"})) is None
