"""ListenBrainz's export, lists of listens, and this service's own exports."""

from typing import Any

from musicconnect.trends.imports.formats.base import (
    NO_NAME,
    NO_TIME,
    Format,
    ParseContext,
    Parsed,
    record_parser,
)
from musicconnect.trends.listenbrainz.codec import to_listen


@record_parser
def parse_listen(record: Any, _context: ParseContext) -> Parsed:
    """Parse a listen of an export (``listens/2024/5.jsonl``) or of a list."""
    if record.get("listened_at") is None:
        return NO_TIME
    metadata = record["track_metadata"]
    title, artist = metadata.get("track_name"), metadata.get("artist_name")
    if not title or not artist:
        return NO_NAME
    return to_listen(float(record["listened_at"]), metadata)


EXPORT = Format("listenbrainz", "ListenBrainz export", "lines", parse_listen)
LIST = Format("listenbrainz", "List of listens", "array", parse_listen)
WRAPPED = Format("listenbrainz", "List of listens", "array", parse_listen, "listens")
