"""Say what a provider's answer means for the user, in one wording for the whole product.

An error and a state about the same thing have one code: see `musicconnect.providers.errors`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text, sentence
from musicconnect.platform.status import render as render_status
from musicconnect.providers.entry import LISTED, title

_UNLINKED = (
    "The account is unlinked. Its tokens and playlists are deleted here, and so are the migrations, choices "
    "and pins that came of it."
)

TEXTS: Final[dict[str, Text]] = {
    "not-linked": lambda p, _: f"No {_title(p)} account is linked. Link one first.",
    "consent-needed": lambda p, _: f"{_title(p)} no longer accepts our access. Link the account again.",
    "consent-ends": lambda p, _: (
        f"{_title(p)} ends our access on {_day(p['ends_on'])}. Link the account again before then."
    ),
    "read-only": lambda p, _: (
        f"We can read your playlists. To move playlists to {_title(p)}, link the account again and let us "
        "change them."
    ),
    "more-access-needed": lambda p, _: (
        f"Our access to {_title(p)} does not cover this. Link the account again and agree to everything that "
        "is asked."
    ),
    "follows-needed": lambda p, _: (
        f"Our access to {_title(p)} does not cover the artists whom you follow. Link the account again and "
        "agree to that, too."
    ),
    "no-channel": lambda _p, _r: (
        "Your Google account has no YouTube channel. Create one at youtube.com, then try again."
    ),
    "not-found-at-provider": lambda p, _: f"{_title(p)} does not have it. {sentence(p['message'])}",
    "refused-by-provider": lambda p, _: f"{_title(p)} refused: {sentence(p['message'])}",
    "quota-exhausted": lambda p, reader: (
        f"{_title(p)}'s allowance for today is spent. It is renewed at {reader.time(p['until'])}."
    ),
    "rate-limited": lambda p, _: f"{_title(p)} asks us to slow down.",
    "provider-unavailable": lambda p, _: f"{_title(p)} does not answer properly.",
    # How the reading of playlists stands.
    "not-read-yet": lambda _p, _r: "The playlists have not been read yet.",
    "waiting": lambda _p, _r: "Waiting for its turn.",
    "reading-playlists": lambda _p, _r: "Reading the list of playlists.",
    "up-to-date": lambda _p, _r: "All playlists are up to date.",
    "list-changed": lambda _p, _r: "The list of playlists has changed. It is read from the start.",
    "retrying": lambda p, reader: (
        f"{_title(p)} does not answer properly. The next try is at {reader.time(p['until'])}."
    ),
    "given-up": lambda p, reader: (
        f"{_title(p)} has not answered properly for a while. The next try is at {reader.time(p['until'])}."
    ),
    # Why an entry of a playlist is not moved.
    "local-file": lambda _p, _r: "A file on your own device, which no other service has.",
    "episode": lambda _p, _r: "An episode of a podcast, not a track.",
    "unavailable": lambda _p, _r: "No longer available at the source: withdrawn, deleted or private.",
    # What unlinking did.
    "unlinked-revoked": lambda p, _: f"{_UNLINKED} {_title(p)} has ended our access.",
    "unlinked-nothing-to-revoke": lambda p, _: f"{_UNLINKED} Our access at {_title(p)} had ended before.",
    "unlinked-not-offered": lambda p, _: (
        f"{_UNLINKED} Only you can end our access at {_title(p)}. {_remove(p)}"
    ),
    "shown": lambda _p, _r: "Whoever has the address sees it.",
    "share-paused-account": lambda _p, _r: (
        "It is not shown, since its account has to be linked again. Then share it again; the address stays."
    ),
    "share-paused-playlist-gone": lambda _p, _r: "It is not shown, since the playlist is gone.",
    "share-paused-not-readable": lambda _p, _r: (
        "It is not shown, since you no longer own the playlist, or may no longer read it."
    ),
    "share-paused-not-read-in-time": lambda _p, _r: (
        "It is not shown, since it could not be read again in time. Share it again; the address stays."
    ),
    "unlinked-failed": lambda p, _: f"{_UNLINKED} {_title(p)} did not end our access. {_remove(p)}",
}
"""By code."""


def render(status: Status, reader: Reader) -> str:
    """Write a status of this package as sentences."""
    return render_status(TEXTS, status, reader)


def _title(params: Mapping[str, Any]) -> str:
    return title(params["provider"])


def _remove(params: Mapping[str, Any]) -> str:
    entry = LISTED[params["provider"]]
    if entry.linked_by == "token":
        return f"Make another token at {entry.apps_page}"
    return f"Remove MusicConnect at {entry.apps_page}"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"
