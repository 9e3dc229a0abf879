"""The SQL by which an export reads what a person was told. No secret of a webhook.

Of a table: ``key`` to read on by, and ``row`` as JSON.
"""

from typing import Final

TABLES: Final = {
    "notices": """
        SELECT id AS key, json_build_object('id', id, 'code', code, 'params', params,
            'occurred_at', occurred_at, 'read_at', read_at) AS row
        FROM notices.notices WHERE user_id = (SELECT core.current_user_id())""",
    "notice_settings": """
        SELECT row_number() OVER (ORDER BY code) AS key, json_build_object('code', code, 'mail', mail,
            'webhook', webhook, 'updated_at', updated_at) AS row
        FROM notices.settings WHERE user_id = (SELECT core.current_user_id())""",
    "webhooks": """
        SELECT id AS key, json_build_object('id', id, 'name', name, 'url', url, 'is_enabled', is_enabled,
            'disabled_reason', disabled_reason, 'disabled_at', disabled_at, 'created_at', created_at,
            'updated_at', updated_at) AS row
        FROM notices.webhooks WHERE user_id = (SELECT core.current_user_id())""",
    "webhook_deliveries": """
        SELECT id AS key, json_build_object('id', id, 'webhook_id', webhook_id, 'message_id', message_id,
            'code', code, 'body', body, 'is_test', is_test, 'status', status, 'status_code', status_code,
            'status_params', status_params, 'log', log, 'created_at', created_at,
            'finished_at', finished_at) AS row
        FROM notices.deliveries WHERE user_id = (SELECT core.current_user_id())""",
}
