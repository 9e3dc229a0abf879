"""Open an upload: a file, or a zip, gzip or tar of files, one within the other, unpacked as a stream.

What something is, its first bytes say. Nothing is ever written by its name; archives within archives are kept
in memory, from `SPOOL_BYTES` on in a temporary file.
"""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from gzip import GzipFile
from types import TracebackType
from typing import IO, Final, Self, cast

from musicconnect.files import encodings
from musicconnect.files.budget import MIB, Budget
from musicconnect.files.encodings import SAMPLE_BYTES, TextForm, Utf8Text
from musicconnect.files.errors import BudgetError, UnreadableError
from musicconnect.files.streams import CappedReads, KeptOpen, counted, translated, wrapped

MAX_DEPTH: Final = 5
"""Layers of zip, gzip and tar one within the other; what Apple sends has three, a tar.gz has two."""
SPOOL_BYTES: Final = 16 * MIB
MAX_SPOOLED_BYTES: Final = 384 * MIB
"""Of all archives within archives: a function has 512 MB of disk."""
MAX_DIRECTORY_BYTES: Final = 8 * MIB
"""Of what a zip says of its members, and of any header of a tar."""
_SPREADSHEET: Final = ("xl/workbook.xml", "[Content_Types].xml")
_NOISE: Final = (".DS_Store", "Thumbs.db", "desktop.ini")
_FOREIGN: Final = (
    (b"Rar!", "a RAR archive"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"), (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
)  # fmt: skip
UNPACK: Final = "Unpack it, and send what is inside, or a zip of that."
SAVE_AS_CSV: Final = "Open it and save the sheet as CSV (UTF-8)."


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in an upload that cannot be read."""

    name: str
    reason: str
    """With advice, for the person."""


@dataclass(slots=True)
class Member:
    """One file of an upload. It can be opened again and again, one opening at a time."""

    name: str
    """With the names of the archives around it, by slashes; empty for a file that was sent as it is."""
    _open: Callable[[], IO[bytes]]
    _budget: Budget
    _form: TextForm | None = field(default=None, init=False)

    @property
    def form(self) -> TextForm:
        """Tell how it is written, as a text. Raises `UnreadableError`."""
        if self._form is None:
            self.head()
        assert self._form is not None
        return self._form

    def head(self) -> bytes:
        """Give its first `SAMPLE_BYTES`, as they are. Raises `UnreadableError`."""
        with self.open() as stream:
            head = stream.read(SAMPLE_BYTES)
        self._form = encodings.detect_form(head, is_whole=len(head) < SAMPLE_BYTES)
        return head

    def head_text(self) -> str:
        """Give its beginning as text, with LF or CR LF, without a cut last line. Raises `UnreadableError`."""
        head = self.head()
        text = encodings.decode(head, self.form)
        if self.form.cr_only:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(head) == SAMPLE_BYTES:
            text = text.rpartition("\n")[0] or text
        return text

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open it at its beginning, as bytes.

        Raises:
            UnreadableError: it is damaged or encrypted. `BudgetError` when a limit is reached.
        """
        with wrapped(counted(self._open, self._budget, self.name, has_rows=True)) as stream:
            yield stream

    @contextmanager
    def open_text(self, offset: int = 0) -> Iterator[IO[bytes]]:
        """Open it as UTF-8 with LF or CR LF and no mark, at an offset into that text.

        The way to the offset costs time, but none of the bytes and rows of the budget.
        """
        before = (self._budget.unpacked_bytes, self._budget.rows)
        form = self.form
        with self.open() as stream:
            text = wrapped(Utf8Text(stream, form))
            left = offset
            while left > 0 and (data := text.read(min(left, SAMPLE_BYTES))):
                left -= len(data)
                self._budget.forgive(*before)
            yield text


@dataclass(slots=True)
class Upload(AbstractContextManager["Upload"]):
    """What was uploaded; closes what it opened."""

    members: list[Member]
    """In an order that is always the same."""
    is_archive: bool
    unread: list[Unread]
    budget: Budget
    _opened: list[IO[bytes] | zipfile.ZipFile]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened, not the file that was given."""
        while self._opened:
            self._opened.pop().close()


def open_upload(file: IO[bytes], budget: Budget, *, name: str = "") -> Upload:
    """Open what was uploaded.

    Args:
        file: Seekable; the caller's to close.
        budget: Of the whole upload.
        name: What it is called, for messages only.

    Raises:
        UnreadableError: it is an archive that cannot be read, or something that has to be unpacked first.
            What is wrong with archives within it stands in `Upload.unread`.
        BudgetError: it holds more than it may.
    """
    walk = _Walk(budget)
    upload = Upload(walk.members, False, walk.unread, budget, walk.opened)
    try:
        upload.is_archive = walk.root(file, name)
    except BaseException:
        upload.close()
        raise
    return upload


class _Walk:
    """Finds the files in archives."""

    def __init__(self, budget: Budget) -> None:
        self.members: list[Member] = []
        self.unread: list[Unread] = []
        self.opened: list[IO[bytes] | zipfile.ZipFile] = []
        self._budget = budget
        self._spooled = 0

    def root(self, file: IO[bytes], name: str) -> bool:
        """Take the upload itself; tells whether it is an archive of files."""

        def begin() -> IO[bytes]:
            file.seek(0)
            return cast("IO[bytes]", KeptOpen(file))

        self._take(begin, "", 0, file, f'"{name}"' if name else "The file")
        return not (len(self.members) == 1 and not self.members[0].name)

    def _take(
        self, begin: Callable[[], IO[bytes]], name: str, depth: int, file: IO[bytes] | None, said: str
    ) -> None:
        """Take a file or what is in it.

        Args:
            begin: Opens it at its beginning.
            name: See `Member.name`.
            depth: Layers around it.
            file: It, where it can be sought in.
            said: What messages call it.
        """
        with wrapped(counted(begin, self._budget, said), 1024) as stream:
            head = stream.read(1024)
        foreign = next((what for magic, what in _FOREIGN if head.startswith(magic)), None)
        is_archive = head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or head[257:262] == b"ustar"
        if foreign is not None:
            raise UnreadableError(f"{said} is {foreign}. {UNPACK}")
        if not is_archive:
            self.members.append(Member(name, begin, self._budget))
            return
        if depth == MAX_DEPTH:
            raise UnreadableError(f"{said} is an archive within {MAX_DEPTH} archives. {UNPACK}")
        if head.startswith(b"\x1f\x8b"):

            def unzipped() -> IO[bytes]:
                return cast("IO[bytes]", GzipFile(fileobj=wrapped(counted(begin, self._budget, said))))

            self._take(unzipped, name, depth + 1, None, said)
        elif head.startswith(b"PK"):
            self._zip(file or self._spool(begin, said), name, depth, said)
        else:
            self._tar(begin, name, depth, file, said)

    def _inside(self, begin: Callable[[], IO[bytes]], name: str, depth: int) -> None:
        """Take a file of an archive; what is wrong with it is its own affair."""
        try:
            self._take(begin, name, depth, None, f'"{name}"')
        except BudgetError:
            raise
        except UnreadableError as error:
            self.unread.append(Unread(name, str(error)))

    def _zip(self, file: IO[bytes], name: str, depth: int, said: str) -> None:
        capped = CappedReads(file, MAX_DIRECTORY_BYTES)
        with translated(said, "The zip file is damaged or incomplete"):
            archive = zipfile.ZipFile(cast("IO[bytes]", capped))
        self.opened.append(archive)
        capped.limit = None
        infos = [info for info in archive.infolist() if not info.is_dir() and not _is_noise(info.filename)]
        if any(info.filename in _SPREADSHEET for info in infos):
            raise UnreadableError(f"{said} is a spreadsheet or document of an office program. {SAVE_AS_CSV}")
        if any(info.flag_bits & 1 for info in infos):
            raise UnreadableError(f"{said}: the zip file is encrypted. Send it without a password.")
        self._budget.require(sum(info.file_size for info in infos))
        for info in infos:
            self._budget.count_member()
            self._inside(_opener(archive, info), _joined(name, info.filename), depth + 1)

    def _tar(
        self, begin: Callable[[], IO[bytes]], name: str, depth: int, file: IO[bytes] | None, said: str
    ) -> None:
        from musicconnect.files.tars import ForwardStream, TarStream, list_members  # noqa: PLC0415 - few are

        places = []
        try:
            with translated(said, "The tar file is damaged or incomplete"), ExitStack() as stack:
                if file is None:
                    stream = stack.enter_context(wrapped(counted(begin, self._budget, said)))
                    headers = cast("IO[bytes]", ForwardStream(stream))
                else:
                    headers = file
                    headers.seek(0)
                for place in list_members(cast("IO[bytes]", CappedReads(headers, MAX_DIRECTORY_BYTES))):
                    self._budget.count_member()
                    if place.is_file and not _is_noise(place.name):
                        places.append(place)
        except BudgetError:
            raise
        except UnreadableError as error:
            if not places:
                raise
            self.unread.append(Unread(name, f"{error} What stands before that is read."))
        shared = TarStream(begin, file)
        self.opened.append(cast("IO[bytes]", shared))
        for place in places:
            begin_member = shared.opener(place.offset, place.size_bytes)
            self._inside(begin_member, _joined(name, place.name), depth + 1)

    def _spool(self, begin: Callable[[], IO[bytes]], said: str) -> IO[bytes]:
        """Keep an archive within an archive where it can be sought in."""
        from tempfile import SpooledTemporaryFile  # noqa: PLC0415 - few uploads have archives in archives

        spool = cast("IO[bytes]", SpooledTemporaryFile(SPOOL_BYTES))  # noqa: SIM115 - closed by `Upload`
        self.opened.append(spool)
        with wrapped(counted(begin, self._budget, said)) as stream:
            while data := stream.read(MIB):
                self._spooled += len(data)
                if self._spooled > MAX_SPOOLED_BYTES:
                    raise UnreadableError(f"{said} is too large for an archive within an archive. {UNPACK}")
                spool.write(data)
        return spool


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _joined(outer: str, inner: str) -> str:
    return f"{outer}/{inner}" if outer else inner


def _is_noise(name: str) -> bool:
    """Tell what systems put beside people's files."""
    base = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or "/__MACOSX/" in name or base.startswith("._") or base in _NOISE
