"""Give an export the statements that read a user's daily figures."""

from musicconnect.trends.rollup.export_store import COUNT_DAYS, DAYS, LAST_DAY

__all__ = ["COUNT_DAYS", "DAYS", "LAST_DAY"]
