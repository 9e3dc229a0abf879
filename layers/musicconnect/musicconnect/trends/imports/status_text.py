"""Say in words what an import of a history does or did."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Text, plural, quoted, sentence

MAX_TOLD: Final = 3
"""Files that are not read of which a sentence tells; the import lists more."""


def _accepted(params: Mapping[str, Any]) -> str:
    """Say what came in, as in ``14 plays and 3 skips in 1 file``."""
    kinds = [
        plural(params[name], one)
        for name, one in (("plays", "play"), ("skips", "skip"), ("starts", "start"))
        if params[name]
    ]
    files = plural(params["files"], "file")
    duplicate = params["duplicate"]
    if kinds:
        listed = ", ".join(kinds[:-1]) + " and " + kinds[-1] if len(kinds) > 1 else kinds[0]
        text = f"{listed} in {files}."
        return text + (f" {duplicate:,} were here already." if duplicate else "")
    if duplicate:
        return f"Nothing new: {plural(duplicate, 'record')} were here already."
    if params["skipped"] or params["failed"]:
        return f"No plays in {files}."
    return f"There is nothing in {files}: an empty history."


def _completed(params: Mapping[str, Any], _: Reader) -> str:
    text = _accepted(params)
    if params["skipped"]:
        text += f" {params['skipped']:,} skipped."
    if params["failed"]:
        text += f" {params['failed']:,} could not be read."
    if params.get("without_artist"):
        text += (
            f" Apple's Play Activity names no artist for {plural(params['without_artist'], 'row')}: "
            "Apple's Track Play History does."
        )
    if params.get("zone"):
        text += f" Times without a zone were taken for those of {params['zone']}."
    return text + _unread(params)


def _unread(params: Mapping[str, Any]) -> str:
    unread = params.get("unread", ())
    told = [f" {quoted(one['name'])} is not read: {sentence(one['reason'])}" for one in unread[:MAX_TOLD]]
    return "".join(told) + (f" {len(unread) - MAX_TOLD} more are not read." if len(unread) > MAX_TOLD else "")


def _stopped(params: Mapping[str, Any], reader: Reader) -> str:
    where = f" of {quoted(params['file'])}" if params["file"] else ""
    place = f" behind record {params['line']:,}{where}" if params["line"] else where
    return (
        f"Reading stopped{place}: {sentence(params['message'])} What was read stays: "
        f"{_completed(params, reader)}"
    )


def _named(params: Mapping[str, Any]) -> str:
    return quoted(params["file"]) if params.get("file") else "This"


HISTORIES: Final[dict[str, str]] = {
    # Kinds of files that people take for their history, and what would be one.
    "table-without-times": "a table of tracks that does not tell when each was played. If it is a playlist, "
    "import it as one.",
    "table-of-ranks": "a chart, with how often something was played and not when. Export the scrobbles "
    "themselves.",
    "apple-without-times": "one of Apple's files that tells days only. Send Apple Music Play Activity.csv or "
    "Apple Music - Track Play History.csv.",
    "lastfm-xml": "Last.fm's XML. Export the same as CSV or JSON.",
    "playlist-file": "a list of playlists. Import it as playlists.",
}
"""By code of a status."""


def advice(code: str) -> str:
    """Say of a file that is not read what it is, and what to send instead."""
    return f"it is {HISTORIES[code]}"


TEXTS: Final[dict[str, Text]] = {
    "awaiting-upload": lambda *_: "Waiting for the upload.",
    "queued": lambda *_: "Waiting for its turn.",
    "reading": lambda p, _: f"Reading: {p['accepted']:,} accepted so far.",
    "completed": _completed,
    "stopped-early": _stopped,
    "deleting": lambda *_: "Deleting what it added.",
    "too-many-attempts": lambda *_: "It could not be read after several attempts. What was read is saved.",
    "file-replaced": lambda *_: "The file was replaced or deleted while it was read.",
    "unreadable-file": lambda p, _: p["message"],
    "unknown-format": lambda p, _: (
        f"{_named(p)} is none of the files that can be read: {', '.join(p['formats'])}."
    ),
    "nothing-readable": lambda p, _: (
        f"Nothing in it can be read. What can: {', '.join(p['formats'])}." + _unread(p)
    ),
    **{
        code: lambda p, _, text=text: f"{_named(p)} is {text}"  # type: ignore[misc]
        for code, text in HISTORIES.items()
    },
}
