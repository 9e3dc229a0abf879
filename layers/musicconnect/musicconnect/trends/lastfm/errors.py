"""Errors of Last.fm's API. Pure.

Clients differ in what they read: some the status, some the code, some words of the message. So all three say
the same. Of the codes only 11 and 16 make every client keep a play; 8 and 29 would lose it at some.
"""

from typing import Final

MESSAGES: Final = {
    3: "Invalid Method - No method with that name in this package",
    4: "Authentication Failed - You do not have permissions to access the service",
    5: "Invalid format - This service doesn't exist in that format",
    6: "Invalid parameters - Your request is missing a required parameter",
    7: "Invalid resource specified",
    9: "Invalid session key - Please re-authenticate",
    14: "Unauthorized Token - This token has not been authorized",
    15: "This token has expired",
    16: "The service is temporarily unavailable, please try again.",
    17: "Login: User requires to be logged in",
}
STATUSES: Final = {3: 400, 4: 403, 5: 400, 6: 400, 7: 404, 9: 403, 14: 403, 15: 403, 16: 503, 17: 403}


class LastfmError(Exception):
    """A refusal.

    Args:
        code: A key of `MESSAGES`.
        message: What is wrong, where the usual words do not say.
    """

    def __init__(self, code: int, message: str | None = None) -> None:
        self.code = code
        self.message = message or MESSAGES[code]
        self.status = STATUSES[code]
        super().__init__(self.message)
