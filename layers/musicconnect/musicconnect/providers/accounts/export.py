"""Give an export the statements that read a user's linked accounts."""

from musicconnect.providers.accounts.export_store import TABLES

__all__ = ["TABLES"]
