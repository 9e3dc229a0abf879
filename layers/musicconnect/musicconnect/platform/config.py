"""Read a function's settings from its environment, when it first needs them."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache


class SettingsError(RuntimeError):
    """The environment lacks something that the template should have set."""


def require(name: str) -> str:
    """Get an environment variable; `SettingsError` if it is unset or empty."""
    if value := os.environ.get(name, ""):
        return value
    raise SettingsError(f"The environment variable {name} is not set.")


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where Postgres is and which secret opens it. ``url``, when set, stands for all the rest."""

    url: str | None
    host: str
    port: int
    name: str
    sslmode: str
    secret_arn: str
    sslrootcert: str = ""
    """The certificates that its own is checked against: a file, or ``system`` for those of the machine."""

    @classmethod
    def from_environment(cls) -> "DatabaseSettings":
        """Read ``DATABASE_*``."""
        url = os.environ.get("DATABASE_URL")
        if url:
            return cls(url=url, host="", port=0, name="", sslmode="", secret_arn="")
        return cls(
            url=None,
            host=require("DATABASE_HOST"),
            port=int(os.environ.get("DATABASE_PORT", "5432")),
            name=require("DATABASE_NAME"),
            sslmode=os.environ.get("DATABASE_SSLMODE", "verify-full"),
            secret_arn=require("DATABASE_SECRET_ARN"),
            sslrootcert=database_authorities(),
        )


def database_authorities() -> str:
    """What the server's certificate is checked against, as libpq's ``sslrootcert`` takes it."""
    return os.environ.get("DATABASE_SSLROOTCERT") or "system"


def provider_setting(name: str, default: str) -> str:
    """Read what is particular to one provider: a variable of its own, ``PROVIDER_OVERRIDES``, or the default.

    ``PROVIDER_OVERRIDES`` is ``NAME=value NAME=value``: addresses and rates that hardly anybody changes need
    no parameter each of the deployment.
    """
    if own := os.environ.get(name):
        return own
    overrides = (one.partition("=") for one in os.environ.get("PROVIDER_OVERRIDES", "").split())
    return next((value for key, _, value in overrides if key == name), default)


def provider_timeout() -> tuple[float, float]:
    """Connect and read time-outs in seconds."""
    return 3.05, float(os.environ.get("PROVIDER_TIMEOUT_SECONDS") or "10")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Base addresses of the providers: the real services, or the simulators."""

    spotify_api_url: str
    spotify_accounts_url: str
    youtube_api_url: str
    google_auth_url: str
    google_token_url: str
    tidal_api_url: str
    tidal_login_url: str
    tidal_auth_url: str
    timeout: tuple[float, float]
    """Connect and read time-outs in seconds."""

    @classmethod
    def from_environment(cls) -> "ProviderSettings":
        """Read the addresses; what is unset is the real service."""
        env = os.environ.get
        return cls(
            spotify_api_url=env("SPOTIFY_API_URL") or "https://api.spotify.com/v1",
            spotify_accounts_url=env("SPOTIFY_ACCOUNTS_URL") or "https://accounts.spotify.com",
            youtube_api_url=env("YOUTUBE_API_URL") or "https://www.googleapis.com/youtube/v3",
            google_auth_url=env("GOOGLE_AUTH_URL") or "https://accounts.google.com/o/oauth2/v2/auth",
            google_token_url=env("GOOGLE_TOKEN_URL") or "https://oauth2.googleapis.com",
            tidal_api_url=env("TIDAL_API_URL") or "https://openapi.tidal.com/v2",
            tidal_login_url=env("TIDAL_LOGIN_URL") or "https://login.tidal.com",
            tidal_auth_url=env("TIDAL_AUTH_URL") or "https://auth.tidal.com",
            timeout=provider_timeout(),
        )


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How long a search waits, and how long what it found and who asked for it are kept."""

    deadline: float
    """Seconds that each provider has for its answer."""
    cache_for: timedelta
    """A day at most: that is how long YouTube's searches have to last."""
    history_for: timedelta

    @classmethod
    def from_environment(cls) -> "SearchSettings":
        """Read ``SEARCH_*``."""
        env = os.environ.get
        return cls(
            # The API gives up after 30 seconds and the function a second earlier.
            deadline=min(25.0, float(env("SEARCH_DEADLINE_SECONDS") or "8")),
            cache_for=timedelta(hours=min(24.0, float(env("SEARCH_CACHE_HOURS") or "24"))),
            history_for=timedelta(days=int(env("SEARCH_HISTORY_DAYS") or "90")),
        )


@dataclass(frozen=True, slots=True)
class ObjectStorageSettings:
    """Which object storage files go to. With nothing set: AWS, with the function's own credentials."""

    endpoint: str = ""
    addressing: str = "auto"
    """``virtual``: the bucket in the host name; ``path``: in the path, as MinIO wants it; ``auto``: the
    host name at AWS, the path at another endpoint."""
    region: str = ""
    secret_arn: str = ""
    """Of a secret ``{"access_key_id", "secret_access_key"}``: HMAC credentials of IBM COS, MinIO's keys."""
    encryption: str = "AES256"
    """What every new object asks for; empty where the storage encrypts without being asked (IBM COS)."""
    timeout: float = 60.0
    """Seconds that an answer may take."""

    @classmethod
    def from_environment(cls) -> "ObjectStorageSettings":
        """Read ``EXPORT_STORAGE_*``."""
        env = os.environ.get
        encryption = env("EXPORT_STORAGE_ENCRYPTION") or "AES256"
        return cls(
            endpoint=env("EXPORT_STORAGE_ENDPOINT") or "",
            addressing=env("EXPORT_STORAGE_ADDRESSING") or "auto",
            region=env("EXPORT_STORAGE_REGION") or "",
            secret_arn=env("EXPORT_STORAGE_SECRET_ARN") or "",
            encryption="" if encryption == "bucket" else encryption,
            timeout=float(env("EXPORT_STORAGE_TIMEOUT_SECONDS") or "60"),
        )


@dataclass(frozen=True, slots=True)
class MailSettings:
    """From whom mail is sent; with nothing set, none is."""

    address: str = ""
    name: str = "MusicConnect"
    configuration_set: str = ""
    """Of SES: publishes what becomes of messages."""

    @classmethod
    def from_environment(cls) -> "MailSettings":
        """Read ``MAIL_*``."""
        env = os.environ.get
        return cls(
            address=env("MAIL_FROM") or "",
            name=env("MAIL_FROM_NAME") or "MusicConnect",
            configuration_set=env("MAIL_CONFIGURATION_SET") or "",
        )

    @property
    def is_enabled(self) -> bool:
        """Whether this deployment sends mail."""
        return bool(self.address)

    @property
    def sender(self) -> str:
        """The value of ``From``."""
        from email.utils import formataddr  # noqa: PLC0415 - only the worker sends

        return formataddr((self.name, self.address))


@cache
def service_name() -> str:
    """The service this function belongs to, as it stands in logs."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME", "musicconnect")


def public_url() -> str | None:
    """The address under which people reach the API, where one is set."""
    return (os.environ.get("PUBLIC_URL") or "").rstrip("/") or None


def is_polling_enabled() -> bool:
    """Whether Spotify is asked what people played (``PLAY_POLL_ENABLED``); not unless it says so."""
    return os.environ.get("PLAY_POLL_ENABLED", "") == "true"


def has_link_pages() -> bool:
    """Whether strangers may look up links (``LINK_PAGES_ENABLED``); not unless the deployer says so."""
    return os.environ.get("LINK_PAGES_ENABLED", "") == "true"


def has_playlist_pages() -> bool:
    """Whether people may show playlists to strangers (``PLAYLIST_PAGES_ENABLED``); as above."""
    return os.environ.get("PLAYLIST_PAGES_ENABLED", "") == "true"


def session_lifetime() -> timedelta:
    """How long a session lasts: ``SESSION_DAYS``, or 30 days."""
    return timedelta(days=int(os.environ.get("SESSION_DAYS") or "30"))


def export_lifetime() -> timedelta:
    """How long the files of an export are kept: ``EXPORT_RETENTION_DAYS``, or 7 days."""
    return timedelta(days=int(os.environ.get("EXPORT_RETENTION_DAYS") or "7"))


def is_webhook_loopback_allowed() -> bool:
    """Whether webhooks may lead to this machine (``WEBHOOK_LOOPBACK``); only the local stack says so."""
    return os.environ.get("WEBHOOK_LOOPBACK", "") == "true"
