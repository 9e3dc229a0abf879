"""Link by a token that the person copies from the provider's own page and pastes here."""

from dataclasses import dataclass
from typing import Final

from musicconnect.music.model import ProviderName
from musicconnect.providers.errors import ConsentRevokedError, RejectedError
from musicconnect.providers.protocol import Access, TokenGrant

LIFETIME_S: Final = 100 * 365 * 86_400
"""A pasted token has no end: it is good until the person makes another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedToken:
    """The consent of providers without OAuth; implements `protocol.OAuth`.

    The token stands where a code stands elsewhere: the same states, the same limits, and the same request
    completes the link. Whether it is good shows when the provider is asked whose it is.
    """

    name: ProviderName
    page: str
    """Where the person finds their token."""

    def scopes(self, access: Access, *, follows: bool = False) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """List none: such a token may do everything."""
        return ()

    def covers_follows(self, scope: str, access: Access) -> bool:  # noqa: ARG002
        """Give True: such a token may do everything."""
        return True

    def granted_access(self, scope: str) -> Access | None:  # noqa: ARG002
        """Give the most there is; what the person allows us is what they asked for."""
        return "write"

    def authorize_url(
        self,
        *,
        redirect_uri: str,  # noqa: ARG002
        state: str,  # noqa: ARG002
        code_challenge: str,  # noqa: ARG002
        access: Access,  # noqa: ARG002
        follows: bool = False,  # noqa: ARG002
    ) -> str:
        """Give the page on which the token stands. Nobody comes back from there by themselves."""
        return self.page

    def exchange(self, *, code: str, redirect_uri: str, code_verifier: str) -> TokenGrant:  # noqa: ARG002
        """Take the token as it was pasted. Raises `RejectedError` for what no header can hold."""
        token = code.strip()
        if not (token and token.isascii() and token.isprintable()):
            raise RejectedError("That is no token.", provider=self.name, reason="malformed_token")
        return TokenGrant(access_token=token, expires_in=LIFETIME_S)

    def refresh(self, refresh_token: str) -> TokenGrant:  # noqa: ARG002
        """Raise `ConsentRevokedError`: a token that is refused has no successor but the person's next one."""
        raise ConsentRevokedError("The token is no longer good.", provider=self.name, reason="token_refused")

    def revoke(self, token: str) -> bool:  # noqa: ARG002
        """Give False: only the person can make another token."""
        return False
