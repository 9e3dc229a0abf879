"""Refuse requests that no route is for, as everything else in the API is refused."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from musicconnect.platform.problems import Problem

PAGES: Final = (
    r"/|/app(?:/(?!assets/).*)?|/docs|/openapi\.json|/api/auth|/account/[^/]+|/l|/l/[^/]+/[^/]+|/p/[^/]+"
)
"""Paths that the description does not name, as a regular expression; they are read with GET."""


def refusal(description: Path, path: str, pages: str = PAGES) -> tuple[Problem, dict[str, str]]:
    """Make the problem of a request that no route is for, and further headers of its answer.

    Args:
        description: File of the API's description, by which a method that a path has not is told from a path
            that is not there.
        path: Of the request.
        pages: A regular expression of the paths that are pages.
    """
    patterns = [*_operations(description), (re.compile(pages), ["GET"])]
    found = [(pattern, methods) for pattern, methods in patterns if pattern.fullmatch(path)]
    # A path that is described by its own name is not also one of those that stand for many.
    names = min((pattern.pattern.count("[^/]+") for pattern, _ in found), default=0)
    allowed = sorted(
        {
            method
            for pattern, methods in found
            if pattern.pattern.count("[^/]+") == names
            for method in methods
        }
    )
    if not allowed:
        return Problem(404, "not-found", "Not found", "There is nothing at this address; see /docs."), {}
    return method_not_allowed(allowed)


def method_not_allowed(allowed: Sequence[str]) -> tuple[Problem, dict[str, str]]:
    """Make the problem of a path that has other methods, and further headers of its answer."""
    headers = {"Allow": ", ".join(allowed)}
    detail = f"Use one of these methods: {headers['Allow']}."
    return Problem(405, "method-not-allowed", "Method not allowed", detail), headers


@cache
def _operations(description: Path) -> list[tuple[re.Pattern[str], list[str]]]:
    paths = json.loads(description.read_bytes())["paths"]
    return [
        (
            re.compile("[^/]+".join(map(re.escape, re.split(r"\{\w+\}", path)))),
            [method.upper() for method in methods],
        )
        for path, methods in paths.items()
    ]
