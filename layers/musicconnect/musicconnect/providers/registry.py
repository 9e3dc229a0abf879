"""List the providers.

Adding one is a package with its client, its consents (see `entry.ProviderModule`) and its entry, a line here,
and a simulator: docs/adding-a-provider.md.
"""

from musicconnect.music.model import ProviderName
from musicconnect.platform import problems
from musicconnect.providers.entry import (
    FILE,
    NEW_PLAYLISTS,
    Bucket,
    Provider,
    Rate,
    list_entries,
    title,
)
from musicconnect.providers.listenbrainz.entry import ENTRY as LISTENBRAINZ
from musicconnect.providers.spotify.entry import ENTRY as SPOTIFY
from musicconnect.providers.tidal.entry import ENTRY as TIDAL
from musicconnect.providers.youtube.entry import ENTRY as YOUTUBE

__all__ = [
    "FILE", "NEW_PLAYLISTS", "PROVIDERS", "Bucket", "Provider", "Rate", "get", "offered", "title",
]  # fmt: skip

PROVIDERS: dict[ProviderName, Provider] = list_entries(SPOTIFY, YOUTUBE, TIDAL, LISTENBRAINZ)
"""All of them, in the order in which people see them, whether they are offered here or not."""


def offered() -> dict[ProviderName, Provider]:
    """Give those that people can use here, in the order in which they see them."""
    return {name: entry for name, entry in PROVIDERS.items() if entry.is_offered}


def get(name: ProviderName) -> Provider:
    """Get the entry of a provider; `Problem` 404 if there is none."""
    if name not in PROVIDERS:
        raise problems.not_found("provider")
    return PROVIDERS[name]
