"""Name the orders in which playlists are listed. Pure."""

from typing import Literal

type SortOrder = Literal["known", "name", "tracks"]
