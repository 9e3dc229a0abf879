"""Take in what Last.fm's clients send: scrobbles, what is playing, love."""

from typing import Any, Final

from musicconnect.platform import clock
from musicconnect.trends.lastfm.call import Call
from musicconnect.trends.lastfm.errors import LastfmError
from musicconnect.trends.plays import deletion, ingest
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.plays.model import (
    EARLIEST_MS,
    SKEW_MS,
    Listen,
    listen,
    msid,
    positive,
    to_time,
    track_keys,
)
from musicconnect.trends.scrobbling import now_playing, store

MAX_SCROBBLES: Final = 1_000
"""In a request. Last.fm takes 50; a refusal of more would lose them all at most clients."""
IGNORED: Final = {
    0: "", 1: "Artist was ignored", 2: "Track was ignored", 3: "Timestamp was too old",
    4: "Timestamp was too new",
}  # fmt: skip


def scrobble(call: Call) -> dict[str, Any]:
    """Add scrobbles. What cannot be one is ignored, with the reason, and the others are taken."""
    user_id = call.user()
    sent = call.parameters.scrobbles()
    if not sent or (len(sent) == 1 and not {"artist", "track", "timestamp"} <= sent[0].keys()):
        raise LastfmError(6, "Invalid parameters - artist, track and timestamp are needed")
    if len(sent) > MAX_SCROBBLES:
        raise LastfmError(6, f"Invalid parameters - at most {MAX_SCROBBLES} scrobbles at once")
    now_ms = round(clock.now().timestamp() * 1000)
    reasons = [_ignored(one, now_ms) for one in sent]
    listens = [_listen(one) for one, reason in zip(sent, reasons, strict=True) if reason == 0]
    if listens:
        ingest.ensure_partitions(call.database, listens)
        with call.database.transaction(user_id) as connection:
            ingest.ingest(connection, user_id, listens, import_id=None, at=clock.now())
            for recording in {msid(one.track_key) for one in listens}:
                store.delete_now_playing(connection, user_id, recording)
    entries = [
        {**_names(one), "timestamp": one.get("timestamp", ""), "ignoredMessage": _message(reason)}
        for one, reason in zip(sent, reasons, strict=True)
    ]
    return {
        "scrobbles": {
            # Numbers here and text there: Navidrome repeats for ever what it cannot parse.
            "@attr": {"accepted": len(listens), "ignored": len(sent) - len(listens)},
            "scrobble": entries[0] if len(entries) == 1 else entries,
        }
    }


def update_now_playing(call: Call) -> dict[str, Any]:
    """Keep what is playing until it ends."""
    user_id = call.user()
    sent = {
        name: value
        for name in ("artist", "track", "album", "albumartist", "tracknumber", "duration", "mbid")
        if (value := call.parameters.get(name)) is not None
    }
    if not {"artist", "track"} <= sent.keys():
        raise LastfmError(6, "Invalid parameters - artist and track are needed")
    metadata: dict[str, Any] = {"artist_name": sent["artist"], "track_name": sent["track"]}
    if "album" in sent:
        metadata["release_name"] = sent["album"]
    info = _details(sent)
    if duration := positive(sent.get("duration")):
        info["duration"] = duration
    now_playing.start(call.database, user_id, {**metadata, "additional_info": info})
    return {"nowplaying": {**_names(sent), "ignoredMessage": _message(0)}}


def love(call: Call) -> dict[str, Any]:
    """Love a track."""
    _set_love(call, is_loved=True)
    return {}


def unlove(call: Call) -> dict[str, Any]:
    """Love a track no longer."""
    _set_love(call, is_loved=False)
    return {}


def remove(call: Call) -> dict[str, Any]:
    """Delete a scrobble for good."""
    user_id = call.user()
    artist, track, text = (call.require(name) for name in ("artist", "track", "timestamp"))
    seconds = _seconds(text)
    if seconds is None:
        raise LastfmError(6, "Invalid parameters - timestamp is no time")
    with call.database.transaction(user_id) as connection:
        refs = plays_store.find_reported(
            connection,
            user_id,
            track_key=track_keys(artist, track)[0],
            since=to_time(seconds * 1000),
            until=to_time(seconds * 1000 + 1000),
        )
    for ref in refs:
        deletion.delete_play_if_there(call.database, user_id, ref)
    return {"lfm": {"status": "ok"}}


def _set_love(call: Call, *, is_loved: bool) -> None:
    user_id = call.user()
    artist, track = call.require("artist"), call.require("track")
    recording = msid(track_keys(artist, track)[0])
    with call.database.transaction(user_id) as connection:
        if is_loved:
            names = (track[:1000], artist[:1000], None)
            store.set_feedback(
                connection, user_id, recording=recording, id_kind="msid", score=1, names=names, at=clock.now()
            )
        else:
            store.delete_feedback(connection, user_id, recording, "msid")


def _ignored(sent: dict[str, str], now_ms: int) -> int:
    """Find out why a scrobble is ignored, as a key of `IGNORED`."""
    if "artist" not in sent:
        return 1
    if "track" not in sent:
        return 2
    seconds = _seconds(sent.get("timestamp", ""))
    if seconds is None or seconds * 1000 < EARLIEST_MS:
        return 3
    return 4 if seconds * 1000 >= now_ms + SKEW_MS else 0


def _seconds(text: str) -> int | None:
    try:
        seconds = int(float(text))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < 10**11 else None


def _listen(sent: dict[str, str]) -> Listen:
    return listen(
        played_at=(_seconds(sent["timestamp"]) or 0) * 1000,
        title=sent["track"],
        artist=sent["artist"],
        album=sent.get("album"),
        source="lastfm",
        duration_ms=positive(sent.get("duration"), 1000),
        details=_details(sent) or None,
    )


def _details(sent: dict[str, str]) -> dict[str, Any]:
    """Get what ListenBrainz keeps in ``additional_info``, by its names there."""
    named = {"mbid": "recording_mbid", "tracknumber": "tracknumber", "albumartist": "release_artist_name"}
    found = {name: sent[sent_as][:1000] for sent_as, name in named.items() if sent_as in sent}
    if found.get("tracknumber") == "0":
        del found["tracknumber"]
    return dict(found)


def _names(sent: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"corrected": "0", "#text": sent.get(name.lower(), "")}
        for name in ("track", "artist", "album", "albumArtist")
    }


def _message(code: int) -> dict[str, str]:
    return {"code": str(code), "#text": IGNORED[code]}
