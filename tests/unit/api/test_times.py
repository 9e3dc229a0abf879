"""Times and days that callers send."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from musicconnect.api.times import Day, Moment
from musicconnect.trends.plays.schemas import PlayDeletion

NO_TIMES: list[Any] = [
    2026, 0, -1, 0.5, True, None, "", "2026", "0", "-1", "0.5", "1e9", "1796000000", "1796000000000",
    "2026-11-29T18:30:00", "2026-11-29T18:30Z", "2026-11-29 18:30:00Z", "2026-11-29T18:30:00+0100",
    "2026-11-29T18:30:00 01:00", "2026-13-01", "2026-02-30", "2026-11-29T24:30:00Z", "20261129", "2026-W48-7",
    "٢٠٢٦-١١-٢٩", "0001-01-01", "9999-12-31T23:59:59-12:00", "yesterday",
]  # fmt: skip


@pytest.mark.parametrize("value", NO_TIMES, ids=repr)
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(value, strict=True)


@pytest.mark.parametrize(
    "value", [*NO_TIMES, "2026-11-29T00:00:00Z", datetime(2026, 11, 29, tzinfo=UTC)], ids=repr
)
def test_what_is_no_day_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(value, strict=True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-29", datetime(2026, 11, 29, tzinfo=UTC)),
        ("2026-11-29T18:30:00Z", datetime(2026, 11, 29, 18, 30, tzinfo=UTC)),
        ("2026-11-29t18:30:00z", datetime(2026, 11, 29, 18, 30, tzinfo=UTC)),
        ("2026-11-29T18:30:00.250+05:45", datetime(2026, 11, 29, 12, 45, 0, 250_000, tzinfo=UTC)),
        ("2026-11-29T18:30:00-03:30", datetime(2026, 11, 29, 22, 0, tzinfo=UTC)),
    ],
)
def test_a_time_has_its_offset_and_a_day_begins_in_utc(text: str, moment: datetime) -> None:
    assert TypeAdapter(Moment).validate_python(text, strict=True) == moment


def test_a_day_is_a_day() -> None:
    assert TypeAdapter(Day).validate_python("2024-02-29", strict=True) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({}, False),
        ({"since": "2026-01-01"}, False),
        ({"until": "2026-01-01"}, False),
        ({"since": "2026-01-01", "source": "lastfm"}, False),
        ({"since": "2026-01-02", "until": "2026-01-01"}, False),
        ({"since": "2026-01-01", "until": "2026-01-01"}, False),
        ({"since": "2026-01-01", "until": "2026-01-02", "all": True}, False),
        ({"all": False}, False),
        ({"since": "2026-01-01", "until": "2026-01-02"}, True),
        ({"since": "2026-01-01", "until": "2026-01-02", "source": "lastfm"}, True),
        ({"source": "lastfm"}, True),
        ({"all": True}, True),
        ({"all": True, "source": "lastfm"}, True),
    ],
    ids=str,
)
def test_plays_are_deleted_by_both_ends_a_source_or_explicitly_all(fields: Any, fits: bool) -> None:
    if fits:
        PlayDeletion.model_validate(fields, strict=True)
    else:
        with pytest.raises(ValidationError):
            PlayDeletion.model_validate(fields, strict=True)


def test_times_of_python_pass_and_naive_ones_do_not() -> None:
    zoned = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert TypeAdapter(Moment).validate_python(zoned) == zoned
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
