"""Give an export the statements that read what a person was told."""

from musicconnect.notices.export_store import TABLES

__all__ = ["TABLES"]
