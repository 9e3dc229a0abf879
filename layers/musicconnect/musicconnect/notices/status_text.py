"""Say in words what a notice tells. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text, plural, quoted, render
from musicconnect.providers.registry import title

_EXPORTS: Final = {
    "history": "your listening history",
    "playlists": "your playlists",
    "pins": "your pins",
    "migrations": "your migrations",
    "trends": "your trends",
    "account": "your whole account",
}


def _way(p: Mapping[str, Any]) -> str:
    return f"Migration {p['migration_id']} to {title(p['target'])}"


def _completed(p: Mapping[str, Any], _: Reader) -> str:
    match p["kind"]:
        case "dry-run":
            dry_run = f"The dry run of migration {p['migration_id']} to {title(p['target'])}"
            return f"{dry_run} is done. Nothing was written."
        case "rollback":
            return f"{_way(p)} was rolled back: what it wrote was taken out."
    return f"{_way(p)} is done: {p['written']:,} of {plural(p['total'], 'track')} written."


def _needs_you(p: Mapping[str, Any], _: Reader) -> str:
    if p["reason"] == "review":
        return (
            f"{_way(p)} is done but for {plural(p['review'], 'track')} that "
            f"{'needs' if p['review'] == 1 else 'need'} your review: {p['written']:,} of "
            f"{plural(p['total'], 'track')} written."
        )
    return (
        f"{_way(p)} needs you: {title(p['provider'])} no longer lets MusicConnect act for you. Link "
        f"{title(p['provider'])} again, then retry the migration; what is done stays done."
    )


def _stopped(p: Mapping[str, Any], _: Reader) -> str:
    return (
        f"{_way(p)} stopped: {p['failed']:,} of {plural(p['total'], 'playlist')} failed. The migration says "
        "why, and can be retried; what is done stays done."
    )


def _pair_stopped(p: Mapping[str, Any], _: Reader) -> str:
    what = "moved" if p["guard"] == "many-moves" else "removed"
    return (
        f"Pair {p['pair_id']} waits for your word: its next run would have {what} "
        f"{plural(p['count'], 'entry', 'entries')}. Look at what it would do, then say yes or no."
    )


def _needs_repair(p: Mapping[str, Any], _: Reader) -> str:
    found, sure, unsure = p["dead"], p["sure"], p["unsure"]
    text = (
        f"The check of a playlist on {title(p['provider'])} found "
        f"{plural(found, 'entry', 'entries')} that cannot be played."
    )
    if sure or unsure:
        text += f" For {sure + unsure:,} something else could stand there: look, and have it replaced."
    return f"{text} Nothing was written."


def _share_paused(p: Mapping[str, Any], _: Reader) -> str:
    name = title(p["provider"])
    why = {
        "account": f"your account at {name} has to be linked again",
        "playlist-gone": f"it is gone at {name}",
        "not-readable": f"{name} no longer lets you read it",
        "not-read-in-time": f"{name} could not be asked what it holds by now",
    }[p["reason"]]
    text = f"A playlist of {name} that you share is not shown any more: {why}."
    if p["reason"] == "playlist-gone":
        return text
    return f"{text} Its address is kept: share it again, and it shows what the playlist holds then."


def _consent_ending(p: Mapping[str, Any], reader: Reader) -> str:
    name = title(p["provider"])
    return (
        f"Your consent for {name} ends within {plural(p['days'], 'day')}, on {reader.day(p['ends_at'])}. "
        f"Link {name} again before, and everything goes on without a break."
    )


def _consent_ended(p: Mapping[str, Any], _: Reader) -> str:
    name = title(p["provider"])
    return (
        f"Your consent for {name} has ended. What needs {name} waits until you link it again; after 30 days "
        f"what came from {name} is deleted."
    )


def _export_ready(p: Mapping[str, Any], reader: Reader) -> str:
    what = _EXPORTS.get(p["type"].partition("_")[0], "your data")
    until = reader.day(p["expires_at"])
    return f"The export of {what} is ready. Download it before {until}; then its files are deleted."


def _import_ready(p: Mapping[str, Any], _: Reader) -> str:
    if p["kind"] == "plays":
        text = f"Your listening history was read: {plural(p['accepted'], 'play')} added."
    else:
        playlists = plural(p["playlists"], "playlist")
        text = f"Your playlist file was read: {playlists} on the way to {title(p['target'])}."
    return f"{text} {p['failed']:,} could not be read." if p["failed"] else text


def _sign_in(p: Mapping[str, Any], reader: Reader) -> str:
    device = f" by {quoted(p['user_agent'])}" if p["user_agent"] else ""
    return (
        f"Somebody signed in to your account at {reader.time(p['at'])}{device}, from {p['ip_address']}, "
        "where you have not signed in before. If it was not you, change your password: that ends all other "
        "sessions."
    )


def _switched_off(p: Mapping[str, Any], reader: Reader) -> str:
    why = (
        "its endpoint said that it is gone (status 410)"
        if p["reason"] == "gone"
        else f"nothing has arrived since {reader.time(p['since'])}"
    )
    webhook = f"The webhook {quoted(p['name'])} to {p['host']}"
    return f"{webhook} was switched off: {why}. Switch it on when it works again."


def _suspended(p: Mapping[str, Any], _: Reader) -> str:
    return (
        "Your account was suspended by the operators of this service. All sessions have ended, and your work "
        f"rests; nothing of yours was deleted. {p['reason']}"
    ).strip()


TEXTS: Final[dict[str, Text]] = {
    "migration-completed": _completed,
    "migration-needs-you": _needs_you,
    "migration-stopped": _stopped,
    "pair-stopped": _pair_stopped,
    "pair-contested": lambda p, _: (
        f"Pair {p['pair_id']} leaves {plural(p['count'], 'song')} alone: what it wrote was undone three "
        "times within a week. Another program seems to keep one of its playlists in step, too."
    ),
    "playlist-needs-repair": _needs_repair,
    "share-paused": _share_paused,
    "consent-ending": _consent_ending,
    "consent-ended": _consent_ended,
    "export-ready": _export_ready,
    "import-ready": _import_ready,
    "sign-in-from-new-place": _sign_in,
    "webhook-switched-off": _switched_off,
    "account-suspended": _suspended,
    "account-restored": lambda _, __: "Your account was restored. Sign in as before; your work goes on.",
}
"""By code."""

TITLES: Final[dict[str, str]] = {
    "migration-completed": "Your migration is done",
    "migration-needs-you": "Your migration needs you",
    "migration-stopped": "Your migration stopped",
    "pair-contested": "Two programs keep one playlist in step",
    "pair-stopped": "A pair of playlists was stopped",
    "playlist-needs-repair": "A playlist has entries that cannot be played",
    "share-paused": "A shared playlist is not shown any more",
    "consent-ending": "A consent ends soon",
    "consent-ended": "A consent has ended",
    "export-ready": "Your export is ready",
    "import-ready": "Your import is ready",
    "sign-in-from-new-place": "New sign-in to your account",
    "webhook-switched-off": "A webhook was switched off",
    "account-suspended": "Your account was suspended",
    "account-restored": "Your account was restored",
}
"""A line for each code: the subject of a mail. It quotes nothing, so nothing can be put into a header."""


def text_of(status: Status, reader: Reader) -> str:
    """Write a notice as sentences."""
    return render(TEXTS, status, reader)
