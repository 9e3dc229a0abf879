"""The errors that are about playlists, their entries, and the videos to put into them."""

from local.simulators.youtube.errors import ApiError

# Bodies


def bad_item(reason: str, message: str) -> ApiError:
    """400 about the body of a playlist item."""
    return ApiError(
        code=400,
        reason=reason,
        domain="youtube.playlistItem",
        message=message,
        location="body.snippet",
        location_type="other",
    )


def bad_playlist(reason: str, message: str) -> ApiError:
    """400 about the body of a playlist."""
    return ApiError(
        code=400,
        reason=reason,
        domain="youtube.playlist",
        message=message,
        location="body.snippet",
        location_type="other",
    )


# Things


def not_found(reason: str, domain: str, message: str, location: str | None = None) -> ApiError:
    """404 for one kind of thing."""
    return ApiError(code=404, reason=reason, domain=domain, message=message, location=location)


def video_not_found() -> ApiError:
    """The video to add does not exist."""
    return not_found("videoNotFound", "youtube.playlistItem", "Video not found.")


def playlist_not_found(domain: str = "youtube.playlistItem") -> ApiError:
    """No such playlist."""
    return not_found(
        "playlistNotFound",
        domain,
        "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.",
        "playlistId",
    )


def playlist_item_not_found() -> ApiError:
    """No such entry."""
    return not_found("playlistItemNotFound", "youtube.playlistItem", "Playlist item not found.", "id")


def channel_not_found() -> ApiError:
    """No such channel."""
    return not_found("channelNotFound", "youtube.playlist", "Channel not found.", "channelId")


def failed_precondition() -> ApiError:
    """Adding a private video of somebody else."""
    return ApiError(
        code=400,
        reason="failedPrecondition",
        domain="global",
        message="Precondition check failed.",
        status="FAILED_PRECONDITION",
    )


def items_not_accessible() -> ApiError:
    """The entries of somebody else's playlist."""
    return ApiError(
        code=403,
        reason="playlistItemsNotAccessible",
        domain="youtube.playlistItem",
        message="The request is not properly authorized to access the items of the specified playlist.",
    )


def playlist_forbidden() -> ApiError:
    """Somebody else's playlist."""
    return ApiError(
        code=403,
        reason="playlistForbidden",
        domain="youtube.playlist",
        message="This operation is forbidden on the given playlist or the request might not be properly "
        "authorized.",
    )


def special_not_accessible(playlist_id: str) -> ApiError:
    """Watch history (HL) and Watch later (WL), which the API has not given out since 2016."""
    if playlist_id == "HL":
        reason, name = "watchHistoryNotAccessible", "watch history"
    else:
        reason, name = "watchLaterNotAccessible", "watch later"
    return ApiError(
        code=403,
        reason=reason,
        domain="youtube.playlistItem",
        message=f"Items in the {name} playlist cannot be accessed through the API.",
        location="playlistId",
    )


def playlist_full() -> ApiError:
    """The playlist has as many entries as YouTube allows."""
    return ApiError(
        code=403,
        reason="playlistContainsMaximumNumberOfVideos",
        domain="youtube.playlistItem",
        message="The playlist already contains the maximum allowed number of items.",
    )


def aborted() -> ApiError:
    """Writes into one playlist too fast or at the same time. The write may have landed all the same."""
    return ApiError(
        code=409,
        reason="SERVICE_UNAVAILABLE",
        domain="youtube.api",
        message="The operation was aborted.",
    )


def already_in_playlist() -> ApiError:
    """The playlist refuses the same video twice."""
    return ApiError(
        code=409,
        reason="videoAlreadyInPlaylist",
        domain="youtube.playlistItem",
        message="Video already in playlist.",
    )
