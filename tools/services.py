"""Write the register of services from the routes of the template's functions: ``make openapi`` does."""

import json
import os.path
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

from musicconnect.api.app import Route
from musicconnect.core.services import REGISTER
from tools.openapi import registered_routes, template_functions

DESCRIPTIONS: Final = {
    "musicconnect-core": "Accounts, sessions, notices, webhooks and the register of services.",
    "spotify-core": "Spotify accounts, their tokens and playlists.",
    "youtube-core": "YouTube accounts, their tokens and playlists.",
    "unified-search": "One search over all providers, its history, pinned items, links.",
    "playlist-migration": "Moves playlists from one provider to another, and out of files.",
    "data-exports": "Files with what a person owns here.",
    "user-trends": "What a person listened to, and what comes of it by day.",
    "global-trends": "What everybody listened to, by day.",
}


def entries(routes: Iterable[Route]) -> list[dict[str, Any]]:
    """Make the register: each service with its routes, and the path below which all of them lie.

    Raises:
        ValueError: a route belongs to no service, or to one that has no description.
    """
    found: dict[str, list[str]] = {name: [] for name in DESCRIPTIONS}
    for route in routes:
        if not route.services or set(route.services) - set(DESCRIPTIONS):
            raise ValueError(f"{route.method} {route.path}: say to which service it belongs")
        for name in route.services:
            # Of services for a provider each, it is that provider's.
            provider = name.removesuffix("-core")
            path = route.path.replace("{provider}", provider) if len(route.services) > 1 else route.path
            found[name].append(f"{route.method} {path}")
    return [
        {"name": name, "path": _common(routes), "description": DESCRIPTIONS[name], "routes": sorted(routes)}
        for name, routes in found.items()
    ]


def _common(routes: list[str]) -> str:
    if not routes:
        return ""
    paths = {route.partition(" ")[2] for route in routes}
    common = os.path.commonpath(paths) if len(paths) > 1 else paths.pop()
    return "" if common == "/" else common


def text() -> str:
    """The file as it should be."""
    register = entries(registered_routes(template_functions()))
    return json.dumps(register, indent=2, ensure_ascii=False) + "\n"


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """Write the register."""
    REGISTER.write_text(text(), encoding="utf-8")
    write(f"wrote {REGISTER.name}\n")


if __name__ == "__main__":
    main()
