"""What a person prefers, for the packages that act for them."""

from typing import Any

from psycopg import Connection

from musicconnect.core import preferences_store
from musicconnect.matching import STANDARD, Edition, Preference, Strictness


def get_matching(connection: Connection[Any]) -> Preference:
    """Get how the transaction's person wants recordings matched; the standard of somebody who is gone."""
    found = preferences_store.get_matching(connection)
    if found is None:
        return STANDARD
    return Preference(edition=Edition(found[0]), strictness=Strictness(found[1]))
