"""Partial responses: ``fields=nextPageToken,items(id,snippet/title)``.

The little language of https://developers.google.com/youtube/v3/getting-started#fields.
"""

import re
from typing import Any

from local.simulators.youtube import errors

type Mask = dict[str, "Mask"]
"""What to select, by property; an empty mask selects the whole value. ``*`` stands for any property."""

_TOKEN = re.compile(r"[A-Za-z0-9_*:.-]+|[(),/]")


def parse_fields(text: str) -> Mask:
    """Read a ``fields`` parameter; 400 when it does not follow the language."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != "".join(text.split()):
        raise _invalid(text)
    tokens.reverse()
    mask = _selection(tokens, text)
    if tokens:
        raise _invalid(text)
    return mask


def apply_fields(value: Any, mask: Mask) -> Any:
    """The parts of a JSON value that a mask keeps."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply_fields(entry, mask) for entry in value]
    if not isinstance(value, dict):
        return value
    chosen = {name: mask.get(name, mask.get("*")) for name in value}
    return {name: apply_fields(value[name], inner) for name, inner in chosen.items() if inner is not None}


def _selection(tokens: list[str], text: str) -> Mask:
    mask: Mask = {}
    while True:
        _path(tokens, text, mask)
        if not tokens or tokens[-1] != ",":
            return mask
        tokens.pop()


def _path(tokens: list[str], text: str, mask: Mask) -> None:
    if not tokens or tokens[-1] in "(),/":
        raise _invalid(text)
    inner = mask.setdefault(tokens.pop(), {})
    if tokens and tokens[-1] == "/":
        tokens.pop()
        _path(tokens, text, inner)
    elif tokens and tokens[-1] == "(":
        tokens.pop()
        inner.update(_selection(tokens, text))
        if not tokens or tokens.pop() != ")":
            raise _invalid(text)


def _invalid(text: str) -> errors.ApiError:
    message = f"Invalid field selection {text}"
    return errors.ApiError(400, "invalidParameter", "global", message, location="fields")
