"""What the code reads from its environment and what the template puts there."""

import re
from collections.abc import Iterator
from typing import Any

from tests.infrastructure.conftest import ROOT

LOCAL_ONLY = {
    "DATABASE_URL",  # stands for all DATABASE_* where there are no secrets
    "MUSICCONNECT_CLOCK_FILE",  # moves the clock
    "AWS_ENDPOINT_URL",  # a stand-in for AWS
    "AWS_ENDPOINT_URL_S3",
}
OVERRIDES = {"LISTENBRAINZ_RATE", "MUSICBRAINZ_RATE"}
"""What stands in PROVIDER_OVERRIDES where it differs from the default."""
SET_BY_LAMBDA = {"AWS_LAMBDA_FUNCTION_VERSION", "AWS_REGION"}
READ_BY_POWERTOOLS = {"LOG_LEVEL"}
READ = re.compile(
    r"""(?: require\( | \benv\( | environ\.get\( | environ\[ | variable= ) \s* "([A-Z][A-Z0-9_]+)" """,
    re.VERBOSE,
)


def read_by_the_code() -> Iterator[str]:
    """Names of variables, wherever one is read."""
    for folder in ("layers/musicconnect/musicconnect", "functions"):
        for path in (ROOT / folder).rglob("*.py"):
            yield from READ.findall(path.read_text())


def test_every_variable_that_the_code_reads_is_provided(functions: dict[str, Any]) -> None:
    provided = {name for one in functions.values() for name in one["Environment"]["Variables"]}
    read = set(read_by_the_code())
    assert len(read) > 15
    assert read - LOCAL_ONLY - OVERRIDES - SET_BY_LAMBDA - provided == set()


def test_nothing_is_provided_that_nobody_reads(functions: dict[str, Any]) -> None:
    provided = {name for one in functions.values() for name in one["Environment"]["Variables"]}
    known = set(read_by_the_code()) | READ_BY_POWERTOOLS
    assert {name for name in provided - known if not name.startswith("ROLE_SECRET_")} == set()


def test_whoever_speaks_to_providers_is_told_everything_about_them(functions: dict[str, Any]) -> None:
    about = {
        "SPOTIFY_API_URL", "SPOTIFY_ACCOUNTS_URL", "YOUTUBE_API_URL", "GOOGLE_AUTH_URL", "GOOGLE_TOKEN_URL",
        "PROVIDER_TIMEOUT_SECONDS", "TOKEN_KEYS_SECRET_ARN", "SPOTIFY_SECRET_ARN", "YOUTUBE_SECRET_ARN",
        "YOUTUBE_DAILY_UNITS", "YOUTUBE_DAILY_SEARCHES",
    }  # fmt: skip
    for name, function in functions.items():
        told = about & set(function["Environment"]["Variables"])
        # Deleting an account only gives the access back, for which the encrypted token is enough.
        revoking = {"GOOGLE_TOKEN_URL", "PROVIDER_TIMEOUT_SECONDS", "TOKEN_KEYS_SECRET_ARN"}
        # The dispatcher measures how much of the allowances is spent.
        measuring = {"YOUTUBE_DAILY_UNITS", "YOUTUBE_DAILY_SEARCHES"}
        # Secrets of webhooks are encrypted by the same keys.
        signing = {"TOKEN_KEYS_SECRET_ARN"}
        lesser = {
            "CoreApiFunction": revoking,
            "MigrationsDispatcherFunction": measuring,
            "NoticesApiFunction": signing,
            "NoticesDispatcherFunction": signing,
            "NoticesWebhookWorkerFunction": signing,
        }
        assert told in (set(), lesser.get(name, about)), name


def test_the_schema_upgrade_knows_the_secret_of_every_role(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    variables = functions["SchemaMigrateFunction"]["Environment"]["Variables"]
    versions = ROOT / "functions/schema_migrate/alembic/versions"
    # Groups stand after those that log in.
    logging_in = "".join(
        revision.read_text().partition("] LOOP")[0]
        for revision in sorted(versions.glob("sql_*/*.sql"))
        if "CREATE ROLE %I LOGIN" in revision.read_text()
    )
    roles = re.findall(r"^ +'(mc_\w+)',? +--", logging_in, re.MULTILINE)
    assert len(roles) >= 12
    assert {name for name in variables if name.startswith("ROLE_SECRET_")} == {
        f"ROLE_SECRET_{role.upper()}" for role in roles
    }
    for role in roles:
        secret = resources[variables[f"ROLE_SECRET_{role.upper()}"]["Ref"]]["Properties"]
        assert secret["GenerateSecretString"]["SecretStringTemplate"] == f'{{"username":"{role}"}}'


def test_every_function_connects_as_the_role_of_its_service(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    roles = {
        function["Handler"].split(".")[0]: re.findall(
            r"mc_\w+",
            resources[arn["Ref"]]["Properties"]["GenerateSecretString"]["SecretStringTemplate"],
        )
        for function in functions.values()
        if (arn := function["Environment"]["Variables"].get("DATABASE_SECRET_ARN"))
    }
    assert roles == {
        "core_api": ["mc_core"],
        "mail_worker": ["mc_core"],
        "core_authorizer": ["mc_authorizer"],
        "providers_api": ["mc_providers"],
        "providers_playlists_api": ["mc_providers"],
        "providers_public_api": ["mc_public"],
        "trends_plays_api": ["mc_user_trends"],
        "trends_scrobbling_api": ["mc_user_trends"],
        "trends_import_worker": ["mc_user_trends"],
        "migrations_import_worker": ["mc_migrations"],
        "sync_api": ["mc_migrations"],
        "sync_worker": ["mc_migrations"],
        "trends_poll_worker": ["mc_play_poll"],
        "providers_sync_worker": ["mc_providers"],
        "search_api": ["mc_search"],
        "migrations_api": ["mc_migrations"],
        "migrations_worker": ["mc_migrations"],
        "migrations_dispatcher": ["mc_dispatch"],
        "trends_api": ["mc_trends"],
        "trends_rollup": ["mc_rollup"],
        "maintenance": ["mc_maintenance"],
        "exports_api": ["mc_exports"],
        "exports_worker": ["mc_exports"],
        "notices_api": ["mc_notices"],
        "operators": ["mc_operator"],
        "notices_dispatcher": ["mc_notices"],
        "notices_webhook_worker": ["mc_notices"],
    }
