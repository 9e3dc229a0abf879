"""Spotify: the Web API in development and in extended quota mode, and its authorization server."""

from musicconnect.platform import config
from musicconnect.platform.config import ProviderSettings
from musicconnect.providers.protocol import Client, Credentials, Exhaust, OAuth, Reserve


def make_client(credentials: Credentials, reserve: Reserve, exhaust: Exhaust) -> Client:
    """Make a client that acts with these credentials and books its calls."""
    from musicconnect.providers.spotify.client import SpotifyClient  # noqa: PLC0415 - linking needs none

    return SpotifyClient(ProviderSettings.from_environment(), credentials, reserve, exhaust)


def make_oauth() -> OAuth:
    """Make the client of Spotify's authorization server."""
    from musicconnect.providers.oauth import AuthorizationServer  # noqa: PLC0415 - the registry imports us

    addresses = ProviderSettings.from_environment()
    base = addresses.spotify_accounts_url.rstrip("/")
    return AuthorizationServer(
        name="spotify",
        authorize_endpoint=f"{base}/authorize",
        token_endpoint=f"{base}/api/token",
        revoke_endpoint=None,
        credentials_variable="SPOTIFY_SECRET_ARN",
        read_scopes=(
            "user-read-private",
            "playlist-read-private",
            "playlist-read-collaborative",
            "user-library-read",
        ),
        # The library: liked songs that come from elsewhere.
        write_scopes=("playlist-modify-private", "playlist-modify-public", "user-library-modify"),
        follow_scopes=("user-follow-read", "user-follow-modify"),
        also_asked=("user-read-recently-played",) if config.is_polling_enabled() else (),
        timeout=addresses.timeout,
        # A person who links again may want another account, or a new six months: both need the dialog.
        parameters={"show_dialog": "true"},
        basic=True,
    )
