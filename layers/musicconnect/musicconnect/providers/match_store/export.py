"""Give an export the statements that read what a user's matches have taught."""

from musicconnect.providers.match_store.export_store import TABLES

__all__ = ["TABLES"]
