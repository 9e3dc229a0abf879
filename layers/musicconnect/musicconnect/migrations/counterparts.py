"""Decide counterparts without a search, for other packages: a person's rules, the match store."""

from musicconnect.migrations.engine.stages.match_tracks import decide_stored
from musicconnect.migrations.rules import decision
from musicconnect.migrations.rules_store import find_rules

__all__ = ["decide_stored", "decision", "find_rules"]
