"""Give an export the statements that read a user's plays."""

from musicconnect.trends.plays.export_store import (
    COUNT_KINDS,
    COUNT_PLAYS,
    DETAILED_PLAYS,
    LISTENS,
    PLAYED_AT,
    PLAYS,
    TABLES,
)

__all__ = ["COUNT_KINDS", "COUNT_PLAYS", "DETAILED_PLAYS", "LISTENS", "PLAYED_AT", "PLAYS", "TABLES"]
