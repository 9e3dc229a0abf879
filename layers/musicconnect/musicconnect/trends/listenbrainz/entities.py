"""What ListenBrainz has statistics of."""

from typing import Literal

type Entity = Literal[
    "artists", "releases", "release-groups", "recordings", "listening-activity", "daily-activity"
]
type ForeignPlaylists = Literal["createdfor", "collaborator", "recommendations"]
"""Kinds of playlists that ListenBrainz has beside a user's own."""
