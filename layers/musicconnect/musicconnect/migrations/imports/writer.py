"""Write what is read of a file where the engine expects it."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from psycopg import Connection

from musicconnect.files.archives import Upload
from musicconnect.files.errors import BudgetError, UnreadableError
from musicconnect.migrations.engine.stages.read import rows_of
from musicconnect.migrations.imports import linked_playlists, store, tracks
from musicconnect.migrations.imports.store import ImportRow, Result
from musicconnect.migrations.jobs_store import MigrationRequest, insert_job, insert_playlists
from musicconnect.migrations.schemas import MAX_PLAYLISTS
from musicconnect.music.model import Playlist, PlaylistItem
from musicconnect.platform import clock
from musicconnect.platform.database import dedicated_connection
from musicconnect.platform.status import Status, sentence
from musicconnect.platform.text import storable
from musicconnect.platform.work.lease import DURATION, Lease, LeaseLostError
from musicconnect.playlist_files import readers
from musicconnect.playlist_files.model import Entry, PlaylistHeader, PlaylistLink
from musicconnect.providers.registry import FILE

MAX_ENTRIES: Final = 100_000
"""Of all playlists of a file together."""


BATCH: Final = 1_000
"""Entries per statement."""


MAX_BATCH_LENGTH: Final = 4_000_000
"""Characters of titles and artists per statement: entries may have fifty artists of a thousand each."""
MAX_FAILURES: Final = 100
MAX_NAMED: Final = 3
"""Files of an archive that a sentence names."""


UNNAMED: Final = "Imported playlist"


@dataclass(slots=True)
class _Playlist:
    id: int
    head: PlaylistHeader
    entries: int = 0
    failed: int = 0
    has_links: bool = False
    """Whether it has entries of which a link says everything."""


@dataclass(slots=True)
class _Contents:
    """What was read so far, of the whole file or of one in a zip."""

    playlists: list[_Playlist] = field(default_factory=list)
    entries: int = 0
    names: set[str] = field(default_factory=set)
    """Source ids of playlists that are in use."""
    linked: dict[tuple[str, str], int] = field(default_factory=dict)
    """Playlists that lines lead to, by provider and id, with their lines."""

    def copy(self) -> "_Contents":
        """Remember what was read up to here."""
        return _Contents(list(self.playlists), self.entries, set(self.names), dict(self.linked))


class ImportWriter:
    """Writes what is read where the engine expects it."""

    def __init__(self, connection: Connection[Any], user_id: int, row: ImportRow, lease: Lease) -> None:
        self._connection = connection
        self._user_id = user_id
        self._row = row
        self._lease = lease
        self._now = clock.now()
        self._request = MigrationRequest(
            FILE,
            row.target_provider,
            row.as_copy,
            row.remove_missing,
            row.dry_run,
            import_id=row.id,
            source_file=row.file_name,
        )
        self._job_id: int | None = None
        self._linked_ids: list[int] = []
        self._formats: list[str] = []
        self._failures: list[dict[str, Any]] = []
        self._failed = 0
        self._contents = _Contents()
        self._rows: list[dict[str, Any]] = []
        self._length = 0

    @property
    def playlist_ids(self) -> list[int]:
        """Give the ids of the playlists that were added."""
        return [*(playlist.id for playlist in self._contents.playlists), *self._linked_ids]

    def write(self, upload: Upload) -> Result:
        """Read all files into one migration, and one for each provider whose playlists they link to.

        Raises `UnreadableError` for no playlist, or too much.
        """
        for unread in upload.unread:
            self._report(readers.ReadError(unread.name, 0, unread.reason))
        for source in readers.sources(upload, self._row.file_name):
            self._add_file(source, is_alone=not upload.is_archive)
        contents = self._contents
        if not contents.playlists and not contents.linked:
            raise UnreadableError(f"Nothing in the file can be read as a playlist. {self._why_nothing()}")
        self._add_linked()
        playlists = len(contents.playlists) + len(contents.linked)
        counts = {"playlists": playlists, "entries": contents.entries, "failed": self._failed}
        if contents.linked:
            counts["linked"] = len(contents.linked)
        return Result(
            status="completed",
            state=Status("import-completed", {"provider": self._row.target_provider, **counts}),
            formats=self._formats,
            playlists=playlists,
            entries=contents.entries,
            failed=self._failed,
            failures=self._failures,
        )

    @property
    def failed(self) -> int:
        """Count rows, and files of an archive, that could not be read."""
        return self._failed

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Give the first of them."""
        return self._failures

    def _why_nothing(self) -> str:
        """Tell what is wrong with the first files, or what can be read at all."""
        said = [
            fault["reason"] if fault["file"] in fault["reason"] else f"{fault['file']}: {fault['reason']}"
            for fault in self._failures[:MAX_NAMED]
            if fault["file"]
        ]
        if self._failures and not said:
            return " ".join(
                sentence(f"Line {fault['line']}: {fault['reason']}") for fault in self._failures[:MAX_NAMED]
            )
        return " ".join([*(text if text.endswith(".") else f"{text}." for text in said), readers.NOT_KNOWN])

    def _add_file(self, source: readers.Source, *, is_alone: bool) -> None:
        """Read one file, all of it or, if it is damaged, nothing."""
        before = self._contents.copy()
        try:
            recognised = readers.detect_format(source)
            if not isinstance(recognised, readers.DetectedPlaylistFormat):
                raise UnreadableError(recognised or readers.not_known(source.name if is_alone else ""))
            with self._connection.transaction():
                self._add_playlists(source, recognised)
        except BudgetError:
            raise
        except UnreadableError as error:
            if is_alone:
                raise
            self._contents = before
            self._rows.clear()
            self._length = 0
            self._report(readers.ReadError(source.name, 0, str(error)))
            return
        if recognised.format not in self._formats:
            self._formats.append(recognised.format)

    def _add_playlists(self, source: readers.Source, recognised: readers.DetectedPlaylistFormat) -> None:
        heads: dict[int, _Playlist] = {}
        current: _Playlist | None = None
        for part in readers.read_source(source, recognised, self._report):
            if isinstance(part, PlaylistHeader):
                # The same object again continues its playlist. A reference to it keeps its id its own.
                current = heads.get(id(part)) or self._begin(part)
                heads[id(part)] = current
            elif isinstance(part, PlaylistLink):
                self._link(part, source)
            elif current is not None:
                self._add(current, part)
        self._flush()
        for playlist in heads.values():
            store.skip_reading(
                self._connection,
                playlist.id,
                description=playlist.head.description or "",
                entries=playlist.entries,
                failed=playlist.failed,
                has_links=playlist.has_links,
            )

    def _link(self, link: PlaylistLink, source: readers.Source) -> None:
        """Take a line that leads to a playlist, or say why not."""
        place, linked = (link.provider, link.provider_playlist_id), self._contents.linked
        refusal = (
            f"it is the same playlist as in line {linked[place]}"
            if place in linked
            else linked_playlists.refusal(self._connection, link.provider, self._row.target_provider)
        )
        if refusal is not None:
            self._report(readers.ReadError(source.member.name, link.line, refusal))
            return
        self._require_room()
        linked[place] = link.line

    def _add_linked(self) -> None:
        """Add the migrations that read, from each provider, what lines lead to."""
        for provider in dict.fromkeys(provider for provider, _ in self._contents.linked):
            ids = [playlist_id for of, playlist_id in self._contents.linked if of == provider]
            request = replace(self._request, source_provider=provider, source_file=None)
            self._linked_ids += insert_playlists(
                self._connection,
                self._begin_job(request),
                linked_playlists.named(self._connection, provider, ids),
                request,
                self._now,
            )

    def _begin_job(self, request: MigrationRequest) -> int:
        job_id = insert_job(self._connection, request, self._now)
        if job_id is None:
            raise LeaseLostError
        return job_id

    def _require_room(self) -> None:
        if len(self._contents.playlists) + len(self._contents.linked) == MAX_PLAYLISTS:
            raise TooLargeError(f"The file has more than {MAX_PLAYLISTS} playlists. Send it in parts.")

    def _begin(self, head: PlaylistHeader) -> _Playlist:
        contents = self._contents
        self._require_room()
        if self._job_id is None:
            self._job_id = self._begin_job(self._request)
        source_id, copies = tracks.playlist_id_of(head), 1
        while source_id in contents.names:
            copies += 1
            source_id = f"{tracks.playlist_id_of(head)}#{copies}"
        contents.names.add(source_id)
        name = storable(head.name).strip()[: tracks.MAX_TEXT_LENGTH] or UNNAMED
        (playlist_id,) = insert_playlists(
            self._connection,
            self._job_id,
            [Playlist(provider=FILE, id=source_id, name=name, track_count=0)],
            self._request,
            self._now,
        )
        playlist = _Playlist(playlist_id, head)
        contents.playlists.append(playlist)
        return playlist

    def _add(self, playlist: _Playlist, entry: Entry) -> None:
        if self._contents.entries == MAX_ENTRIES:
            raise TooLargeError(f"The file has more than {MAX_ENTRIES:,} entries. Send it in parts.")
        track = tracks.track_of(entry)
        (row,) = rows_of([PlaylistItem(position=entry.position, track=track)], entry.position)
        row["playlist_migration_id"] = playlist.id
        row["source"]["provider"] = track.provider
        self._rows.append(row)
        playlist.entries += 1
        playlist.failed += row["status"] == "failed"
        playlist.has_links |= track.provider != FILE and not track.title
        self._contents.entries += 1
        self._length += len(row["source_title"]) + len(row["source_artist"] or "")
        if len(self._rows) >= BATCH or self._length >= MAX_BATCH_LENGTH:
            self._flush()

    def _flush(self) -> None:
        self._extend_lease()
        if self._rows:
            assert self._job_id is not None  # a row has its playlist, and that its job
            store.add_tracks(self._connection, self._job_id, self._rows, self._now)
            self._rows.clear()
            self._length = 0

    def _extend_lease(self) -> None:
        """Extend a lease that is half over, beside the transaction, which ends only with the file."""
        if self._lease.until - clock.now() > DURATION / 2:
            return
        self._lease = self._lease.extended()
        with dedicated_connection() as database, database.transaction(self._user_id) as connection:
            if not store.extend_lease(connection, self._lease):
                raise LeaseLostError

    def _report(self, fault: readers.ReadError) -> None:
        self._failed += 1
        if len(self._failures) < MAX_FAILURES:
            self._failures.append(
                {"file": fault.file[:200], "line": fault.line, "reason": fault.reason[:300]}
            )


class TooLargeError(BudgetError):
    """The file is larger than an import may be."""
