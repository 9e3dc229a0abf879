"""Give an export the statements that read what scrobbling clients keep with us beside plays."""

from musicconnect.trends.scrobbling.export_store import TABLES

__all__ = ["TABLES"]
