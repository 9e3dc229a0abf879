"""JSON that stands in a cell, an element or a comment."""

import json
from typing import Any


def parsed(text: str) -> Any:
    """The value; None where it is none, for it may have been changed by hand."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
