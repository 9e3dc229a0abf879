"""Give an export the statements that read a user's change sets."""

from musicconnect.changes.export_store import TABLES

__all__ = ["TABLES"]
