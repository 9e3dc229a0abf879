"""Name the states of an import of playlist files."""

from typing import Literal

type ImportStatus = Literal["awaiting_upload", "pending", "running", "completed", "failed"]
