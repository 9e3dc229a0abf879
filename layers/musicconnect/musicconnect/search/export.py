"""Give an export the statements that read a user's searches and pins."""

from musicconnect.search.export_store import COUNT_PINS, PINS, TABLES

__all__ = ["COUNT_PINS", "PINS", "TABLES"]
