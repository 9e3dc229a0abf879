"""Keep two playlists in step: look at what would be written, say yes, and take it back."""

from typing import Any

from local.demo.user import ApiUser
from local.stack.wait import wait_until

SECONDS = 60.0
"""How long a run may take."""


def pair_playlists(user: ApiUser, left: tuple[str, str], right: tuple[str, str]) -> dict[str, Any]:
    """Bring a playlist in step with an empty one; gives what it asked and what should stand in that one then.

    Args:
        user: Whose playlists they are.
        left: Provider and id of a playlist.
        right: The same of an empty one.
    """
    sides = {
        name: {"provider": provider, "playlist_id": playlist_id}
        for name, (provider, playlist_id) in {"left": left, "right": right}.items()
    }
    body = {"items": [{**sides, "mode": "two_way", "schedule": "hourly"}]}
    pair_id = user.call("POST", "/v1/pairs", body)["items"][0]["id"]
    asked = _once(user, pair_id, {"asking-first"})
    user.call("POST", f"/v1/pairs/{pair_id}/answer", {"answer": "yes"})
    ended = _once(user, pair_id, {"in-step"})
    tracks = list(user.every(f"/v1/pairs/{pair_id}/tracks?limit=100"))
    return {
        "asked": asked["message"],
        "status": ended["status"],
        "expected": [track["right_track_id"] for track in tracks if track["right"] == "ok"],
    }


def _once(user: ApiUser, pair_id: int, codes: set[str]) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        pair: dict[str, Any] = user.call("GET", f"/v1/pairs/{pair_id}")
        return pair if pair["code"] in codes else None

    return wait_until(reached, seconds=SECONDS, what=f"pair {pair_id} to be {' or '.join(codes)}")
