"""Give an export the statements that read a user's migrations."""

from musicconnect.migrations.export_store import COUNT_TRACKS, LAST_TRACK, TABLES, TRACKS

__all__ = ["COUNT_TRACKS", "LAST_TRACK", "TABLES", "TRACKS"]
