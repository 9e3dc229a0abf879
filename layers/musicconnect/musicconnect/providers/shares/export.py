"""Give an export the statements that read which playlists a user shows to strangers."""

from musicconnect.providers.shares.export_store import TABLES

__all__ = ["TABLES"]
