"""JSON:API documents: what ``include`` names, what goes into ``included``, and pages."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from local.simulators.tidal.errors import bad_request
from local.simulators.tidal.graph import RELATIONS, TARGETS, TO_ONE, Graph, Ref, Viewer
from local.simulators.tidal.settings import Settings

PAGE_SIZE = 20
MAX_DEPTH = 3
MAX_RESOURCES = 10

type Tree = dict[str, "Tree"]
"""What to include, relationship by relationship."""


def parse_include(kind: str, text: str) -> Tree:
    """Read ``include``; 400 for a path that leads nowhere, is too deep, or names too much."""
    tree: Tree = {}
    named = 0
    for path in filter(None, text.split(",")):
        steps = [step.rpartition(":")[2] for step in path.split(".")]
        if len(steps) > MAX_DEPTH:
            raise bad_request("include", f"Include depth exceeds the limit of {MAX_DEPTH}")
        kinds: tuple[str, ...] = (kind,)
        level = tree
        for step in steps:
            if not any(step in RELATIONS[one] for one in kinds):
                raise bad_request("include", f"Unknown include path: {path}")
            kinds = TARGETS.get(step, (step,))
            if step not in level:
                named += 1
            level = level.setdefault(step, {})
    if named > MAX_RESOURCES:
        raise bad_request("include", f"Include names more than {MAX_RESOURCES} resources")
    return tree


def cost_of(include: str, nested_cost: int) -> int:
    """Give the tokens that a call costs: one, one for each include, more for a nested one."""
    paths = [path for path in include.split(",") if path]
    return nested_cost if any("." in path for path in paths) else 1 + len(paths)


def page_of(refs: Sequence[Ref], cursor: str | None, *, short: bool) -> tuple[list[Ref], str | None]:
    """Cut a page out of a list; gives the cursor of the next.

    A cursor names the entry that comes next, so that what is written in between moves nothing.
    """
    start = 0
    if cursor:
        try:
            number, _, key = (
                base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
            )
            start = next((i for i, ref in enumerate(refs) if _key(ref) == key), int(number))
        except ValueError as error:
            raise bad_request("page[cursor]", "Invalid cursor") from error
    size = 7 if short and start // PAGE_SIZE % 2 else PAGE_SIZE
    page, end = list(refs[start : start + size]), start + size
    if end >= len(refs):
        return page, None
    return page, base64.urlsafe_b64encode(f"{end} {_key(refs[end])}".encode()).decode().rstrip("=")


def _key(ref: Ref) -> str:
    meta: Mapping[str, Any] = ref.get("meta") or {}
    return str(meta.get("itemId") or ref["id"])


class Writer:
    """Writes resources for one caller, and gathers what they include."""

    def __init__(self, graph: Graph, settings: Settings, viewer: Viewer) -> None:
        self._graph = graph
        self._settings = settings
        self._viewer = viewer
        self._included: dict[tuple[str, str], dict[str, Any]] = {}

    def primary(self, kind: str, id_: str, tree: Tree) -> dict[str, Any] | None:
        """Write a resource that was asked for; None where the caller sees none."""
        attributes = self._graph.attributes(kind, id_, self._viewer)
        if attributes is None:
            return None
        resource: dict[str, Any] = {"type": kind, "id": id_}
        if attributes:
            resource["attributes"] = attributes
        self._relate(resource, tree)
        return resource

    def hidden(self, kind: str, id_: str, attributes: dict[str, Any], tree: Tree) -> dict[str, Any]:
        """Write a resource that the caller would not see otherwise."""
        resource: dict[str, Any] = {"type": kind, "id": id_, "attributes": attributes}
        self._relate(resource, tree)
        return resource

    def embed(self, ref: Ref, tree: Tree) -> None:
        """Include what is referred to, unless the caller does not see it: then there is a hole."""
        key = (ref["type"], ref["id"])
        resource = self._included.get(key)
        if resource is None:
            attributes = self._graph.attributes(*key, self._viewer)
            if attributes is None:
                return
            resource = self._included[key] = {"type": key[0], "id": key[1], "attributes": attributes}
        self._relate(resource, tree)

    def _relate(self, resource: dict[str, Any], tree: Tree) -> None:
        kind, id_ = resource["type"], resource["id"]
        relationships = resource.setdefault("relationships", {})
        for name in RELATIONS[kind]:
            link = f"/{kind}/{quote(id_, safe='')}/relationships/{name}"
            if name in tree:
                refs = self._graph.related(kind, id_, name, self._viewer)
                page, cursor = page_of(refs, None, short=False)
                relationships[name] = {
                    "data": page[0] if name in TO_ONE else page,
                    "links": {"self": link} | _next(link, {}, cursor),
                }
                for ref in page:
                    self.embed(ref, tree[name])
            elif self._settings.relationship_stubs:
                relationships.setdefault(name, {"links": {"self": link}})
        if not relationships:
            del resource["relationships"]

    def included(self) -> list[dict[str, Any]]:
        """Everything that was included, once, in no order."""
        return sorted(
            self._included.values(),
            key=lambda one: hashlib.sha256(f"{one['type']} {one['id']}".encode()).digest(),
        )


def links(path: str, query: Mapping[str, str], cursor: str | None) -> dict[str, Any]:
    """Write where this page is and, unless it is the last, the next: below ``/v2``, with all parameters."""
    shown = {name: value for name, value in query.items() if name != "page[cursor]"}
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe=',')}" for name, value in shown.items())
    return {"self": f"{path}?{text}" if text else path} | _next(path, shown, cursor)


def _next(path: str, query: Mapping[str, str], cursor: str | None) -> dict[str, Any]:
    if cursor is None:
        return {}
    pairs = {**query, "page[cursor]": cursor}
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe=',')}" for name, value in pairs.items())
    return {"next": f"{path}?{text}", "meta": {"nextCursor": cursor}}
