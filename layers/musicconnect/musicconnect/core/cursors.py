"""Remember where maintenance's tasks go on, and what they have spent."""

from musicconnect.core.cursor_store import may_spend, position, save_position

__all__ = ["may_spend", "position", "save_position"]
