"""The SQL by which an export reads what operators did to a person's account; not who they are."""

from typing import Final

TABLES: Final = {
    "operator_acts": """
        SELECT id AS key, json_build_object('id', id, 'action', action, 'reason', reason, 'outcome', outcome,
            'at', at) AS row
        FROM operators.acts WHERE user_id = (SELECT core.current_user_id())""",
}
