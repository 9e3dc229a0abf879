"""Which route of the HTTP API a request belongs to. Pure functions.

The most specific one wins: a literal segment before ``{name}`` before ``{name+}``, segment by segment from
the left; a method before ``ANY``; ``$default`` last. Reference: API Gateway Developer Guide, "Working with
routes for HTTP APIs". A method that no route has is a 404 there, not a 405.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from local.template.model import Route

_LITERAL, _PARAMETER, _GREEDY = range(3)


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and what its path parameters stand for."""

    route: Route
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Pattern:
    route: Route
    segments: tuple[tuple[int, str], ...]
    """Rank, and literal or name."""

    @property
    def rank(self) -> tuple[bool, tuple[int, ...], bool]:
        kinds = tuple(kind for kind, _ in self.segments)
        # A greedy route is tried after every route without one, whatever stands before it.
        return _GREEDY in kinds, kinds, self.route.method == "ANY"

    def parameters(self, segments: list[str]) -> dict[str, str] | None:
        found: dict[str, str] = {}
        for index, (kind, text) in enumerate(self.segments):
            if kind == _GREEDY:
                found[text] = "/".join(segments[index:])
                return found if found[text] else None
            if index >= len(segments):
                return None
            if kind == _PARAMETER and segments[index]:
                found[text] = segments[index]
            elif kind == _PARAMETER or segments[index] != text:
                return None
        return found if len(self.segments) == len(segments) else None


class Routes:
    """The routes of an API, in the order in which they are tried."""

    def __init__(self, routes: Iterable[Route]) -> None:
        everything = list(routes)
        self._default = next((route for route in everything if route.path == "$default"), None)
        patterns = [
            _Pattern(route, _segments(route.path)) for route in everything if route is not self._default
        ]
        self._patterns = sorted(patterns, key=lambda pattern: pattern.rank)

    def match(self, method: str, path: str) -> Match | None:
        """The route for a method and a decoded path; None when there is none."""
        segments = path.lstrip("/").split("/")
        for pattern in self._patterns:
            if pattern.route.method in {method, "ANY"}:
                parameters = pattern.parameters(segments)
                if parameters is not None:
                    return Match(pattern.route, parameters)
        return Match(self._default, {}) if self._default is not None else None


def _segments(path: str) -> tuple[tuple[int, str], ...]:
    found = []
    for segment in path.lstrip("/").split("/"):
        if segment.startswith("{") and segment.endswith("+}"):
            found.append((_GREEDY, segment[1:-2]))
        elif segment.startswith("{") and segment.endswith("}"):
            found.append((_PARAMETER, segment[1:-1]))
        else:
            found.append((_LITERAL, segment))
    return tuple(found)
