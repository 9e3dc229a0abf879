"""Read YouTube's refusals."""

import json
from dataclasses import dataclass
from datetime import datetime

from musicconnect.platform import clock
from musicconnect.providers.errors import (
    DuplicateRefusedError,
    NoChannelError,
    NotAllowedError,
    NotFoundError,
    PlaylistFullError,
    ProviderError,
    QuotaExhaustedError,
    RateLimitedError,
    RejectedError,
    ScopeMissingError,
    SelfSortedError,
    TransientError,
    exhausted_error,
)
from musicconnect.providers.transport import ApiCall, ErrorResponse, error_by_status, retry_after
from musicconnect.providers.youtube.entry import ENTRY

NAME = "youtube"
NEW_PLAYLISTS = "new_playlists"
"""Name of an undocumented allowance, of each channel and not of the project: playlists made per day."""

SUBSCRIPTIONS_WAIT_S = 2 * 3600.0
"""After "too many recent subscriptions": YouTube speaks of a few hours."""
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_THROTTLED = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_PERMANENT: dict[str, tuple[type[ProviderError], str]] = {
    "youtubeSignupRequired": (NoChannelError, "The Google account has no YouTube channel."),
    "videoAlreadyInPlaylist": (DuplicateRefusedError, "The playlist has this video already."),
    "playlistContainsMaximumNumberOfVideos": (PlaylistFullError, "The playlist is full."),
    "manualSortRequired": (SelfSortedError, "The playlist sorts itself and takes no positions."),
    "accessNotConfigured": (
        NotAllowedError,
        "The YouTube Data API is not switched on for this installation's Google project.",
    ),
    "playlistItemsNotAccessible": (NotAllowedError, "The playlist belongs to somebody else."),
    "playlistForbidden": (NotAllowedError, "The playlist belongs to somebody else."),
    "watchHistoryNotAccessible": (NotAllowedError, "YouTube gives nobody the watch history."),
    "watchLaterNotAccessible": (NotAllowedError, "YouTube gives nobody the Watch Later list."),
    "videoNotFound": (NotFoundError, "YouTube does not have the video (any more)."),
    "playlistNotFound": (NotFoundError, "YouTube does not have the playlist (any more)."),
    "playlistItemNotFound": (NotFoundError, "The playlist does not have this entry (any more)."),
    "videoRatingDisabled": (RejectedError, "The video takes no ratings."),
    "subscriptionDuplicate": (DuplicateRefusedError, "You follow this channel already."),
    "publisherNotFound": (RejectedError, "YouTube does not have the channel (any more)."),
    "subscriptionNotFound": (NotFoundError, "You do not follow this channel (any more)."),
    "failedPrecondition": (RejectedError, "The video is private."),
}
"""Reasons that say everything by themselves."""


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What Google's error envelope says."""

    reason: str = ""
    message: str = ""
    status: str = ""
    detail: str = ""


def error_for(refusal: ErrorResponse, call: ApiCall) -> ProviderError:
    """Read a refusal: the error says what to do next."""
    said = _envelope(refusal.body)
    reason = said.reason or said.status or f"http_{refusal.status}"
    if said.reason in _PERMANENT:
        kind, text = _PERMANENT[said.reason]
        return kind(text, provider=NAME, reason=reason)
    if said.reason == "subscriptionForbidden":
        return _subscription_refused(said, reason)
    if said.reason in _SCOPE or said.detail in _SCOPE:
        return ScopeMissingError(
            "The account is linked with too little access for this.", provider=NAME, reason=reason
        )
    if said.reason in _SPENT or (refusal.status in (403, 429) and "per day" in said.message):
        return exhausted_error(NAME, call.bucket, _next_reset())
    if refusal.status == 429 or said.reason in _THROTTLED:
        return _slow_down(refusal, said, call, reason)
    match refusal.status:
        case 403:
            return NotAllowedError("YouTube does not allow this.", provider=NAME, reason=reason)
        case 410:
            return NotFoundError("YouTube does not have it (any more).", provider=NAME, reason=reason)
        case 409:
            # Writes into one playlist that come too fast. The entry may be in the playlist all the same, so
            # repeating the call blindly is the one thing not to do.
            return TransientError(
                "YouTube could not write just now.",
                provider=NAME,
                reason=reason,
                retry_after=retry_after(refusal.headers) or 0.5,
                may_have_applied=call.is_write,
            )
        case _:
            return error_by_status(NAME, refusal, call, reason)


def _slow_down(refusal: ErrorResponse, said: _Envelope, call: ApiCall, reason: str) -> ProviderError:
    # Making playlists has a limit of its own, about ten a day and channel, in no documentation. It says
    # "exhausted" without naming a limit, and lasts.
    if call.path == "/playlists" and call.is_write and said.status == "RESOURCE_EXHAUSTED":
        return QuotaExhaustedError(
            "YouTube lets this channel make no more playlists today.",
            provider=NAME,
            bucket=NEW_PLAYLISTS,
            until=_next_reset(),
            reason=reason,
        )
    return RateLimitedError(
        "YouTube asks us to slow down.",
        provider=NAME,
        reason=reason,
        retry_after=retry_after(refusal.headers),
    )


def _subscription_refused(said: _Envelope, reason: str) -> ProviderError:
    """Tell apart what only the message does: too many channels, too many lately, one's own."""
    message = said.message.lower()
    if "recent" in message:
        return RateLimitedError(
            "YouTube lets you follow no more channels for some hours.",
            provider=NAME,
            reason=reason,
            retry_after=SUBSCRIPTIONS_WAIT_S,
        )
    if "maximum" in message:
        return PlaylistFullError(
            "You follow as many channels as YouTube allows.", provider=NAME, reason=reason
        )
    return RejectedError("YouTube does not let you follow this channel.", provider=NAME, reason=reason)


def _next_reset() -> datetime:
    return ENTRY.next_reset(clock.now())


def _envelope(body: bytes) -> _Envelope:
    """What the envelope says; nothing where it is none (a proxy's page, plain text, half an answer)."""
    try:
        error = json.loads(body)["error"]
        first = (error.get("errors") or [{}])[0]
        detail = next((entry["reason"] for entry in error.get("details") or () if "reason" in entry), "")
        return _Envelope(
            reason=str(first.get("reason") or ""),
            message=str(error.get("message") or first.get("message") or ""),
            status=str(error.get("status") or ""),
            detail=str(detail),
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return _Envelope()
