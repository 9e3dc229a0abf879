"""Metrics as CloudWatch reads them out of the log."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.platform import metrics
from musicconnect.platform.logging import correlation_id, logger, start_trace
from musicconnect.platform.metrics import METRICS, Metric, emit, overdue
from musicconnect.providers.quota import ledger
from tests.support.logs import written

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_line_says_what_is_measured_and_leads_to_the_other_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "trial")
    start_trace("request-1")
    with written() as log:
        emit(metrics.QUOTA_USED, 42.5, provider="youtube", bucket="search")
    (line,) = log.everything()
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert told["Namespace"] == "MusicConnect"
    assert told["Dimensions"] == [["stage", "provider", "bucket"]]
    assert told["Metrics"] == [{"Name": "QuotaUsed", "Unit": "Percent"}]
    assert line["QuotaUsed"] == 42.5
    assert (line["stage"], line["provider"], line["bucket"]) == ("trial", "youtube", "search")
    assert line["correlation_id"] == "request-1"


def test_the_version_that_answers_is_a_dimension_of_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    with written() as log:
        emit(metrics.UNEXPECTED_ERRORS)
    (line,) = log.metrics("UnexpectedErrors")
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", "service", "version"]]
    assert (line["version"], line["UnexpectedErrors"]) == ("7", 1)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_no_value_is_written_under_other_dimensions(metric: Metric) -> None:
    with written() as log, pytest.raises(ValueError, match=metric.name):
        emit(metric, 1, colour="blue")
    assert log.everything() == []


def test_names_are_given_once() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_the_oldest_of_what_is_due_counts() -> None:
    assert overdue([], NOW) == 0
    assert overdue([NOW - timedelta(minutes=5), NOW - timedelta(hours=1), NOW], NOW) == 3600


@pytest.mark.parametrize(
    ("limit", "remaining", "percent"),
    [(100, 100, 0), (100, 9, 91), (100, 0, 100), (None, None, 0), (None, 0, 100), (3, 2, 100 / 3)],
)
def test_an_allowance_of_unknown_size_is_spent_when_the_provider_says_so(
    limit: int | None, remaining: int | None, percent: float
) -> None:
    bucket = ledger.BucketStatus(
        bucket="b", title="", unit="", used=0, limit=limit, remaining=remaining, resets_at=None
    )
    assert ledger.spent_percent(bucket) == pytest.approx(percent)


def test_what_begins_without_a_cause_is_its_own() -> None:
    start_trace("of a request")
    first, second = start_trace(), start_trace("")
    assert len({first, second, "of a request"}) == 3
    assert correlation_id() == logger.get_correlation_id() == second
