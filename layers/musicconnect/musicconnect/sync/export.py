"""Give an export the statements that read a user's pairs."""

from musicconnect.sync.export_store import TABLES

__all__ = ["TABLES"]
