"""YouTube: the Data API v3, and Google's authorization server."""

from musicconnect.platform.config import ProviderSettings
from musicconnect.providers.protocol import Client, Credentials, Exhaust, OAuth, Reserve

_READ = "https://www.googleapis.com/auth/youtube.readonly"
_WRITE = "https://www.googleapis.com/auth/youtube"
_WRITE_SSL = "https://www.googleapis.com/auth/youtube.force-ssl"


def make_client(credentials: Credentials, reserve: Reserve, exhaust: Exhaust) -> Client:
    """Make a client that acts with these credentials and books its calls."""
    from musicconnect.providers.youtube.client import YouTubeClient  # noqa: PLC0415 - linking needs none

    return YouTubeClient(ProviderSettings.from_environment(), credentials, reserve, exhaust)


def make_oauth() -> OAuth:
    """Make the client of Google's authorization server."""
    from musicconnect.providers.oauth import AuthorizationServer  # noqa: PLC0415 - the registry imports us

    addresses = ProviderSettings.from_environment()
    base = addresses.google_token_url.rstrip("/")
    return AuthorizationServer(
        name="youtube",
        authorize_endpoint=addresses.google_auth_url,
        token_endpoint=f"{base}/token",
        revoke_endpoint=f"{base}/revoke",
        credentials_variable="YOUTUBE_SECRET_ARN",
        # Both are asked for when writing is: a person who unticks the second still links for reading.
        read_scopes=(_READ,),
        write_scopes=(_WRITE,),
        implied={_WRITE: frozenset({_READ}), _WRITE_SSL: frozenset({_READ, _WRITE})},
        timeout=addresses.timeout,
        # Without prompt=consent a second consent brings no refresh token.
        parameters={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"},
    )
