"""Say what migrations and playlist imports do, for every code that their states have. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from musicconnect.platform import status
from musicconnect.platform.status import Reader, Status, Text, plural, quoted, sentence
from musicconnect.providers import status_text as providers
from musicconnect.providers.registry import title


def render(state: Status, reader: Reader) -> str:
    """Write a state as sentences."""
    return status.render(TEXTS, state, reader)


def with_finish(message: str, at: datetime, reader: Reader) -> str:
    """Add when it will be done: ``... Done about Thu 26 Nov.``."""
    if at <= reader.now:
        return message
    return f"{message} Done about {reader.time(at) if reader.is_today(at) else reader.day(at)}."


def with_cost(message: str, units: int | None, days: int, provider: str) -> str:
    """Add what writing the result of a dry run takes."""
    if units is None:
        return message
    allowance = f"{title(provider)}'s allowance"
    return f"{message} Writing takes {plural(units, 'unit')} of {allowance}, {plural(days, 'day')}."


def _nested(value: Mapping[str, Any], reader: Reader) -> str:
    return render(Status.from_json(value), reader)


def _noun(p: Mapping[str, Any]) -> str:
    """Give what is counted: tracks, unless it is a part of a library."""
    return NOUNS[p.get("kind")]


def _counts(p: Mapping[str, Any]) -> str:
    """Write what became of tracks: ``238 of 240 tracks written, 2 need your review``."""
    done = "written" if p.get("kind") is None else "added"
    parts = [f"{p['written']:,} of {plural(p['total'], _noun(p))} {done}"]
    if provider := p.get("provider"):
        parts[0] += f" to {title(provider)}"
    if p["review"]:
        parts.append(f"{p['review']:,} need{'s' if p['review'] == 1 else ''} your review")
    if others := p["failed"] - p["review"]:
        parts.append(f"{others:,} could not be moved")
    return ", ".join(parts)


def _kept(p: Mapping[str, Any]) -> str:
    """Write what an update left in its target, to be put behind a sentence."""
    if not (kept := p.get("kept")):
        return ""
    return (
        f" {plural(kept, 'entry', 'entries')} that the source has no longer "
        f"{'was' if kept == 1 else 'were'} left in the playlist: so many at once may be a mishap. If it is "
        f"none, take them out on {title(p['provider'])}."
    )


def _dry_run(p: Mapping[str, Any], _: Reader) -> str:
    count = f"{p['matched']:,} of {plural(p['total'], _noun(p))}"
    text = f"Dry run: {count} would be written to {title(p['provider'])}"
    return f"{text}, {p['review']:,} would need your review." if p["review"] else f"{text}."


def _working(p: Mapping[str, Any], reader: Reader) -> str:
    text = f"{p['done']:,} of {plural(p['total'], 'playlist')} done"
    text += f", {p['failed']:,} failed." if p["failed"] else "."
    if p["current"] is None:
        return text
    return f"{text} {_name(p['current'])}: {_nested(p['current']['status'], reader)}"


def _failed(p: Mapping[str, Any], reader: Reader) -> str:
    reasons = [f"{_name(entry)}: {_nested(entry['status'], reader)}" for entry in p["failures"]]
    if more := p["failed"] - len(reasons):
        reasons.append(f"And {more:,} more.")
    return f"{p['failed']:,} of {plural(p['total'], 'playlist')} failed. {' '.join(reasons)}"


def _name(entry: Mapping[str, Any]) -> str:
    """Quote a playlist's name, which some providers let us store for a limited time only."""
    return quoted(entry["name"]) if entry["name"] else "A playlist"


def _waiting_for_provider(p: Mapping[str, Any], reader: Reader) -> str:
    tries = "" if p["attempts"] == 1 else f" (attempt {p['attempts'] + 1})"
    return (
        f"{_nested(p['cause'], reader)} The next try is at {reader.time(p['until'])}{tries}. "
        f"{_nested(p['progress'], reader)}"
    )


def _not_as_written(p: Mapping[str, Any], _: Reader) -> str:
    found = []
    if p["missing"]:
        found.append(f"{plural(p['missing'], 'entry', 'entries')} missing")
    if p["doubled"]:
        found.append(f"{plural(p['doubled'], 'entry', 'entries')} there too often")
    if p["reordered"]:
        found.append("another order")
    return (
        f"The playlist on {title(p['provider'])} is not as it was written: {', '.join(found)}. "
        "It may have been changed there meanwhile."
    )


def _import_completed(p: Mapping[str, Any], _: Reader) -> str:
    held = p["playlists"] - p.get("linked", 0)
    parts = [f"{plural(held, 'playlist')} with {plural(p['entries'], 'entry', 'entries')}"] if held else []
    if linked := p.get("linked"):
        parts.append(f"{plural(linked, 'playlist')} by {'its link' if linked == 1 else 'their links'}")
    text = f"{' and '.join(parts)}, on the way to {title(p['provider'])}."
    return f"{text} {p['failed']:,} could not be read." if p["failed"] else text


def _because(what: str) -> Text:
    """Make the text of a track without a counterpart."""
    return lambda p, _: sentence(f"{what}: {'; '.join(p['reasons']) or 'nothing comes close enough'}")


def _says(text: str) -> Text:
    return lambda _p, _r: text


NOUNS: Final = {None: "track", "artists": "artist", "albums": "album"}
"""By what a playlist holds."""


def _completed(p: Mapping[str, Any], _: Reader) -> str:
    if p["matched"]:
        return f"{_counts(p)}.{_kept(p)}"
    return f"{_counts(p)}, no playlist was made." if p.get("kind") is None else f"{_counts(p)}."


def _migration_completed(p: Mapping[str, Any], _: Reader) -> str:
    if p.get("kind") is not None:
        return f"Done: {_counts(p)}.{_kept(p)}"
    return f"{plural(p['playlists'], 'playlist')} done: {_counts(p)}.{_kept(p)}"


TEXTS: Final[dict[str, Text]] = {
    **providers.TEXTS,
    # What goes on.
    "waiting-to-start": providers.TEXTS["waiting"],
    "starting": _says("Starting."),
    "reading": lambda p, _: f"Reading the source, {plural(p['total'], _noun(p))} so far.",
    "matching": lambda p, _: f"{p['done']:,} of {p['total']:,} looked up.",
    "creating": lambda p, _: f"{p['matched']:,} of {p['total']:,} found.",
    "writing": lambda p, _: f"{p['written']:,} of {p['matched']:,} written.",
    "verifying": lambda p, _: f"All {p['written']:,} written, checking." if p["written"] else "Checking.",
    "rolling-back": _says("Taking out what was written."),
    "working": _working,
    "paused": lambda p, reader: f"Paused. {_nested(p['status'], reader)}",
    # What is waited for.
    "waiting-for-quota": lambda p, reader: (
        f"Waiting for {title(p['provider'])}'s allowance until {reader.time(p['until'])}. "
        f"{_nested(p['progress'], reader)}"
    ),
    "waiting-for-new-playlists": lambda p, reader: (
        f"Only so many new playlists a day are made on {title(p['provider'])}. "
        f"Going on at {reader.time(p['until'])}. {_nested(p['progress'], reader)}"
    ),
    "waiting-for-provider": _waiting_for_provider,
    "write-in-doubt": lambda p, reader: (
        f"Finding out whether {title(p['provider'])} took the last entry, looking again at "
        f"{reader.time(p['until'])}. {p['written']:,} of {p['matched']:,} written."
    ),
    "not-all-visible": lambda p, reader: (
        f"All {p['written']:,} written. {title(p['provider'])} does not show {p['missing']:,} of them yet, "
        f"looking again at {reader.time(p['until'])}."
    ),
    "looking-for-new-playlist": lambda p, reader: (
        f"Looking on {title(p['provider'])} for the new playlist, again at {reader.time(p['until'])}."
    ),
    "source-changing": lambda p, reader: (
        f"The playlist changes while it is read. The next try is at {reader.time(p['until'])}."
    ),
    # How it ended.
    "completed": _completed,
    "migration-completed": _migration_completed,
    "empty": lambda p, _: (
        f"The playlist is empty.{_kept(p)}"
        if p.get("kind") is None
        else f"There are no {_noun(p)}s.{_kept(p)}"
    ),
    "dry-run-completed": _dry_run,
    "rolled-back": _says("Rolled back: what this migration wrote was taken out again."),
    "cancelled": _says("You cancelled it. What was written by then is still there."),
    "ended": _says("It has ended."),
    "failed": _failed,
    "source-changed": _says(
        "The playlist keeps changing while it is read. Start the migration again once it rests."
    ),
    "source-gone": lambda p, _: f"The playlist is no longer on {title(p['provider'])}.",
    "target-gone": lambda p, _: (
        f"The new playlist is no longer on {title(p['provider'])}: it was deleted there. "
        "Start the migration again."
    ),
    "mended": _says("Put in the place of another one, as you decided."),
    "mend-costs": lambda p, _: (
        f"The playlist on {title(p['provider'])} sorts itself and takes nothing at a place. To put the other "
        f"track where the old one stands, {plural(p['entries'], 'entry', 'entries')} behind it would be "
        f"written again, for {plural(p['units'], 'unit')} of the allowance. Confirm it, or take your "
        "decision back."
    ),
    "not-as-written": _not_as_written,
    "gave-up": lambda p, _: (
        f"{title(p['provider'])} did not answer properly {p['attempts']} times in a row: "
        f"{sentence(p['message'])} Start the migration again later."
    ),
    "internal-error": _says("Something went wrong on our side, again and again. It has been recorded."),
    # Why a track is not moved.
    "needs-review": _because("Needs review"),
    "no-match": _because("No match"),
    "left-out": _says("Left out: you said that it does not exist there."),
    "playlist-full": lambda p, _: (
        f"The playlist is full: {title(p['provider'])} takes no more."
        if p.get("kind") is None
        else f"There are as many {_noun(p)}s as {title(p['provider'])} allows."
    ),
    "duplicate-refused": lambda p, _: (
        f"{title(p['provider'])} refuses the same entry twice in one playlist; it stands there once."
    ),
    "details-expired": lambda p, _: (
        f"{title(p['provider'])} lets its titles be kept for a month only. Start the migration again."
    ),
    # Imports of playlist files.
    "awaiting-upload": _says("Waiting for the upload."),
    "import-pending": providers.TEXTS["waiting"],
    "import-running": _says("Reading the file."),
    "import-completed": _import_completed,
    "link-gone": lambda p, _: f"{title(p['provider'])} has nothing at this link any more.",
    "file-unreadable": lambda p, _: sentence(p["message"]),
    "file-too-large": lambda p, _: sentence(p["message"]),
    "file-replaced": _says("The file was replaced or deleted while it was read."),
    "too-many-attempts": _says("The file could not be read after several attempts."),
}
"""By code."""
