"""Say in words what an import of a history does or did."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Text


def _completed(params: Mapping[str, Any], _: Reader) -> str:
    accepted, duplicate = params["accepted"], params["duplicate"]
    if not accepted and duplicate:
        text = f"Nothing new: {duplicate:,} records were here already."
    else:
        text = f"{accepted:,} accepted, {duplicate:,} were here already."
    if params["skipped"]:
        text += f" {params['skipped']:,} skipped."
    if params["failed"]:
        text += f" {params['failed']:,} could not be read."
    return text


TEXTS: Final[dict[str, Text]] = {
    "awaiting-upload": lambda *_: "Waiting for the upload.",
    "queued": lambda *_: "Waiting for its turn.",
    "reading": lambda p, _: f"Reading: {p['accepted']:,} accepted so far.",
    "completed": _completed,
    "deleting": lambda *_: "Deleting what it added.",
    "too-many-attempts": lambda *_: "It could not be read after several attempts. What was read is saved.",
    "file-replaced": lambda *_: "The file was replaced or deleted while it was read.",
    "unreadable-file": lambda p, _: p["message"],
    "takeout-html": lambda *_: "This is Takeout's HTML. Ask Google for the same in JSON.",
    "unknown-format": lambda p, _: f"This is none of the files that can be read: {', '.join(p['formats'])}.",
    "nothing-readable": lambda p, _: f"Nothing in it can be read. What can: {', '.join(p['formats'])}.",
}
