"""Who sends the requests that Schemathesis makes up: somebody new where a request may sign them out.

They keep to the limits that answers tell, as clients do: scrobblers are refused with a 503.
Loaded by Schemathesis; the environment says where the database is.
"""

import os
import time
from typing import Any

import schemathesis

from tests.support.functions import FunctionRunner, Person, new_person

ENDS = {
    ("DELETE", "/v1/me"),
    ("POST", "/v1/auth/logout"),
    ("POST", "/v1/auth/password"),
    ("DELETE", "/v1/auth/sessions"),
    ("DELETE", "/v1/auth/sessions/{session_id}"),
}
"""Operations after which who sent them may be signed out."""


FEW = 3
"""Requests that are left of a limit, below which it is waited for the next window."""


@schemathesis.hook
def after_call(_context: Any, _case: Any, response: Any) -> None:
    """Wait where hardly any request is left in the window."""
    headers = response.headers
    if int(headers.get("x-ratelimit-remaining", [FEW])[0]) < FEW:
        time.sleep(int(headers["x-ratelimit-reset-in"][0]) + 0.1)


def _somebody() -> Person:
    return new_person(FunctionRunner(os.environ["CONTRACT_DATABASE_URL"], {}))


@schemathesis.auth(refresh_interval=None)
class Session:
    """A session token; of ListenBrainz's routes a personal one."""

    def get(self, case: Any, _context: Any) -> str:
        """Choose who sends a request."""
        if case.path.startswith("/1/"):
            return f"Token {os.environ['CONTRACT_PERSONAL_TOKEN']}"
        if (case.method.upper(), case.path) in ENDS:
            return f"Bearer {_somebody().token}"
        return f"Bearer {os.environ['CONTRACT_TOKEN']}"

    def set(self, case: Any, data: str, _context: Any) -> None:
        """Put the token into the request."""
        case.headers["Authorization"] = data
