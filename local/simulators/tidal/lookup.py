"""The catalogue: several or one resource, their relationships, search."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from local.simulators.tidal.documents import PAGE_SIZE, Writer, links, page_of
from local.simulators.tidal.errors import ApiError, JsonApiResponse, bad_request, not_found
from local.simulators.tidal.graph import Graph, Ref, track_attributes
from local.simulators.tidal.middleware import Act, Call
from local.simulators.tidal.search import Search
from local.simulators.tidal.settings import Settings
from local.simulators.tidal.state import TidalState

_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
MAX_QUERY_LENGTH = 256


class Lookup:
    """Reads the catalogue."""

    def __init__(self, state: TidalState, settings: Settings, graph: Graph, search: Search) -> None:
        self._state = state
        self._settings = settings
        self._graph = graph
        self._search = search

    def one(self, kind: str) -> Act:
        """``GET /{kind}/{id}``."""

        def act(call: Call) -> Response:
            writer = Writer(self._graph, self._settings, call.viewer)
            resource = writer.primary(kind, call.path["id"], call.tree(kind))
            if resource is None:
                raise not_found()
            return self._single(call, writer, resource)

        return act

    def _single(self, call: Call, writer: Writer, resource: Mapping[str, Any]) -> Response:
        document: dict[str, Any] = {"data": resource, "links": links(call.address, call.query, None)}
        if "include" in call.query:
            document["included"] = writer.included()
        return JsonApiResponse(document)

    def many(self, kind: str, *filters: str) -> Act:
        """``GET /{kind}`` by filter: at most 20 ids, unknown ones missing, in an order of its own."""

        def act(call: Call) -> Response:
            if self._settings.multi_get_needs_client_token and call.viewer.account is not None:
                raise not_found()
            found = call.filters(*filters)
            if not found:
                raise bad_request("filter", f"One filter is needed: {', '.join(filters)}")
            name, values = next(iter(found.items()))
            if name == "isrc":
                return self._by_isrc(call, values)
            refs: list[Ref] = []
            if name == "id":
                refs = [{"type": kind, "id": id_} for id_ in dict.fromkeys(values[:PAGE_SIZE])]
            elif name == "barcodeId":
                albums = self._state.albums.values()
                refs = [{"type": kind, "id": a.id} for a in albums if a.barcode_id in values][:PAGE_SIZE]
            refs.sort(key=lambda ref: hashlib.sha256(ref["id"].encode()).digest())
            return self._several(call, kind, refs, None)

        return act

    def _by_isrc(self, call: Call, isrcs: Sequence[str]) -> Response:
        for isrc in isrcs:
            if not _ISRC.fullmatch(isrc):
                raise bad_request("filter[isrc]", "Invalid ISRC: Must be 3 groups, 12 symbols in total")
        if len(isrcs) == 1:
            ids = self._state.by_isrc.get(isrcs[0], [])
            refs, cursor = page_of(
                [{"type": "tracks", "id": id_} for id_ in ids], call.query.get("page[cursor]"), short=False
            )
            return self._several(call, "tracks", refs, cursor, everywhere=True)
        # One of each, the last it knows, which need not be one that can be played here.
        chosen = [
            self._state.by_isrc[isrc][-1] for isrc in dict.fromkeys(isrcs) if self._state.by_isrc.get(isrc)
        ]
        refs = [{"type": "tracks", "id": id_} for id_ in sorted(chosen[:PAGE_SIZE])]
        return self._several(call, "tracks", refs, None, everywhere=True)

    def _several(
        self, call: Call, kind: str, refs: Sequence[Ref], cursor: str | None, *, everywhere: bool = False
    ) -> Response:
        tree = call.tree(kind)
        writer = Writer(self._graph, self._settings, call.viewer)
        data = []
        for ref in refs:
            resource = writer.primary(kind, ref["id"], tree)
            if resource is None and everywhere and ref["id"] in self._state.tracks:
                # An ISRC finds what cannot be played here, too.
                resource = writer.hidden(
                    kind, ref["id"], track_attributes(self._state.tracks[ref["id"]]), tree
                )
            if resource is not None:
                data.append(resource)
        document: dict[str, Any] = {"data": data, "links": links(call.address, call.query, cursor)}
        if "include" in call.query:
            document["included"] = writer.included()
        return JsonApiResponse(document)

    def related(self, kind: str, name: str, mine: str | None = None) -> Act:
        """``GET /{kind}/{id}/relationships/{name}``, page by page.

        Args:
            kind: Type of the resource.
            name: Its relationship.
            mine: What stands for the id of the caller's own, ``me``.
        """

        def act(call: Call) -> Response:
            id_ = call.account.user_id if mine is not None and call.path["id"] == mine else call.path["id"]
            if self._graph.attributes(kind, id_, call.viewer) is None:
                raise not_found()
            tree = call.tree(kind)
            refs = self._sorted(call, self._graph.related(kind, id_, name, call.viewer))
            page, cursor = page_of(refs, call.query.get("page[cursor]"), short=self._settings.short_pages)
            document: dict[str, Any] = {"data": page, "links": links(call.address, call.query, cursor)}
            if "include" in call.query:
                writer = Writer(self._graph, self._settings, call.viewer)
                for ref in page:
                    if name in tree:
                        writer.embed(ref, tree[name])
                document["included"] = writer.included()
            return JsonApiResponse(document)

        return act

    @staticmethod
    def _sorted(call: Call, refs: list[Ref]) -> list[Ref]:
        match call.query.get("sort"):
            case None | "itemIndex":
                return refs
            case "-itemIndex":
                return refs[::-1]
            case "addedAt":
                return sorted(refs, key=lambda ref: str(ref.get("meta", {}).get("addedAt", "")))
            case "-addedAt":
                return sorted(refs, key=lambda ref: str(ref.get("meta", {}).get("addedAt", "")), reverse=True)
            case _:
                raise bad_request("sort", "Sort is not simulated, or unknown")

    def search(self, call: Call) -> Response:
        """``GET /searchResults``."""
        query = ",".join(call.filters("query").get("query", ()))
        if "filter[query]" in call.query:
            query = call.query["filter[query]"]
        if not query.strip() or len(query) > MAX_QUERY_LENGTH:
            raise bad_request("filter[query]", f"query must have 1 to {MAX_QUERY_LENGTH} characters")
        writer = Writer(self._graph, self._settings, call.viewer)
        resource = writer.primary("searchResults", self._search.id_of(query), call.tree("searchResults"))
        document: dict[str, Any] = {"data": [resource], "links": links(call.address, call.query, None)}
        if "include" in call.query:
            document["included"] = writer.included()
        return JsonApiResponse(document)

    def old_search(self, call: Call) -> Response:
        """``GET /searchResults/{query}``, which left the description in August 2026."""
        if not self._settings.old_search:
            raise not_found()
        writer = Writer(self._graph, self._settings, call.viewer)
        id_ = self._search.id_of(call.path["id"])
        resource = writer.primary("searchResults", id_, call.tree("searchResults"))
        if resource is None:
            raise ApiError(500, "Internal server error")
        return self._single(call, writer, resource)
