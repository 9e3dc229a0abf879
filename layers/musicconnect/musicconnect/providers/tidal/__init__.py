"""TIDAL: the API v2 (JSON:API), and its authorization server."""

from typing import TYPE_CHECKING

from musicconnect.platform.config import ProviderSettings
from musicconnect.providers.protocol import Client, Credentials, Exhaust, OAuth, Reserve

if TYPE_CHECKING:
    from musicconnect.providers.tidal.oauth import TidalAuthorizationServer


def make_client(credentials: Credentials, reserve: Reserve, exhaust: Exhaust) -> Client:
    """Make a client that acts with these credentials and books its calls."""
    from musicconnect.providers.tidal.client import TidalClient  # noqa: PLC0415 - linking needs none

    return TidalClient(ProviderSettings.from_environment(), credentials, reserve, exhaust, make_server())


def make_oauth() -> OAuth:
    """Make the client of TIDAL's authorization server."""
    return make_server()


def make_server() -> "TidalAuthorizationServer":
    """Make the authorization server, which also gives tokens to the application itself."""
    from musicconnect.providers.tidal.oauth import (  # noqa: PLC0415 - the registry imports us
        TidalAuthorizationServer,
    )

    addresses = ProviderSettings.from_environment()
    return TidalAuthorizationServer(
        name="tidal",
        authorize_endpoint=f"{addresses.tidal_login_url.rstrip('/')}/authorize",
        token_endpoint=f"{addresses.tidal_auth_url.rstrip('/')}/v1/oauth2/token",
        revoke_endpoint=None,
        credentials_variable="TIDAL_SECRET_ARN",
        read_scopes=("user.read", "playlists.read", "collection.read", "search.read"),
        write_scopes=("playlists.write", "collection.write"),
        timeout=addresses.timeout,
        # Whoever consented before would get the old scopes again without being asked.
        parameters={"prompt": "consent"},
    )
