"""Who sends the requests that Schemathesis makes up: somebody new where a request may sign them out.

Loaded by Schemathesis; the environment says where the database is.
"""

import os
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
