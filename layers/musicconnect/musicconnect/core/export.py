"""Give an export the statements that read a user's account."""

from musicconnect.core.export_store import TABLES

__all__ = ["TABLES"]
