"""Spotify's two exports. IP address, user agent, user name, platform and country are not read."""

from typing import Any, Final

from musicconnect.trends.imports.formats.base import (
    MALFORMED,
    NO_NAME,
    NO_TIME,
    Format,
    ParseContext,
    Parsed,
    Rejection,
    iso_ms,
    record_parser,
)
from musicconnect.trends.plays.model import listen

PODCAST: Final = Rejection("skipped", "podcast")
AUDIOBOOK: Final = Rejection("skipped", "audiobook")
PRIVATE: Final = Rejection("skipped", "private_session")
UNNAMED: Final = Rejection("skipped", "unnamed")
"""Spotify has the event, but no longer its track."""
MAX_MS: Final = 2**31 - 1


@record_parser
def extended(record: Any, _context: ParseContext) -> Parsed:
    """Parse a row of the extended history (``endsong_0.json``, ``Streaming_History_Audio_2019-2021_0.json``).

    ``ts`` is when the stream ended, in UTC.
    """
    get = record.get
    title, artist = get("master_metadata_track_name"), get("master_metadata_album_artist_name")
    if not title or not artist:
        # An audiobook's chapter has the address of an episode.
        if get("audiobook_title") or get("audiobook_uri") or get("audiobook_chapter_uri"):
            return AUDIOBOOK
        return PODCAST if get("episode_name") or get("spotify_episode_uri") else UNNAMED
    if get("incognito_mode"):
        return PRIVATE
    played, ended, uri = get("ms_played"), get("ts"), get("spotify_track_uri")
    if not ended:
        return NO_TIME
    if type(played) is not int:
        played = _whole(played)
    if played is None or not 0 <= played <= MAX_MS:
        return MALFORMED
    return listen(
        played_at=iso_ms(ended) - played,
        title=title,
        artist=artist,
        album=get("master_metadata_album_album_name"),
        source="spotify_extended",
        provider="spotify",
        provider_track_id=uri[14:] if uri and uri.startswith("spotify:track:") else None,
        ms_played=played,
    )


@record_parser
def account(record: Any, _context: ParseContext) -> Parsed:
    """Parse a row of the account data (``StreamingHistory_music_0.json``): UTC, to the minute, no ids."""
    get = record.get
    title, artist, played, ended = get("trackName"), get("artistName"), get("msPlayed"), get("endTime")
    if not title or not artist:
        if "audiobookName" in record or "chapterName" in record:
            return AUDIOBOOK
        return PODCAST if "podcastName" in record or "episodeName" in record else NO_NAME
    if not ended:
        return NO_TIME
    if type(played) is not int:
        played = _whole(played)
    if played is None or not 0 <= played <= MAX_MS:
        return MALFORMED
    return listen(
        played_at=iso_ms(ended) - played,
        title=title,
        artist=artist,
        source="spotify_account",
        provider="spotify",
        ms_played=played,
        precision_s=60,
    )


def _whole(value: Any) -> int | None:
    """Give a number with decimals, or one in a text, as a whole one: what rewrote the file made it so."""
    if isinstance(value, bool) or not isinstance(value, float | str):
        return None
    return round(float(value))


EXTENDED = Format("spotify_extended", "Spotify extended streaming history", "json", extended)
ACCOUNT = Format("spotify_account", "Spotify account data", "json", account)
