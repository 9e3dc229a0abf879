"""Convert plays from and to ListenBrainz's listens. Pure.

Exports are ListenBrainz's listens with one more member of ``additional_info``, ``musicconnect``, for what
that shape has no place for: an exported play is imported as it was.
"""

import json
import re
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from musicconnect.trends.plays.model import KEY_PREFIX, SOURCES, Listen, StoredPlay, listen, msid, positive

OWN_KEY: Final = "musicconnect"
ADDED: Final = (
    "duration_ms", "duration_played", "music_service", "origin_url", "recording_msid", "spotify_id",
    "submission_client",
)  # fmt: skip
"""Members of ``additional_info`` that an export adds, unless the play has them as its own (``kept``)."""
MAX_DETAILS_LENGTH: Final = 10_240
"""Characters of ``additional_info`` that are stored: as many as ListenBrainz takes for a whole listen."""
_SPOTIFY_ID = re.compile(r"[A-Za-z0-9]{22}")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")


def to_listen(listened_at: float, metadata: dict[str, Any]) -> Listen:
    """Convert a time in Unix seconds and a ``track_metadata`` to a listen.

    Raises:
        ValueError, TypeError, AttributeError, KeyError: the metadata is malformed.
    """
    info = metadata.get("additional_info") or {}
    provider, track_id = _provider(info)
    ms_played = positive(info.get("duration_played"), 1000)
    common: dict[str, Any] = {
        "title": metadata["track_name"],
        "artist": metadata["artist_name"],
        "album": metadata.get("release_name") or None,
        "duration_ms": positive(info.get("duration_ms")) or positive(info.get("duration"), 1000),
        "details": _details(info),
    }
    ours = info.get(OWN_KEY)
    if isinstance(ours, dict):
        added = set(ADDED) - {name for name in ours.get("kept", ()) if isinstance(name, str)}
        common["details"] = _details({name: value for name, value in info.items() if name not in added})
        if "duration_ms" in ours:
            common["duration_ms"] = positive(ours["duration_ms"])
        return _from_own_export(ours, common)
    return listen(
        played_at=int(listened_at) * 1000,
        source="listenbrainz",
        provider=provider,
        provider_track_id=track_id,
        ms_played=ms_played,
        **common,
    )


def _from_own_export(ours: dict[str, Any], common: dict[str, Any]) -> Listen:
    source, kind, provider = ours["source"], ours["kind"], ours["provider"]
    track_id, ms_played, precision = ours.get("track_id"), ours.get("ms_played"), ours.get("precision_s", 1)
    if (
        source not in SOURCES
        or kind not in {"play", "skip", "start"}
        or provider not in {"spotify", "youtube", "other"}
        or not isinstance(track_id, str | None)
        or precision not in {1, 60}
        or not (ms_played is None or (type(ms_played) is int and 0 <= ms_played < 2**31))
    ):
        raise ValueError("not as we export it")
    return listen(
        played_at=int(ours["played_at_ms"]),
        source=source,
        provider=provider,
        provider_track_id=track_id,
        ms_played=ms_played,
        precision_s=precision,
        kind=kind,
        **common,
    )


def to_listenbrainz(play: StoredPlay) -> dict[str, Any]:
    """Convert a play to a listen that `to_listen` converts back without loss."""
    own = play.details or {}
    info: dict[str, Any] = {}
    track_id = None if play.provider_track_id.startswith(KEY_PREFIX) else play.provider_track_id
    if play.duration_ms is not None and "duration" not in own:
        info["duration_ms"] = play.duration_ms
    if play.ms_played is not None:
        info["duration_played"] = play.ms_played // 1000
    if track_id and play.provider == "spotify":
        info["music_service"] = "spotify.com"
        info["origin_url"] = info["spotify_id"] = f"https://open.spotify.com/track/{track_id}"
    elif track_id and play.provider == "youtube":
        info["music_service"] = "youtube.com"
        info["origin_url"] = f"https://www.youtube.com/watch?v={track_id}"
    info["submission_client"] = "MusicConnect"
    at_ms = round(play.played_at.timestamp() * 1000)
    kept = [name for name in ADDED if name in own]
    info |= own
    info[OWN_KEY] = {
        "source": play.source,
        "kind": play.kind,
        "provider": play.provider,
        "track_id": track_id,
        "ms_played": play.ms_played,
        "duration_ms": play.duration_ms,
        "precision_s": play.precision_s,
        "played_at_ms": at_ms,
    }
    if kept:
        info[OWN_KEY]["kept"] = kept
    metadata: dict[str, Any] = {"track_name": play.title, "artist_name": play.artist, "additional_info": info}
    if play.album:
        metadata["release_name"] = play.album
    return {
        "listened_at": at_ms // 1000,
        "inserted_at": int(play.inserted_at.timestamp()),
        "recording_msid": msid(play.track_key),
        "track_metadata": metadata,
    }


def _provider(info: dict[str, Any]) -> tuple[str, str | None]:
    for name in ("spotify_id", "origin_url"):
        url = info.get(name)
        if isinstance(url, str) and (parts := _split(url)) is not None:
            host = parts.hostname or ""
            if host == "open.spotify.com" or url.startswith("spotify:track:"):
                last = re.split(r"[/:]", parts.path)[-1]
                return "spotify", last if _SPOTIFY_ID.fullmatch(last) else None
            if host == "youtu.be" or host.removeprefix("www.").endswith("youtube.com"):
                last = parse_qs(parts.query).get("v", [parts.path[1:]])[0]
                return "youtube", last if _VIDEO_ID.fullmatch(last) else None
    for name in ("music_service", "music_service_name", "listening_from"):
        service = info.get(name)
        if isinstance(service, str):
            word = service.casefold().removeprefix("https://").removeprefix("www.")
            if "spotify" in word:
                return "spotify", None
            if "youtube" in word:
                return "youtube", None
    return "other", None


def _split(url: str) -> SplitResult | None:
    """Split an address; one that is none says nothing about where something was played."""
    try:
        parts = urlsplit(url)
        parts.hostname  # noqa: B018 - it is parsed here
    except ValueError:
        return None
    return parts


def _details(info: dict[str, Any]) -> dict[str, Any] | None:
    """Get ``additional_info`` without our member, if PostgreSQL can hold it and it is short enough."""
    rest = {name: value for name, value in info.items() if name != OWN_KEY}
    if not rest:
        return None
    try:
        text = json.dumps(rest, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return None
    if len(text) > MAX_DETAILS_LENGTH or "\\u0000" in text or "\x00" in text:
        return None
    text.encode()  # raises for halves of surrogate pairs
    return rest
