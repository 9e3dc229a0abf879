"""Give a track of a written playlist another counterpart."""

from typing import Any

from local.demo.user import ApiUser

PLACE = 1
"""Which of the written tracks, from 0."""


def mend(user: ApiUser, migration_id: int, tracks: list[dict[str, Any]]) -> dict[str, Any]:
    """Replace one written track by another one's counterpart; gives what should stand in the target then.

    Args:
        user: Whose migration it is.
        migration_id: Of one that has ended.
        tracks: Of it, in order.
    """
    written = [track for track in tracks if track["written"]]
    old, other = written[PLACE], written[-1]
    url = f"/v1/migrations/{migration_id}"
    user.call("POST", f"{url}/tracks/{old['id']}/resolve", {"link": other["target"]["url"]})
    ended = user.finished(url)
    expected = [other if track is old else track for track in written]
    return {
        "title": old["source_title"],
        "status": ended["status"],
        "expected": [track["target_track_id"] for track in expected],
    }
