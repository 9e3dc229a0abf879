"""The ``fields`` parameter of the playlist endpoints: ``items(added_at,item(name,artists.name)),total``.

``,`` separates, ``.`` and ``( )`` go into objects and through lists, ``!`` in front of a first name leaves
the names of that level out instead of keeping them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),.!]")


@dataclass(slots=True)
class _Level:
    """What to keep of an object; an empty level keeps all."""

    names: dict[str, "_Level"] = field(default_factory=dict)
    is_exclusion: bool = False


def select(value: Any, fields: str) -> Any:
    """What ``fields`` selects of a JSON value. Unknown names select nothing; ``ValueError``: unreadable."""
    if re.sub(_TOKEN, "", fields).strip():
        raise ValueError(f"Invalid fields: {fields}")
    tokens = iter([*_TOKEN.findall(fields), ""])
    level, end = _level(tokens)
    if end != "":
        raise ValueError(f"Invalid fields: {fields}")
    return _apply(value, level)


def _level(tokens: Iterator[str]) -> tuple[_Level, str]:
    """Read names up to the bracket or the end that closes them; gives that token as well."""
    level = _Level()
    token = next(tokens, "")
    while True:
        if token == "!":
            level.is_exclusion = True
            token = next(tokens, "")
        if not token or token in "(),.":
            raise ValueError("Invalid fields: a name is missing")
        here = level.names.setdefault(token, _Level())
        token = next(tokens, "")
        while token == ".":
            name = next(tokens, "")
            if name == "!":
                here.is_exclusion = True
                name = next(tokens, "")
            here = here.names.setdefault(name, _Level())
            token = next(tokens, "")
        if token == "(":
            inner, end = _level(tokens)
            if end != ")":
                raise ValueError("Invalid fields: a bracket is open")
            here.names.update(inner.names)
            here.is_exclusion = inner.is_exclusion
            token = next(tokens, "")
        if token != ",":
            return level, token
        token = next(tokens, "")


def _apply(value: Any, level: _Level) -> Any:
    if isinstance(value, list):
        return [_apply(element, level) for element in value]
    if not isinstance(value, dict) or not level.names:
        return value
    if level.is_exclusion:
        return {name: inner for name, inner in value.items() if name not in level.names}
    return {name: _apply(value[name], inner) for name, inner in level.names.items() if name in value}
