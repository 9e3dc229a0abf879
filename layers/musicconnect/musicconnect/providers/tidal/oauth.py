"""TIDAL's authorization server, which answers to an unknown client as it does to a revoked consent."""

from musicconnect.providers.errors import (
    ConsentRevokedError,
    NotAllowedError,
    ProviderError,
    RejectedError,
    TransientError,
)
from musicconnect.providers.oauth import AuthorizationServer
from musicconnect.providers.protocol import TokenGrant

REVOKED = frozenset({"invalid_grant", "access_denied"})
"""Refusals of a refresh that mean that the person is signed out, unless the application is refused."""


class TidalAuthorizationServer(AuthorizationServer):
    """Asks for a token of the application's own before it believes that a person's consent has ended.

    TIDAL answers ``invalid_grant`` to a client id that it does not know: an operator's typo must not be
    written down as the end of everybody's consent.
    """

    __slots__ = ()

    def exchange(self, *, code: str, redirect_uri: str, code_verifier: str) -> TokenGrant:
        """Trade an authorization code for tokens; see `AuthorizationServer.exchange`."""
        try:
            return super().exchange(code=code, redirect_uri=redirect_uri, code_verifier=code_verifier)
        except RejectedError:
            self._require_client()
            raise

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Get a new access token; see `AuthorizationServer.refresh`."""
        try:
            return super().refresh(refresh_token)
        except (ConsentRevokedError, RejectedError) as error:
            if error.reason not in REVOKED:
                raise
            try:
                self._require_client()
            except NotAllowedError as refused:
                raise TransientError(
                    "The provider does not accept this installation's credentials at the moment.",
                    provider=self.name,
                    reason=refused.reason,
                ) from None
            raise ConsentRevokedError(error.message, provider=self.name, reason=error.reason) from None

    def application_grant(self) -> TokenGrant:
        """Get a token of the application's own, which sees the catalogue and nothing that anybody owns.

        Raises:
            NotAllowedError: TIDAL does not accept this deployment's client id or secret.
            RetryableError: it did not answer properly.
        """
        try:
            return self._token({"grant_type": "client_credentials"})
        except RejectedError as error:
            raise self._refused_client(error) from None

    def _require_client(self) -> None:
        self.application_grant()

    def _refused_client(self, error: ProviderError) -> NotAllowedError:
        return NotAllowedError(
            "The provider does not accept this installation's client id and secret.",
            provider=self.name,
            reason=error.reason,
        )
