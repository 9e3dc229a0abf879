"""Decide about playlists that lines of a text lead to, as far as it needs no call."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import Connection

from musicconnect.music.model import Playlist, ProviderName
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import require_access
from musicconnect.providers.errors import ConsentRevokedError, NotLinkedError, ProviderError
from musicconnect.providers.playlists.service import known_playlists

AGAIN: Final = "then paste this again"


def refusal(connection: Connection[Any], provider: ProviderName, target: ProviderName) -> str | None:
    """Say why a playlist of a provider cannot be read for the person, and what to do; None if it can be."""
    name = registry.title(provider)
    if provider == target:
        return f"it is at {name} already, where this goes; choose another service to go to"
    if not registry.PROVIDERS[provider].is_offered:
        return f"playlists of {name} are not read here"
    try:
        require_access(connection, provider, "read")
    except NotLinkedError:
        return f"reading a playlist of {name} needs your account there; link {name}, {AGAIN}"
    except ConsentRevokedError:
        return f"{name} no longer lets us read for you; link {name} again, {AGAIN}"
    except ProviderError as error:
        return error.message
    return None


def named(connection: Connection[Any], provider: ProviderName, ids: Sequence[str]) -> list[Playlist]:
    """Give playlists by what the person's snapshots say; what they do not know is named when it is read."""
    known = known_playlists(connection, provider, ids, limit=len(ids))
    unnamed = f"Playlist at {registry.title(provider)}"
    return [known.get(one) or Playlist(provider=provider, id=one, name=unnamed, track_count=0) for one in ids]
