"""The SQL by which an export reads a user's account.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "profile": """
        SELECT id AS key, json_build_object('id', id, 'email', email,
            'email_confirmed_at', email_confirmed_at, 'display_name', display_name,
            'time_zone', time_zone, 'match_content', match_content, 'match_strictness', match_strictness,
            'created_at', created_at, 'updated_at', updated_at) AS row
        FROM core.users WHERE id = (SELECT core.current_user_id())""",
    "sessions": """
        SELECT id AS key, json_build_object('id', id, 'created_at', created_at, 'expires_at', expires_at,
            'last_used_at', last_used_at, 'ip_address', ip_address, 'user_agent', user_agent) AS row
        FROM core.user_sessions WHERE user_id = (SELECT core.current_user_id())""",
    "app_approvals": """
        SELECT row_number() OVER (ORDER BY approved_at, app) AS key,
            json_build_object('app', app, 'approved_at', approved_at, 'redeemed_at', redeemed_at,
                'expires_at', expires_at) AS row
        FROM core.app_approvals WHERE user_id = (SELECT core.current_user_id())""",
    "personal_tokens": """
        SELECT id AS key, json_build_object('id', id, 'name', name, 'scope', scope, 'created_at', created_at,
            'last_used_at', last_used_at, 'expires_at', expires_at) AS row
        FROM core.personal_tokens WHERE user_id = (SELECT core.current_user_id())""",
    "mail": """
        SELECT id AS key, json_build_object('id', id, 'template', template, 'address', address,
            'status', status, 'reason', reason, 'created_at', created_at, 'finished_at', finished_at) AS row
        FROM core.mail_messages WHERE user_id = (SELECT core.current_user_id())""",
    "passkeys": """
        SELECT id AS key, json_build_object('id', id, 'name', name, 'created_at', created_at,
            'last_used_at', last_used_at) AS row
        FROM core.passkeys WHERE user_id = (SELECT core.current_user_id())""",
    "verifications": """
        SELECT id AS key, json_build_object('id', id, 'kind', kind, 'address', address,
            'created_at', created_at, 'expires_at', expires_at) AS row
        FROM core.verifications WHERE user_id = (SELECT core.current_user_id())""",
}
