"""Every metric is written where docs/operations.md says it is."""

import json

import pytest

from local.stack import postgres as embedded
from musicconnect.platform import metrics
from tests.integration.migrations.scenario import QUEUE, MigrationScenario, track_ids, well_known
from tests.support.functions import FunctionRunner
from tests.support.logs import Written
from tests.support.postgres import TEMPLATE, sql, url_for

TOKEN = {"spotify": "POST /api/token", "youtube": "POST /token"}


def values(log: Written, metric: metrics.Metric, **dimensions: str) -> list[float]:
    """Values of a metric in the order in which they were written."""
    lines = [line for line in log.metrics(metric.name) if dimensions.items() <= line.items()]
    assert all(
        line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", *metric.dimensions]]
        for line in lines
    )
    return [line[metric.name] for line in lines]


def start(scenario: MigrationScenario) -> int:
    return scenario.start("spotify", "youtube", [scenario.playlist("spotify", track_ids(well_known(3)))])


def test_work_that_nobody_comes_for_is_measured_from_when_it_was_due(
    scenario: MigrationScenario, log: Written
) -> None:
    scenario.dispatch()
    assert values(log, metrics.WORK_OVERDUE, work="migrations") == [0]
    start(scenario)
    lost = scenario.harness.messages(QUEUE)
    assert lost
    log.clear()
    scenario.pass_time(2400)
    scenario.dispatch()
    (overdue,) = values(log, metrics.WORK_OVERDUE, work="migrations")
    assert 2400 <= overdue < 2500


def test_what_waits_for_its_time_is_not_overdue(scenario: MigrationScenario, log: Written) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "60"
    start(scenario)
    scenario.work()
    log.clear()
    scenario.pass_time(1200)
    assert scenario.dispatch() == 0
    assert values(log, metrics.WORK_OVERDUE) == [0]


def test_the_allowances_are_measured_every_minute(scenario: MigrationScenario, log: Written) -> None:
    scenario.dispatch()
    assert values(log, metrics.QUOTA_USED, provider="youtube", bucket="search") == [0]
    scenario.harness.environment |= {"YOUTUBE_DAILY_UNITS": "500", "YOUTUBE_DAILY_SEARCHES": "4"}
    sql(scenario.harness.database_url, "TRUNCATE providers.match_store")
    start(scenario)
    scenario.work()
    log.clear()
    scenario.dispatch()
    rows = sql(
        scenario.harness.database_url,
        "SELECT bucket, used FROM providers.quota_usage WHERE provider = 'youtube'",
    )
    used = dict(rows)
    assert used["search"] > 0
    for bucket, limit in (("search", 4), ("general", 500)):
        (percent,) = values(log, metrics.QUOTA_USED, provider="youtube", bucket=bucket)
        assert percent == pytest.approx(100 * used[bucket] / limit)
    assert values(log, metrics.QUOTA_USED, provider="spotify") == [0]


def test_an_allowance_that_the_provider_calls_spent_is_spent(
    scenario: MigrationScenario, log: Written
) -> None:
    scenario.fault("spotify", "*", **{"as": "quota"})
    start_answer = scenario.person.call(
        "POST",
        "/v1/migrations",
        {"source_provider": "spotify", "target_provider": "youtube", "playlists": ["unknown"]},
    )
    assert start_answer.status == 429
    scenario.clear_faults()
    log.clear()
    scenario.dispatch()
    assert values(log, metrics.QUOTA_USED, provider="spotify", bucket="requests") == [100]


@pytest.mark.parametrize("provider", ["spotify", "youtube"])
def test_refreshed_and_refused_tokens_are_counted(
    scenario: MigrationScenario, log: Written, provider: str
) -> None:
    scenario.pass_time(2 * 3600)
    scenario.token(provider)
    assert values(log, metrics.TOKEN_REFRESHES, provider=provider) == [1]
    assert values(log, metrics.CONSENTS_ENDED) == []
    scenario.pass_time(2 * 3600)
    scenario.fault(provider, TOKEN[provider], status=400, body={"error": "invalid_grant"})
    with pytest.raises(Exception, match="linked again"):
        scenario.token(provider)
    assert values(log, metrics.TOKEN_REFRESHES, provider=provider) == [1]
    assert values(log, metrics.CONSENTS_ENDED, provider=provider) == [1]


def test_only_what_nobody_foresaw_counts_as_unexpected(
    harness: FunctionRunner, log: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert harness.call("GET", "/v1/health").status == 200
    assert harness.call("POST", "/v1/auth/login", {}).status == 422
    assert values(log, metrics.UNEXPECTED_ERRORS) == []
    monkeypatch.setattr("musicconnect.core.services.health", lambda database: 1 / 0)
    assert harness.call("GET", "/v1/health").status == 500
    assert values(log, metrics.UNEXPECTED_ERRORS, version="$LATEST") == [1]


def test_a_connection_that_fails_is_counted_once_for_each_try(
    postgres_server: embedded.Postgres, log: Written
) -> None:
    nowhere = FunctionRunner(url_for(postgres_server.url(user=embedded.ADMIN), dbname=f"no_{TEMPLATE}"), {})
    assert nowhere.call("GET", "/v1/health").status == 503
    assert values(log, metrics.DATABASE_CONNECTION_FAILURES) == [1]
    assert "password" not in json.dumps(log.everything())
