"""Give an export the statements that read a user's plays."""

from musicconnect.trends.plays.export_store import (
    BATCH_ENDS,
    COUNT_KINDS,
    COUNT_PLAYS,
    DETAILED_PLAYS,
    LISTENS,
    PLAYS,
    TABLES,
)

__all__ = ["BATCH_ENDS", "COUNT_KINDS", "COUNT_PLAYS", "DETAILED_PLAYS", "LISTENS", "PLAYS", "TABLES"]
