"""What functions read from their environment, and the clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from musicconnect.platform import clock, config
from musicconnect.platform.config import DatabaseSettings, ProviderSettings, SettingsError


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATABASE_URL", "DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_SSLMODE",
        "DATABASE_SECRET_ARN", "DATABASE_SSLROOTCERT", "SPOTIFY_API_URL", "GOOGLE_TOKEN_URL",
        "PROVIDER_TIMEOUT_SECONDS", "PUBLIC_URL", "SESSION_DAYS", "MUSICCONNECT_CLOCK_FILE",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


def test_says_which_variable_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="DATABASE_HOST"):
        DatabaseSettings.from_environment()
    monkeypatch.setenv("DATABASE_HOST", "")
    with pytest.raises(SettingsError, match="DATABASE_HOST"):
        DatabaseSettings.from_environment()


def test_a_database_is_reached_safely_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_HOST", "db.example")
    monkeypatch.setenv("DATABASE_NAME", "music")
    monkeypatch.setenv("DATABASE_SECRET_ARN", "arn")

    found = DatabaseSettings.from_environment()

    assert (found.host, found.port, found.name, found.sslmode) == ("db.example", 5432, "music", "verify-full")
    assert found.sslrootcert == "system"
    monkeypatch.setenv("DATABASE_SSLROOTCERT", "/opt/certificates/region.pem")
    assert DatabaseSettings.from_environment().sslrootcert == "/opt/certificates/region.pem"


def test_a_whole_url_stands_for_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@y/z")

    assert DatabaseSettings.from_environment().url == "postgresql://x@y/z"


def test_providers_are_the_real_ones_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ProviderSettings.from_environment().spotify_api_url == "https://api.spotify.com/v1"
    monkeypatch.setenv("SPOTIFY_API_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("PROVIDER_TIMEOUT_SECONDS", "2.5")
    found = ProviderSettings.from_environment()
    assert (found.spotify_api_url, found.timeout[1]) == ("http://127.0.0.1:1/v1", 2.5)


def test_the_public_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.public_url() is None
    monkeypatch.setenv("PUBLIC_URL", "https://music.example/")
    assert config.public_url() == "https://music.example"


def test_sessions_last_a_month_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.session_lifetime() == timedelta(days=30)
    monkeypatch.setenv("SESSION_DAYS", "7")
    assert config.session_lifetime() == timedelta(days=7)


def test_the_clock_is_the_wall_clock_in_utc_and_can_be_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MUSICCONNECT_CLOCK_FILE", raising=False)
    offset = tmp_path / "offset"
    offset.touch()
    machine = datetime.fromtimestamp(offset.stat().st_mtime, UTC)  # the file system's own clock
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - machine) < timedelta(minutes=1)
    monkeypatch.setenv("MUSICCONNECT_CLOCK_FILE", str(offset))
    assert abs(clock.now() - machine) < timedelta(minutes=1)  # an empty file: no offset
    offset.write_text("86400")
    assert abs(clock.now() - machine - timedelta(days=1)) < timedelta(minutes=1)
    offset.unlink()
    assert abs(clock.now() - machine) < timedelta(minutes=1)  # no file: no offset
