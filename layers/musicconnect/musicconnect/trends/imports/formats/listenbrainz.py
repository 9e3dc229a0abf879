"""ListenBrainz's export, lists of listens, and this service's own exports in that shape."""

from typing import Any

from musicconnect.trends.imports.formats.base import (
    NO_NAME,
    NO_TIME,
    Format,
    ParseContext,
    Parsed,
    any_ms,
    record_parser,
)
from musicconnect.trends.listenbrainz.codec import OWN_KEY, to_listen


@record_parser
def parse_listen(record: Any, _context: ParseContext) -> Parsed:
    """Parse a listen of an export (``listens/2024/5.jsonl``) or of a list."""
    written = record.get("listened_at")
    if written is None:
        return NO_TIME
    metadata = record["track_metadata"]
    title, artist = metadata.get("track_name"), metadata.get("artist_name")
    if not title or not artist:
        return NO_NAME
    if isinstance(written, str):
        played_at = any_ms(written)
        if played_at is None:
            return NO_TIME
        written = played_at / 1000
    return to_listen(float(written), metadata)


def is_own(record: Any) -> bool:
    """Whether a listen is one that this service exported."""
    try:
        return OWN_KEY in record["track_metadata"]["additional_info"]
    except (KeyError, TypeError):
        return False


LISTENS = Format(
    "listenbrainz", "ListenBrainz export, lists of listens, our own export (JSON)", "json", parse_listen
)
