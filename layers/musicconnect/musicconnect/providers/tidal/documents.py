"""Read JSON:API documents: what refers to what.

Tolerant on purpose: members may be absent or null, new ones are ignored. A relationship without ``data`` was
not asked for, and says nothing about what is there; what ``data`` names and ``included`` lacks is gone, or
not to be had in the person's country.
"""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, Field


class LinksMeta(BaseModel):
    """What stands beside links."""

    next_cursor: str | None = Field(default=None, alias="nextCursor")


class Links(BaseModel):
    """Where the next page is."""

    meta: LinksMeta | None = None

    @property
    def cursor(self) -> str | None:
        """The cursor of the next page; None on the last."""
        return self.meta.next_cursor if self.meta else None


class PlaceMeta(BaseModel):
    """What is known of a place in a list."""

    item_id: str | None = Field(default=None, alias="itemId")
    added_at: datetime | None = Field(default=None, alias="addedAt")


class Ref(BaseModel):
    """A resource identifier."""

    type: str
    id: str
    meta: PlaceMeta | None = None


class Relationship(BaseModel):
    """What a resource refers to."""

    data: list[Ref] | Ref | None = None
    links: Links | None = None

    def refs(self) -> list[Ref]:
        """List what it refers to; nothing where it was not asked for."""
        if self.data is None:
            return []
        return self.data if isinstance(self.data, list) else [self.data]


class PictureMeta(BaseModel):
    """How large a picture is."""

    width: int | None = None


class Picture(BaseModel):
    """A picture in one size."""

    href: str | None = None
    meta: PictureMeta | None = None


class ExternalLink(BaseModel):
    """Where something is shown to people."""

    href: str | None = None


class Attributes(BaseModel):
    """What we read of any resource."""

    title: str | None = None
    version: str | None = None
    name: str | None = None
    description: str | None = None
    isrc: str | None = None
    duration: str | None = None
    explicit: bool | None = None
    popularity: float | None = None
    ai: bool | None = None
    media_tags: list[str] | None = Field(default=None, alias="mediaTags")
    release_date: str | None = Field(default=None, alias="releaseDate")
    barcode: str | None = Field(default=None, alias="barcodeId")
    access_type: str | None = Field(default=None, alias="accessType")
    playlist_type: str | None = Field(default=None, alias="playlistType")
    count: int | None = Field(default=None, alias="numberOfItems")
    changed_at: str | None = Field(default=None, alias="lastModifiedAt")
    country: str | None = None
    first_name: str | None = Field(default=None, alias="firstName")
    files: list[Picture] | None = None
    subscription: list[str] | None = None
    free: list[str] | None = None


class Resource(BaseModel):
    """Anything."""

    type: str
    id: str
    attributes: Attributes = Attributes()
    relationships: dict[str, Relationship] = {}

    def refs(self, name: str) -> list[Ref]:
        """List what a relationship refers to."""
        relationship = self.relationships.get(name)
        return relationship.refs() if relationship else []


class Included(BaseModel):
    """Answers with resources beside what was asked for: a set, in no order."""

    included: list[Resource] = []

    def find(self, ref: Ref) -> Resource | None:
        """Find what is referred to; None where TIDAL does not show it."""
        return self._by_key.get((ref.type, ref.id))

    def related(self, resource: Resource, name: str) -> Iterator[Resource]:
        """Give what a relationship refers to and TIDAL shows, in order."""
        for ref in resource.refs(name):
            found = self.find(ref)
            if found is not None:
                yield found

    @property
    def _by_key(self) -> dict[tuple[str, str], Resource]:
        if self._index is None:
            self._index = {(one.type, one.id): one for one in self.included}
        return self._index

    _index: dict[tuple[str, str], Resource] | None = None


class One(Included):
    """A document about one resource."""

    data: Resource


class Several(Included):
    """A document about several resources."""

    data: list[Resource]
    links: Links | None = None


class Members(Included):
    """A page of a relationship."""

    data: list[Ref]
    links: Links | None = None


class Skipped(BaseModel):
    """What a write left out."""

    type: str
    id: str
    reason: str | None = None


class AddMeta(BaseModel):
    """What a write tells beside."""

    skipped: list[Skipped] | None = None


class AddResult(BaseModel):
    """What a write into a list did."""

    data: list[Ref]
    meta: AddMeta | None = None

    def skipped(self) -> list[Skipped]:
        """List what was left out."""
        return (self.meta.skipped if self.meta else None) or []
