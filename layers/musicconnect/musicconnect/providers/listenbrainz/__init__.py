"""ListenBrainz: playlists of MusicBrainz' recordings, linked by the person's own token."""

from musicconnect.providers.protocol import Client, Credentials, Exhaust, OAuth, Reserve

TOKEN_PAGE = "https://listenbrainz.org/settings/"  # noqa: S105 - an address


def make_client(credentials: Credentials, reserve: Reserve, exhaust: Exhaust) -> Client:
    """Make a client that acts with these credentials and books its calls."""
    from musicconnect.providers.listenbrainz.client import (  # noqa: PLC0415 - linking needs none
        ListenBrainzClient,
    )

    return ListenBrainzClient(credentials, reserve, exhaust)


def make_oauth() -> OAuth:
    """Make what stands for an authorization server: the page on which the token is."""
    from musicconnect.providers.pasted_token import PastedToken  # noqa: PLC0415 - the registry imports us

    return PastedToken(name="listenbrainz", page=TOKEN_PAGE)
