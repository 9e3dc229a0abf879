"""When schedules fire, and what they send."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.events.schedule_expressions import ScheduleError, event, next_after
from local.template.model import Deployment, Schedule

SUNDAY = datetime(2026, 11, 22, 10, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", "2026-11-22T10:31:15"),
        ("rate(5 minutes)", "2026-11-22T10:35:15"),
        ("rate(2 hours)", "2026-11-22T12:30:15"),
        ("rate(1 day)", "2026-11-23T10:30:15"),
        ("cron(* * * * ? *)", "2026-11-22T10:31:00"),
        ("cron(0 3 * * ? *)", "2026-11-23T03:00:00"),
        ("cron(0/15 * * * ? *)", "2026-11-22T10:45:00"),
        ("cron(31-33 10 * * ? *)", "2026-11-22T10:31:00"),
        ("cron(0 12 ? * MON-FRI *)", "2026-11-23T12:00:00"),
        ("cron(0 12 ? * 1 *)", "2026-11-22T12:00:00"),
        ("cron(0 9 ? * 3#2 *)", "2026-12-08T09:00:00"),
        ("cron(0 9 ? * 6L *)", "2026-11-27T09:00:00"),
        ("cron(0 9 ? * L *)", "2026-11-28T09:00:00"),
        ("cron(0 9 L * ? *)", "2026-11-30T09:00:00"),
        ("cron(0 9 L FEB ? 2028)", "2028-02-29T09:00:00"),
        ("cron(0 9 29W * ? *)", "2026-11-30T09:00:00"),
        ("cron(0 9 1W AUG ? 2027)", "2027-08-02T09:00:00"),
        ("cron(0 9 1W MAY ? 2027)", "2027-05-03T09:00:00"),
        ("cron(0 9 31W OCT ? 2027)", "2027-10-29T09:00:00"),
        ("cron(30 10 22 NOV ? 2026/2)", "2028-11-22T10:30:00"),
        ("cron(0 0 1,15 JAN,JUL ? *)", "2027-01-01T00:00:00"),
    ],
)
def test_the_next_time_is_eventbridges(expression: str, expected: str) -> None:
    assert next_after(expression, SUNDAY) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(1 week)",
        "cron(0 3 * * *)",
        "cron(0 3 * * * *)",
        "cron(0 3 ? * ? *)",
        "cron(60 3 * * ? *)",
        "cron(0 3 31 FEB ? *)",
        "cron(0 3 * * ? 2020)",
        "cron(a 3 * * ? *)",
        "at(2026-11-22T10:00:00)",
        "every day",
    ],
)
def test_what_eventbridge_refuses_is_refused(expression: str) -> None:
    with pytest.raises(ScheduleError):
        next_after(expression, SUNDAY)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.integers(0, 59),
    st.integers(0, 23),
)
def test_a_daily_cron_fires_within_a_day_at_its_time(moment: datetime, minute: int, hour: int) -> None:
    moment = moment.replace(tzinfo=UTC)
    at = next_after(f"cron({minute} {hour} * * ? *)", moment)
    assert (at.hour, at.minute, at.second) == (hour, minute, 0)
    assert timedelta(0) < at - moment <= timedelta(days=1)


def schedule(**changes: object) -> Schedule:
    values: dict[str, object] = {
        "id": "TickFunctionDaily",
        "function": "TickFunction",
        "expression": "rate(1 day)",
        "input": None,
        "scheduler": False,
        "enabled": True,
    }
    return Schedule(**{**values, **changes})  # type: ignore[arg-type]


def test_a_rule_sends_a_scheduled_event() -> None:
    sent = json.loads(event(schedule(), SUNDAY, Deployment(), "some-id"))
    assert sent == {
        "version": "0",
        "id": "some-id",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-22T10:30:15Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/TickFunctionDaily"],
        "detail": {},
    }


def test_the_scheduler_sends_its_own_event() -> None:
    sent = json.loads(event(schedule(scheduler=True), SUNDAY, Deployment(), "some-id"))
    assert sent["source"] == "aws.scheduler"
    assert sent["detail"] == "{}"


def test_an_input_replaces_the_event_and_its_placeholders_are_filled() -> None:
    text = '{"at": "<aws.scheduler.scheduled-time>"}'
    sent = json.loads(event(schedule(scheduler=True, input=text), SUNDAY, Deployment(), "some-id"))
    assert sent == {"at": "2026-11-22T10:30:15Z"}
