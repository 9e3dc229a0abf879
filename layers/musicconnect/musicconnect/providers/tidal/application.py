"""A token of the application's own, for the part of the catalogue that people's tokens may not ask about."""

import threading

from musicconnect.platform import clock
from musicconnect.providers.protocol import TokenGrant
from musicconnect.providers.tidal.oauth import TidalAuthorizationServer

SPARE_S = 60.0
"""A token is good for so long at least when it is used."""

_lock = threading.Lock()
_granted: dict[str, tuple[TokenGrant, float]] = {}
"""By token endpoint: the token that this process has, and until when it is good."""


class ApplicationCredentials:
    """Credentials of the application; see `protocol.Credentials`."""

    def __init__(self, server: TidalAuthorizationServer) -> None:
        self._server = server

    def access_token(self) -> str:
        """Get a token that is good for another minute at least, as far as anybody knows."""
        return self._token(refused=None)

    def renewed_token(self, refused: str) -> str:
        """Get another token after TIDAL has refused this one."""
        return self._token(refused=refused)

    def no_channel(self) -> None:
        """Do nothing: applications have no channels, and need none."""

    def _token(self, refused: str | None) -> str:
        place, now = self._server.token_endpoint, clock.now().timestamp()
        with _lock:
            grant, good_until = _granted.get(place, (None, 0.0))
            if grant is None or good_until <= now + SPARE_S or grant.access_token == refused:
                grant = self._server.application_grant()
                _granted[place] = (grant, now + grant.expires_in)
            return grant.access_token
