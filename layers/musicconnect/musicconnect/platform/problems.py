"""Errors that a caller of the API is told about, as ``application/problem+json`` (RFC 9457)."""

from typing import Any

TYPE_PREFIX = "urn:musicconnect:problem:"
"""Followed by a slug that never changes its meaning; clients may branch on it."""

DATABASE_RETRY_AFTER = 5
"""Seconds that a client is told to wait while the database is away."""
SWITCHED_OFF_RETRY_AFTER = 300
"""Seconds that a client is told to wait while a service is switched off."""


class Problem(Exception):  # noqa: N818 - the name of the thing in RFC 9457
    """An answer other than success.

    Args:
        status: The HTTP status.
        slug: Stable name of the kind of problem, the last part of its ``type``.
        title: The kind of problem in a few words; the same for every occurrence.
        detail: What happened here and what the caller can do about it.
        retry_after: Seconds after which the same request may succeed.
        members: Further members of the answer (``errors``, ``provider``, ``until`` ...).
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str | None = None,
        *,
        retry_after: float | None = None,
        **members: Any,
    ) -> None:
        super().__init__(f"{status} {slug}: {detail or title}")
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.retry_after = retry_after
        self.members = members

    def body(self) -> dict[str, Any]:
        """Build the problem object."""
        body: dict[str, Any] = {"type": TYPE_PREFIX + self.slug, "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        return body | self.members


class ReportableError(Exception):
    """An error of another package that makes its own problem."""

    def problem(self) -> Problem:
        """Make the problem."""
        raise NotImplementedError


def not_found(what: str) -> Problem:
    """Make a 404 for what does not exist and, in the same words, for what belongs to somebody else."""
    return Problem(404, "not-found", "Not found", f"There is no such {what}.")


def conflict(slug: str, title: str, detail: str, **members: Any) -> Problem:
    """Make a 409: the request is fine, the state of things is not."""
    return Problem(409, slug, title, detail, **members)


def unauthorized(detail: str) -> Problem:
    """Make a 401: who is asking is not known."""
    return Problem(401, "unauthorized", "Sign in first", detail, action="sign-in")


def not_in_scope() -> Problem:
    """Make a 403: a personal token is good, but not for this."""
    return Problem(
        403,
        "not-in-scope",
        "The token is not good for this",
        "Make one with another scope, or sign in; only who is signed in lets others in or ends an account.",
    )


def cross_origin() -> Problem:
    """Make a 403: a browser's session came with a request that a page of another site made."""
    return Problem(
        403,
        "cross-origin",
        "This came from another site",
        "A session in a cookie counts for the console's own pages only. Programs send a token.",
    )


def invalid(path: str, message: str) -> Problem:
    """Make a 422 about one field. ``path`` is dotted from the part of the request: ``body.email``."""
    return invalid_fields([{"path": path, "message": message}])


def invalid_fields(errors: list[dict[str, str]]) -> Problem:
    """Make a 422 about several fields at once."""
    fields = ", ".join(error["path"] for error in errors)
    return Problem(422, "invalid-request", "The request is not valid", f"Check: {fields}.", errors=errors)


def switched_off(service: str, reason: str) -> Problem:
    """Make a 503: the operators have switched a service off, and say why."""
    detail = f"{reason or 'The operators of this installation have switched it off.'} Try again later."
    return Problem(
        503,
        "service-switched-off",
        "This service is switched off",
        detail,
        retry_after=SWITCHED_OFF_RETRY_AFTER,
        service=service,
    )


def database_unavailable() -> Problem:
    """Make a 503: the database cannot be reached."""
    detail = "The database does not answer. Try again shortly."
    return Problem(
        503, "database-unavailable", "Temporarily unavailable", detail, retry_after=DATABASE_RETRY_AFTER
    )
