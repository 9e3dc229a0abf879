"""Give an export the statements that read a user's plays."""

from musicconnect.trends.plays.export_store import (
    COUNT_KINDS,
    COUNT_PLAYS,
    LAST_PLAYED_AT,
    PLAYS,
    STORED_PLAYS,
    TABLES,
)

__all__ = ["COUNT_KINDS", "COUNT_PLAYS", "LAST_PLAYED_AT", "PLAYS", "STORED_PLAYS", "TABLES"]
