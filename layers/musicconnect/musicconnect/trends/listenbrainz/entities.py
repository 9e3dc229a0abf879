"""What ListenBrainz has statistics of."""

from typing import Literal

type Entity = Literal[
    "artists", "releases", "release-groups", "recordings", "listening-activity", "daily-activity"
]
