"""List the providers.

Adding one is a package with its client, its consents (see `entry.ProviderModule`) and its entry, a line here,
and a simulator: docs/adding-a-provider.md.
"""

from typing import Final

from musicconnect.music.model import ProviderName
from musicconnect.platform import problems
from musicconnect.providers.entry import NEW_PLAYLISTS, Bucket, Provider, Rate
from musicconnect.providers.spotify.entry import ENTRY as SPOTIFY
from musicconnect.providers.tidal.entry import ENTRY as TIDAL
from musicconnect.providers.youtube.entry import ENTRY as YOUTUBE

__all__ = [
    "FILE", "NEW_PLAYLISTS", "PROVIDERS", "Bucket", "Provider", "Rate", "get", "offered", "title",
]  # fmt: skip

PROVIDERS: dict[ProviderName, Provider] = {entry.name: entry for entry in (SPOTIFY, YOUTUBE, TIDAL)}
"""All of them, in the order in which people see them, whether they are offered here or not."""


def offered() -> dict[ProviderName, Provider]:
    """Give those that people can use here, in the order in which they see them."""
    return {name: entry for name, entry in PROVIDERS.items() if entry.is_offered}


def get(name: ProviderName) -> Provider:
    """Get the entry of a provider; `Problem` 404 if there is none."""
    if name not in PROVIDERS:
        raise problems.not_found("provider")
    return PROVIDERS[name]


FILE: Final = "file"
"""Stands where a provider's name stands when something comes out of a file that a person uploaded."""


def title(name: ProviderName) -> str:
    """Give what people call a provider; the name itself where there is no entry."""
    if name == FILE:
        return "a file"
    return PROVIDERS[name].title if name in PROVIDERS else name
