"""What a person prefers, for the packages that act for them."""

from typing import Any

from psycopg import Connection

from musicconnect.core import preferences_store
from musicconnect.matching import DEFAULT_PREFERENCES, Preferences


def load_matching(connection: Connection[Any]) -> Preferences:
    """Load how the transaction's person wants recordings matched; the default of somebody who is gone."""
    found = preferences_store.get_matching(connection)
    if found is None:
        return DEFAULT_PREFERENCES
    return Preferences(content=found.match_content, is_lenient=found.match_strictness == "lenient")
