"""Faults by name, as bodies of ``POST /_control/faults``: every row of YouTube's table of errors.

``{"as": "conflict", "times": 3}`` arms one; any field given beside ``as`` wins over what stands here.
"""

from collections.abc import Mapping

from local.simulators.control import JsonObject
from local.simulators.youtube import errors

_PROJECT = "123456789012"
_API = "* /youtube/v3/*"
_INSERT_ITEM = "POST /youtube/v3/playlistItems"
_INSERT_PLAYLIST = "POST /youtube/v3/playlists"
_SEARCH = "GET /youtube/v3/search"


def _fault(error: errors.ApiError, endpoint: str = _API, *, applied: bool = False) -> JsonObject:
    answer = {"status": error.code, "headers": error.headers, "body": error.body}
    return {"endpoint": endpoint, **answer, "applied": applied}


READY_MADE: Mapping[str, JsonObject] = {
    # Quota and pace
    "quota_exceeded": _fault(errors.error("quota_exceeded")),
    "daily_limit": _fault(errors.error("daily_limit_exceeded")),
    "search_exhausted": _fault(errors.metric_exhausted("Search Queries", _PROJECT), _SEARCH),
    "rate_limit": _fault(errors.error("rate_limit_exceeded")),
    "user_rate_limit": _fault(errors.error("user_rate_limit_exceeded")),
    "playlists_exhausted": _fault(errors.error("resource_exhausted"), _INSERT_PLAYLIST),
    "conflict": _fault(errors.error("aborted"), _INSERT_ITEM),
    "conflict_landed": _fault(errors.error("aborted"), _INSERT_ITEM, applied=True),
    # Who is asking
    "auth_error": _fault(errors.error("auth_error")),
    "signup_required": _fault(errors.error("signup_required")),
    "insufficient": _fault(errors.insufficient_permissions()),
    "access_not_configured": _fault(errors.access_not_configured(_PROJECT)),
    "invalid_grant": {
        "endpoint": "POST /token",
        "status": 400,
        "body": {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    },
    # Things
    "not_found": _fault(errors.error("video_not_found"), _INSERT_ITEM),
    "playlist_not_found": _fault(errors.playlist_not_found(), "* /youtube/v3/playlist*"),
    "item_not_found": _fault(errors.error("playlist_item_not_found"), "* /youtube/v3/playlistItems"),
    "failed_precondition": _fault(errors.error("failed_precondition"), _INSERT_ITEM),
    "not_accessible": _fault(errors.error("items_not_accessible"), "* /youtube/v3/playlistItems"),
    "playlist_forbidden": _fault(errors.error("playlist_forbidden"), "* /youtube/v3/playlists"),
    "playlist_full": _fault(errors.error("playlist_full"), _INSERT_ITEM),
    "already_in_playlist": _fault(errors.error("already_in_playlist"), _INSERT_ITEM),
    "already_in_another_series": _fault(
        errors.bad_item(
            "videoAlreadyInAnotherSeriesPlaylist", "The video is already in another series playlist."
        ),
        _INSERT_ITEM,
    ),
    "manual_sort": _fault(
        errors.bad_item("manualSortRequired", "The playlist does not use manual sorting."), _INSERT_ITEM
    ),
    # Google's own trouble
    "server_error": _fault(errors.error("backend_error")),
    "internal_error": _fault(errors.error("internal_error")),
}
