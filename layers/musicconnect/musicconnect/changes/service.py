"""Store change sets and get them again, in the caller's transaction, as their owner."""

from musicconnect.changes.store import RETENTION, create, discard, load, of_owner

__all__ = ["RETENTION", "create", "discard", "load", "of_owner"]
