"""The SQL by which an export reads a user's linked accounts.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "linked_accounts": """
        SELECT id AS key, json_build_object('provider', provider, 'provider_user_id', provider_user_id,
            'display_name', display_name, 'linked_at', linked_at, 'authorized_at', authorized_at,
            'access', access, 'status', status) AS row
        FROM providers.accounts WHERE user_id = (SELECT core.current_user_id())""",
}
