"""Give an export the statements that read what operators did to a person's account."""

from musicconnect.operators.export_store import TABLES

__all__ = ["TABLES"]
