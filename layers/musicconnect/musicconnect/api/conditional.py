"""Answers that a client may keep and only ask whether they still hold (RFC 9110, section 13)."""

import hashlib

from pydantic import BaseModel

from musicconnect.api.app import Reply, Request


def reply(
    request: Request,
    body: BaseModel | str,
    *,
    without: frozenset[str] = frozenset(),
    content_type: str = "application/json",
) -> Reply:
    """The answer with its ETag, or 304 if the client has it.

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
