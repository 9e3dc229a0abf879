"""Turn what a handler returns, or raises, into an HTTP response; tell clients what they have already."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from musicconnect.api.binding import Request
from musicconnect.api.errors import problem_for
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.problems import Problem

MAX_ANSWER_BYTES: Final = 5_000_000
"""Of a body. Lists stay below by themselves (`platform.pagination`); Lambda's limit is 6 MB."""


class Output(BaseModel):
    """Base of what callers get."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class Accepted(Output):
    """Base of answers that what was asked for comes later: 202, whatever the route's own status."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not just a model: another status, headers, or another kind of content."""

    body: BaseModel | str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def problem_of_error(error: Exception) -> Response[Any]:
    """Answer what a handler raised as a problem."""
    return problem_response(problem_for(error))


def respond(
    call: Callable[[], Any],
    status: int,
    error_response: Callable[[Exception], Response[Any]] = problem_of_error,
) -> Response[Any]:
    """Call a handler and write what it returns, with ``status`` unless it says otherwise."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - the last place that can still give a caller an answer
        return error_response(error)
    reply = result if isinstance(result, Reply) else Reply(result, status_of(result, status))
    body = reply.body.model_dump_json() if isinstance(reply.body, BaseModel) else reply.body
    if body is not None and len(body.encode()) > MAX_ANSWER_BYTES:
        return problem_response(_too_large())
    return Response(
        status_code=reply.status,
        content_type=reply.content_type if body is not None else None,
        headers={"Cache-Control": "no-store"} | reply.headers,
        body=body or "",
    )


def status_of(result: Any, status: int) -> int:
    """Give the status of what a handler returns, where the route's own is ``status``."""
    if result is None:
        return 204
    return 202 if isinstance(result, Accepted) else status


def _too_large() -> Problem:
    """Make the 422 for an answer that Lambda would not carry, as a failure of the whole function."""
    detail = "Ask for less: a smaller `limit`, or a shorter period."
    return Problem(422, "answer-too-large", "The answer is too large", detail)


def problem_response(problem: Problem) -> Response[Any]:
    """Write a problem as ``application/problem+json``."""
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(problem.retry_after))
        if problem.status == 429:
            headers["RateLimit"] = f'"{problem.slug}";r=0;t={math.ceil(problem.retry_after)}'
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 11.6.1
    return Response(
        status_code=problem.status,
        content_type="application/problem+json",
        headers=headers,
        body=json.dumps(problem.body() | {"request_id": correlation_id()}, ensure_ascii=False),
    )


def set_etag(event: dict[str, Any], answer: dict[str, Any]) -> None:
    """Tell states of a thing apart, so that a caller who has the latest is not sent it again.

    An answer that brings a tag of its own knows better what of it matters; see `reply_unless_known`.
    """
    if "ETag" in answer.get("headers", {}):
        return
    tag = f'"{hashlib.blake2b(str(answer.get("body")).encode(), digest_size=12).hexdigest()}"'
    answer.setdefault("headers", {})["ETag"] = tag
    known = {name.lower(): value for name, value in event.get("headers", {}).items()}.get("if-none-match", "")
    if tag in (entry.strip().removeprefix("W/") for entry in known.split(",")):
        answer["statusCode"], answer["body"] = 304, ""
        answer["headers"].pop("Content-Type", None)


def reply_unless_known(
    request: Request,
    body: BaseModel | str,
    *,
    without: frozenset[str] = frozenset(),
    content_type: str = "application/json",
) -> Reply:
    """Answer with an ETag, or with 304 if the client has that answer (RFC 9110, section 13).

    The tag is a weak one: it says that two answers mean the same, whatever stands in the members left out.

    Args:
        request: May bring ``If-None-Match``.
        body: What is answered.
        without: Members that change without a change of meaning, such as the time of the last look.
        content_type: Of a text.
    """
    meaning = body if isinstance(body, str) else body.model_dump_json(exclude=set(without))
    tag = f'W/"{hashlib.sha256(meaning.encode()).hexdigest()[:32]}"'
    # Whose answer it is depends on the Authorization header, so only the person's own client may keep it.
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if _matches(request.headers.get("if-none-match", ""), tag):
        return Reply(None, 304, headers)
    return Reply(body, 200, headers, content_type)


def _matches(wanted: str, tag: str) -> bool:
    if wanted.strip() == "*":
        return True
    opaque = tag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == opaque for one in wanted.split(","))
