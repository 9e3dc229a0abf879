"""Decide what a personal token is good for.

The authorizer asks for every route that has it; the APIs of scrobblers, which have none, ask by themselves
(`opens_scrobbling`). The authorizer imports it: the standard library only.
"""

import re
from typing import Final, Literal

type Scope = Literal["listens", "read", "everything"]

REFUSED_SCOPE: Final = "scope"
"""Why the authorizer refuses a token that is good for other things."""
_SESSION_ONLY: Final = re.compile(r"(?:[A-Z]+ /v1/auth(?:/|$).*|DELETE /v1/me)")
"""Who may let others in, or end the account: the person, signed in, and no program."""
_LISTENS: Final = re.compile(
    r"(?:GET|POST) /v1/plays|(?:GET|POST) /v1/plays/imports(?:/.*)?|GET /v1/plays/[a-z]+"
)
"""Plays in, and what came in. Not what deletes them, nor what shows them to others."""


def allows(scope: str, route: str) -> bool:
    """Whether a token of a scope is good for a route.

    Args:
        scope: As it is stored; an unknown one allows nothing.
        route: Method and path as in the template: ``GET /v1/plays``.
    """
    if _SESSION_ONLY.fullmatch(route):
        return False
    match scope:
        case "everything":
            return True
        case "read":
            return route.startswith("GET ")
        case "listens":
            return _LISTENS.fullmatch(route) is not None
        case _:
            return False


def opens_scrobbling(scope: str) -> bool:
    """Whether a token of a scope is good for the APIs of scrobblers, whose every client sends listens."""
    return scope in {"listens", "everything"}
