# ruff: noqa: PLC0415
"""The person's playlists as they were last read, what they hold, and asking for them to be read again.

The use cases are imported by the first request: a start loads what requests and answers are made of, no more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Request
from musicconnect.platform import database
from musicconnect.providers.playlists.schemas import (
    PlaylistList,
    PlaylistQuery,
    PlaylistSnapshot,
    PlaylistTrackList,
    SyncList,
    SyncRequest,
    TracksQuery,
)
from musicconnect.providers.shares.schemas import Share, ShareRequest, ShareState

api = Api("Playlists", "spotify-core", "youtube-core")


@api.get("/v1/playlists", problems=(400, 404))
def list_playlists(caller: Caller, query: PlaylistQuery) -> PlaylistList:
    """List your playlists of all linked accounts."""
    from musicconnect.migrations import targets
    from musicconnect.providers.playlists import service

    return service.list_playlists(database.shared(), caller, query, targets.find)


@api.post("/v1/playlists/sync", status=202, problems=(404, 409), location="/v1/playlists/sync")
def sync_playlists(caller: Caller, body: SyncRequest) -> SyncList:
    """Have the playlists read again. A reading that is under way goes on; no second one begins."""
    from musicconnect.providers.playlists import service

    return service.request_sync(database.shared(), caller, body)


@api.get("/v1/playlists/sync")
def get_playlist_sync(caller: Caller) -> SyncList:
    """See how the reading of your playlists stands."""
    from musicconnect.providers.playlists import service

    return service.list_syncs(database.shared(), caller)


@api.get("/v1/playlists/{playlist_id}", problems=(404,))
def get_playlist(caller: Caller, playlist_id: int) -> PlaylistSnapshot:
    """Get one playlist as it was last read."""
    from musicconnect.migrations import targets
    from musicconnect.providers.playlists import service

    return service.get_playlist(database.shared(), caller, playlist_id, targets.find)


@api.get("/v1/playlists/{playlist_id}/share", problems=(404,))
def get_share(caller: Caller, playlist_id: int, request: Request) -> ShareState:
    """See whether a playlist of yours is shown to whoever has its address, and where."""
    from musicconnect.providers.shares import service

    return service.show(database.shared(), caller, playlist_id, request.base_url)


@api.post("/v1/playlists/{playlist_id}/share", problems=(404, 409, 429, 503))
def share_playlist(caller: Caller, playlist_id: int, body: ShareRequest, request: Request) -> Share:
    """Show a playlist to whoever has its address, without an account; or show what it holds by now.

    It is read at this moment, and shown as it is now until it is shared again, 28 days at most.
    """
    from musicconnect.providers.shares import service

    return service.share(database.shared(), caller, playlist_id, body, request.base_url)


@api.delete("/v1/playlists/{playlist_id}/share", status=204, problems=(404,))
def revoke_share(caller: Caller, playlist_id: int) -> None:
    """Show a playlist no longer. Its address is gone for good."""
    from musicconnect.providers.shares import service

    service.revoke(database.shared(), caller, playlist_id)


@api.get("/v1/playlists/{provider}/{playlist_id}/tracks", problems=(400, 404, 409, 429, 503))
def list_playlist_tracks(
    caller: Caller, provider: str, playlist_id: str, query: TracksQuery
) -> PlaylistTrackList:
    """See what a playlist holds at this moment, and what of it would not be moved.

    `playlist_id` is the provider's own id, `provider_playlist_id` in the list of playlists.
    """
    from musicconnect.providers.playlists import contents

    return contents.list_tracks(database.shared(), caller, provider, playlist_id, query)


handler = api.handle
