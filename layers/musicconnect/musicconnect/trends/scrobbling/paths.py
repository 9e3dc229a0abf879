"""Find the path that a client means, and the methods it has. Pure.

People type the address of a server in many ways, and clients join it with paths without looking: with a slash
too many, with ``/1`` twice or not at all.
"""

import re
from collections import defaultdict
from collections.abc import Iterable


class Paths:
    """The paths of an API, from its routes: method and path with ``{name}``."""

    def __init__(self, routes: Iterable[tuple[str, str]]) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        for method, path in routes:
            found[re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))].add(method)
        self._methods = [(re.compile(pattern), methods) for pattern, methods in found.items()]

    def normalize(self, path: str) -> str:
        """Remove repeated and trailing slashes, and make up for a ``/1`` too many or too few."""
        clean = "/" + "/".join(part for part in path.split("/") if part)
        if self.methods(clean):
            return clean
        once = re.sub(r"^(?:/1)+(?=/|$)", "/1", clean)
        for other in (once, f"/1{clean}"):
            if self.methods(other):
                return other
        return clean

    def methods(self, path: str) -> list[str]:
        """List the methods of a path in alphabetical order; none if there is no such path."""
        found: set[str] = set()
        for pattern, methods in self._methods:
            if pattern.fullmatch(path):
                found |= methods
        if "GET" in found:
            found.add("HEAD")
        return sorted(found | {"OPTIONS"}) if found else []
