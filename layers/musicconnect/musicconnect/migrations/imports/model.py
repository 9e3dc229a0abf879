"""Name the states of an import of playlist files."""

from typing import Literal

type PlaylistImportStatus = Literal["awaiting_upload", "pending", "running", "completed", "failed"]
