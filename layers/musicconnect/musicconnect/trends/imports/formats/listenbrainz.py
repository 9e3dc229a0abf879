"""ListenBrainz's export, lists of listens, and this service's own exports."""

from typing import Any

from musicconnect.trends.imports.formats.base import (
    BAD_TIME,
    MALFORMED,
    NO_NAME,
    NO_TIME,
    NOT_TEXT,
    Format,
    ParseContext,
    Parsed,
    is_possible,
)
from musicconnect.trends.listenbrainz.codec import to_listen


def parse_listen(record: Any, context: ParseContext) -> tuple[Parsed]:
    """A listen of an export (``listens/2024/5.jsonl``), or of a list of them."""
    try:
        if record.get("listened_at") is None:
            return (NO_TIME,)
        metadata = record["track_metadata"]
        title, artist = metadata.get("track_name"), metadata.get("artist_name")
        if not title or not artist:
            return (NO_NAME,)
        found = to_listen(float(record["listened_at"]), metadata)
        return (found if is_possible(found.played_at, context.now_ms) else BAD_TIME,)
    except UnicodeEncodeError:
        return (NOT_TEXT,)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
        return (MALFORMED,)


EXPORT = Format("listenbrainz", "ListenBrainz export", "lines", parse_listen)
LIST = Format("listenbrainz", "List of listens", "array", parse_listen)
WRAPPED = Format("listenbrainz", "List of listens", "array", parse_listen, "listens")
