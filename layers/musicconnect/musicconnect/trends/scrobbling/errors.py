"""Errors that scrobbling clients are told about. Pure."""

from typing import Any


class RefusedError(Exception):
    """A refusal in ListenBrainz's words.

    Args:
        status: The HTTP status, and the ``code`` of the answer.
        message: The ``error`` of the answer.
        members: Further members of the answer, such as the listen that was refused.
    """

    def __init__(self, status: int, message: str, members: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.members = members or {}


def refuse_if(condition: object, message: str, status: int = 400) -> None:
    """Raise `RefusedError` if a condition holds."""
    if condition:
        raise RefusedError(status, message)
