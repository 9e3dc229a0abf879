"""Every screen and dialog of the console, as its code has them, and as the tests try them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support import ROOT

if TYPE_CHECKING:
    from tests.browser.app import App

SOURCES = ROOT / "functions/web/console/src"
NOT_A_SCREEN = "/app/no/such/place"

OUTSIDE = [
    "/",
    "/app/signin",
    "/app/signup",
    "/app/forgot",
    "/app/account/sign-up#token",
    "/app/account/sign-in#token",
    "/app/account/reset#token",
    "/app/account/address",
]
"""What somebody sees who is not signed in. Behind the # stands what a mail's link brings."""

INSIDE = [
    "/app",
    "/app/start",
    "/app/linked/spotify",
    "/app/playlists",
    "/app/playlists/looked-after",
    "/app/playlists/{playlist}",
    "/app/move/where",
    "/app/move/preview/{preview}",
    "/app/moves",
    "/app/moves/past",
    "/app/moves/review",
    "/app/moves/{move}",
    "/app/moves/{move}/tracks",
    "/app/moves/{move}/tracks/{track}",
    "/app/moves/{move}/review",
    "/app/moves/in-step",
    "/app/moves/in-step/new",
    "/app/moves/in-step/{pair}",
    "/app/moves/in-step/{pair}/runs/{run}",
    "/app/search?q=salt",
    "/app/search/link",
    "/app/search/pins",
    "/app/listening",
    "/app/listening/year",
    "/app/listening/plays",
    "/app/listening/import",
    "/app/files",
    "/app/files/import",
    "/app/account",
    "/app/account/services",
    "/app/account/signin",
    "/app/account/scrobblers",
    "/app/account/notices",
    "/app/account/webhooks",
    "/app/account/webhooks/{webhook}",
    "/app/account/delete",
    "/app/notices",
    NOT_A_SCREEN,
]

Press = Callable[["App"], None]


def button(name: str) -> Press:
    """Press a button of the page, and of several so called the first."""
    return lambda app: app.page.get_by_role("button", name=re.compile(name)).first.click()


def key(name: str) -> Press:
    """Press a key, once the page is there."""
    return lambda app: app.page.keyboard.press(name)


def another_secret(app: "App") -> None:
    """Have a webhook's secret made anew: it is shown once."""
    button("^Make another")(app)
    button("^Make it$")(app)


@dataclass(frozen=True)
class TriedDialog:
    """A dialog, and the way to it."""

    source: str
    """The file that shows it, below `src`."""
    title: str
    """With ``*`` for what is put in."""
    path: str
    """Of the screen that it stands on."""
    open: Press
    altered: dict[str, Any] = field(default_factory=dict)
    """By the path of an operation: what its answer says instead, so that there is something to ask."""
    wide_only: bool = False
    """Whether phones do not have it."""


PASSKEYS = {
    "/v1/auth/passkeys": {
        "items": [{"id": 1, "name": "My phone", "created_at": "2026-11-30T09:00:00Z", "last_used_at": None}]
    }
}
TO_DECIDE = {
    "/v1/pairs/{pair}/tracks": {
        "items": [
            {"id": 1, "title": "Slow River", "artist": "Ola Fen", "needs_review": True}
            | {"left": "present", "left_track_id": "1", "right": "unknown", "right_track_id": None}
        ],
        "next_cursor": None,
    }
}
WRITTEN = {
    "/v1/pairs/{pair}": {"status": "active", "code": "in-step", "run_id": None},
    "/v1/pairs/{pair}/runs": {"items": [{"status": "done", "can_be_undone": True}]},
}
ASKS = {"outcome": "needs_review", "target_track_id": None, "target": None, "decision": None}
REVIEW = {"/v1/migrations/{move}/tracks": {"items": [ASKS]}}
RUNNING = {"/v1/migrations/{move}": {"status": "running", "finished_at": None}}
UNAUTHORIZED = "unauthorized"
ENDED = {"/v1/exports": UNAUTHORIZED}

PAIR = "/app/moves/in-step/{pair}"
TRACK = "/app/moves/{move}/tracks/{track}"
REVIEWED = "/app/moves/{move}/review"
SIGNIN = "/app/account/signin"
WEBHOOK = "/app/account/webhooks/{webhook}"

DIALOGS = [
    TriedDialog("help.tsx", "Keys", "/app/account", key("?"), wide_only=True),
    TriedDialog("screens/moves/one.tsx", "Take out *?", "/app/moves/{move}", button("^Undo$")),
    TriedDialog("screens/moves/one.tsx", "Stop this move?", "/app/moves/{move}", button("^Stop$"), RUNNING),
    TriedDialog("screens/pairs/change.tsx", "How it runs", PAIR, button("^Change$")),
    TriedDialog("screens/pairs/one.tsx", "Stop keeping in step?", PAIR, button("^Stop keeping in step$")),
    TriedDialog("screens/pairs/to-decide.tsx", "What it is at *", PAIR, button("^Choose "), TO_DECIDE),
    TriedDialog("screens/pairs/runs.tsx", "Undo this run?", PAIR, button("^Undo what"), WRITTEN),
    TriedDialog("screens/review/accept-many.tsx", "Accept many", REVIEWED, button("^Accept many"), REVIEW),
    TriedDialog("screens/review/paste.tsx", "Paste a link", REVIEWED, button("^Paste a link"), REVIEW),
    TriedDialog("screens/tracks/one.tsx", "Leave it out?", TRACK, button("^Leave it out$")),
    TriedDialog("screens/tracks/one.tsx", "Paste a link", TRACK, button("^Paste a link")),
    TriedDialog(
        "screens/account/services.tsx", "Unlink *?", "/app/account/services", button("^Unlink Spotify$")
    ),
    TriedDialog("screens/account/passkeys.tsx", "Add a passkey", SIGNIN, button("^Add a passkey"), PASSKEYS),
    TriedDialog("screens/account/passkeys.tsx", "Rename this passkey", SIGNIN, button("^Rename "), PASSKEYS),
    TriedDialog(
        "screens/account/passkeys.tsx", "Delete this passkey?", SIGNIN, button("^Delete My"), PASSKEYS
    ),
    TriedDialog("screens/webhooks/one.tsx", "Delete this webhook?", WEBHOOK, button("^Delete$")),
    TriedDialog("screens/webhooks/one.tsx", "Make another secret?", WEBHOOK, button("^Make another")),
    TriedDialog("screens/webhooks/secret.tsx", "The secret", WEBHOOK, another_secret),
    # The last one: from then on the page takes nobody for signed in.
    TriedDialog("screens/signin/again.tsx", "You were signed out", "/app/files", lambda app: None, ENDED),
]


@dataclass(frozen=True)
class TriedState:
    """A state of a screen that takes long to come to: made by altered answers."""

    name: str
    path: str
    says: str
    """Words by which it is known."""
    altered: dict[str, Any]
    open: Press | None = None
    """What has to be pressed for it."""


_FOUND = {
    "id": 1, "provider": "spotify", "playlist_id": "p", "name": "Road trip", "country": None,
    "status": "proposed", "code": "proposed", "params": {}, "message": "2 of 40 entries cannot be played.",
    "counts": {"dead": 2, "named": 2, "searched": 2, "sure": 1, "unsure": 0, "replaced": 0, "refused": 0},
    "cost": {}, "price": 0, "can_be_undone": True, "schedule_id": 1, "created_at": "2026-11-30T09:00:00Z",
    "finished_at": "2026-11-30T09:00:00Z", "next_at": None,
}  # fmt: skip
_PROPOSAL = {
    "track_id": "t", "title": "Slow River", "artist": "Ola Fen", "duration_ms": 1, "score": 98.0,
    "is_sure": True, "url": "https://open.spotify.com/track/t",
}  # fmt: skip
_ENTRY = {
    "number": 1, "position": 3, "track_id": None, "cause": "deleted", "message": "It is gone.",
    "title": "Slow River", "artist": "Ola Fen", "known_by": "plays", "proposal": _PROPOSAL,
    "state": "proposed", "error": None,
}  # fmt: skip
_PAUSED = {
    "status": "paused", "code": "share-paused-account", "shown": 0, "total": 0,
    "paused_at": "2026-11-30T09:00:00Z",
    "message": "It is not shown, since its account has to be linked again.",
}  # fmt: skip
_UNREAD = {
    "id": 1, "file_name": "Pasted list.txt", "status": "completed", "target_provider": "spotify",
    "as_copy": False, "remove_missing": False, "dry_run": True, "code": "import-completed", "params": {},
    "status_message": "", "size_bytes": 9, "formats": ["text"], "playlists": 2, "entries": 1, "failed": 1,
    "failures": [{"file": "", "line": 3, "reason": "it is no line of artist and title"}],
    "migration_ids": [1, 2], "created_at": "2026-11-30T09:00:00Z", "started_at": None, "finished_at": None,
}  # fmt: skip

_OLD_CHECK = 10**9
_DEAD = {
    "provider": "spotify", "playlist_id": "p", "repair_id": _OLD_CHECK, "dead": 2,
    "checked_at": "2026-11-30T09:00:00Z", "is_being_checked": False,
}  # fmt: skip
_MINE = {"provider_playlist_id": "p", "is_own": True, "is_liked": False, "can_read": True}


def checked(state: dict[str, Any] | None) -> dict[str, Any]:
    """Answers by which the first playlist was checked with this outcome; None: nothing was checked yet."""
    return {
        "/v1/playlists": {"items": [_MINE]},
        "/v1/checked-playlists": {"items": [] if state is None else [state], "next_cursor": None},
    }


WITH_DEAD = button("^With dead tracks$")

STATES = [
    TriedState("results", "/app/search?q=salt", "Open this search at Spotify", {}, button("^Search$")),
    TriedState("dead", "/app/playlists", "checked in the last 28 days", checked(_DEAD), WITH_DEAD),
    TriedState("unchecked", "/app/playlists", "Nothing was checked yet", checked(None), WITH_DEAD),
    TriedState("alive", "/app/playlists", "No dead tracks", checked({**_DEAD, "dead": 0}), WITH_DEAD),
    TriedState(
        "checking",
        "/app/playlists",
        "1 playlist is being checked",
        checked({**_DEAD, "dead": None, "checked_at": None, "is_being_checked": True}),
        WITH_DEAD,
    ),
    TriedState(
        "checked",
        "/app/playlists/{playlist}",
        "Could stand there",
        {
            "/v1/playlists/{playlist}": _MINE,
            "/v1/checked-playlists": {"items": [_DEAD], "next_cursor": None},
            f"/v1/repairs/{_OLD_CHECK}": {**_FOUND, "id": _OLD_CHECK},
            f"/v1/repairs/{_OLD_CHECK}/entries": {"items": [_ENTRY], "next_cursor": None},
        },
    ),
    TriedState(
        "found",
        "/app/playlists/looked-after",
        "Could stand there",
        {
            "/v1/repair-schedules": {"items": [{"latest": _FOUND}]},
            "/v1/repairs/1/entries": {"items": [_ENTRY], "next_cursor": None},
        },
    ),
    TriedState(
        "paused",
        "/app/playlists/{playlist}",
        "Not shown any more",
        {"/v1/playlists/{playlist}/share": {"share": _PAUSED}},
    ),
    TriedState(
        "read", "/app/files/import", "Look at part 2", {"/v1/imports/playlists": {"items": [_UNREAD]}}
    ),
]


def routes_in_code() -> list[str]:
    """Patterns of all screens, in the order in which the console tries them."""
    return re.findall(r'\{ path: "([^"]+)"', (SOURCES / "routes.ts").read_text())


def route_of(path: str) -> str | None:
    """The pattern that the console takes for a path, as its `match` does."""
    parts = [part for part in re.sub(r"[?#].*", "", path).removeprefix("/app").split("/") if part]
    for route in routes_in_code():
        wanted = [part for part in route.split("/") if part]
        if len(wanted) == len(parts) and all(
            one.startswith(":") or one == part for one, part in zip(wanted, parts, strict=True)
        ):
            return route
    return None


def dialogs_in_code() -> set[tuple[str, str]]:
    """Of every dialog its file and its title; an expression that has two titles counts twice."""
    found = set()
    for path in sorted(SOURCES.rglob("*.tsx")):
        name = path.relative_to(SOURCES).as_posix()
        for tag in re.findall(r"<Dialog\b(.*)", path.read_text()):
            given = re.match(r"\s+title=(\".*?\"|\{.*?\}) onClose=", tag)
            assert given, f"{name}: the title of a dialog stands first, and onClose after it"
            titles = re.findall(r"[\"`](.*?)[\"`]", re.sub(r"\$\{[^{}]*\}", "*", given[1]))
            assert titles, f"{name}: the title of a dialog stands where it is shown"
            found |= {(name, title) for title in titles}
    return found
