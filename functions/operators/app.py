"""Operators' acts on accounts: invoked with the right to do so, never over HTTP.

``{"action": "suspend", "operator": "ada", "address": "bob@example.org", "reason": "..."}``;
docs/operations.md lists the actions.
"""

from typing import Any

from musicconnect.operators import service
from musicconnect.operators.schemas import Order
from musicconnect.platform import database
from musicconnect.platform.logging import start_trace


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Carry out one order; what is none fails with what is wrong about it."""
    start_trace()
    order = Order.model_validate(event)
    return service.carry_out(database.shared(), order, context.aws_request_id)
