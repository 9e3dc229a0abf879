"""Find out how a text is encoded, and give it as UTF-8 with LF or CR LF.

UTF-8 and UTF-16 say what they are. Other bytes are taken line by line: what is not UTF-8 is of the encoding
that the sample speaks for, so a file of mixed lines comes in whole.
"""

import codecs
import io
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Buffer

SAMPLE_BYTES: Final = 262_144
"""From which encoding and line ends are found out."""
CHUNK_BYTES: Final = 262_144
WESTERN: Final = "cp1252"
_MAC: Final = "mac_roman"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32's mark begins like UTF-16's."""
_DECLARED: Final = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']|^#EXTENC:[ \t]*([\w.:-]{1,40})",
    re.MULTILINE,
)
_NO_TEXT: Final = bytes(code for code in range(32) if code not in b"\t\n\x0b\x0c\r\x1a\x1b")
_SIBLINGS: Final = (
    ("iso8859_2", re.compile(rb"[\xb1\xb6\xbc](?=[a-z]{2})|(?<=[a-z\xa3\xb3])[\xb1\xb6\xbc]")),
    ("cp1250", re.compile(rb"(?<=[A-Za-z])[\xb9\xb3\xbf\x9d\x9f](?=[a-z\s,;.]|$)")),
)
"""Signs in Windows-1252 that are letters in its siblings, where they end a word or stand in one."""
_TURKISH: Final = re.compile(rb"(?<=[A-Za-z])[\xf0\xfd\xfe]|[\xdd\xde](?=[a-z])")
_NOT_TURKISH: Final = re.compile(rb"(?<=[A-Za-z])[\xe1\xe6\xe9\xed\xf3\xfa]")
"""Letters of Icelandic, Czech and others that Turkish does not have."""
_LATIN: Final = re.compile(rb"[A-Za-z]")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_MAC_LETTERS: Final = re.compile(rb"(?<=[A-Za-z])[\x80\x81\x83-\x84\x86-\x90\x96-\x9f](?=[a-z])")
"""Within words: letters in MacRoman; in Windows-1252 dashes, marks, and letters of few languages."""
_WESTERN_LETTERS: Final = re.compile(rb"[\xc0-\xff](?=[A-Za-z])|(?<=[A-Za-z])[\xc0-\xff]")
_OTHER_SCRIPTS: Final = [
    "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "shift_jis", "euc_jp", "cp949", "gb18030", "big5",
    "cp1250", "cp1254", "cp874",
]  # fmt: skip
_KANA: Final = re.compile("[\u3041-\u30ff]")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]")
_LONG_LINE: Final = 4_096
"""Bytes; of longer ones only what is no UTF-8 is taken for something else, not the whole line."""


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text is written."""

    encoding: str = "utf-8"
    """Of Python's codecs; ``utf-8`` also for what is not UTF-8 everywhere."""
    mark_bytes: int = 0
    """Of the byte order mark."""
    fallback: str = WESTERN
    """Of lines that are not UTF-8."""
    cr_only: bool = False
    """Whether lines end in CR alone, as old Macs and their programs have it."""
    is_binary: bool = False
    """Whether it is no text at all."""


def detect_form(head: bytes, *, is_whole: bool) -> TextForm:
    """Detect how a text is written.

    Args:
        head: Its first bytes, `SAMPLE_BYTES` if there are as many.
        is_whole: Whether that is all of it.
    """
    encoding, mark = next(((name, len(bom)) for bom, name in _MARKS if head.startswith(bom)), ("", 0))
    if not encoding:
        encoding = _wide(head[:4_096]) or _declared(head) or "utf-8"
    if encoding != "utf-8":
        usable = head[mark : len(head) - (len(head) - mark) % 4]
        text = usable.decode(encoding, "replace").encode("utf-8", "replace")
        return TextForm(encoding, mark, cr_only=_is_cr_only(text), is_binary=_is_binary(text))
    fallback = WESTERN
    try:
        codecs.utf_8_decode(head, "strict", is_whole)
    except UnicodeDecodeError:
        fallback = _fallback(head)
    return TextForm("utf-8", mark, fallback, _is_cr_only(head[mark:]), _is_binary(head[mark:]))


def decode(raw: bytes, form: TextForm) -> str:
    """Decode a piece of a text, without its mark; never fails."""
    raw = raw[form.mark_bytes :] if raw[: form.mark_bytes] in {mark for mark, _ in _MARKS} else raw
    if form.encoding != "utf-8":
        return raw.decode(form.encoding, "replace")
    try:
        return codecs.utf_8_decode(raw, "strict", False)[0]
    except UnicodeDecodeError:
        return b"".join(_repaired(line, form.fallback) for line in raw.splitlines(keepends=True)).decode(
            "utf-8", "replace"
        )


class Utf8Text(io.RawIOBase):
    """A text as UTF-8 with LF or CR LF and without a byte order mark.

    What is plain UTF-8 already costs a check and no copy of its own.

    Args:
        stream: At its beginning.
        form: As `detect_form` found it.
    """

    def __init__(self, stream: IO[bytes], form: TextForm) -> None:
        super().__init__()
        self._stream = stream
        self._form = form
        self._rest = b""
        """Read and not given yet: complete characters."""
        self._held = b""
        """The begin of a character, or a CR whose LF may follow."""
        self._ended = False
        self._decoder = (
            None if form.encoding == "utf-8" else codecs.getincrementaldecoder(form.encoding)("replace")
        )
        if form.mark_bytes:
            stream.read(form.mark_bytes)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        """Read up to as many bytes as fit."""
        view = memoryview(buffer)
        while not self._rest and not self._ended:
            self._fill()
        data, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(data)] = data
        return len(data)

    def _fill(self) -> None:
        data = self._stream.read(CHUNK_BYTES)
        self._ended = not data
        if self._decoder is not None:
            data = self._decoder.decode(data, final=self._ended).encode("utf-8", "replace")
        data, self._held = self._held + data, b""
        if not data.isascii() and self._decoder is None:
            data = self._checked(data)
        if self._form.cr_only:
            if data.endswith(b"\r") and not self._ended and not self._held:
                data, self._held = data[:-1], b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._rest = data

    def _checked(self, data: bytes) -> bytes:
        """Give what is complete of some bytes, in UTF-8; what is not is held back."""
        try:
            _, complete = codecs.utf_8_decode(data, "strict", self._ended)
        except UnicodeDecodeError:
            # Cut behind a line, so that no line is taken half for this and half for that.
            complete = len(data) if self._ended else data.rfind(b"\n") + 1
            if complete == 0 or len(data) - complete > _LONG_LINE:
                complete = len(data)
            self._held = data[complete:]
            lines = data[:complete].splitlines(keepends=True)
            return b"".join(_repaired(line, self._form.fallback) for line in lines)
        self._held = data[complete:]
        return data[:complete]


def _repaired(line: bytes, fallback: str) -> bytes:
    """Give a line in UTF-8; of one that is not, all of it or, if it is long, what is not."""
    try:
        line.decode()
    except UnicodeDecodeError:
        if len(line) > _LONG_LINE:
            return line.decode("utf-8", _BY_FALLBACK[fallback]).encode()
        return _by_fallback(line, fallback).encode()
    return line


def _by_fallback(data: bytes, fallback: str) -> str:
    try:
        return data.decode(fallback)
    except UnicodeDecodeError:  # codes that Windows leaves free
        return data.decode("latin-1" if fallback == WESTERN else fallback, "replace")


def _register(fallback: str) -> str:
    """Register how a codec replaces what is not UTF-8, and give its name."""

    def replaced(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        return _by_fallback(error.object[error.start : error.end], fallback), error.end

    name = f"musicconnect-{fallback}"
    codecs.register_error(name, replaced)
    return name


def _wide(head: bytes) -> str | None:
    """Find UTF-16 without a mark: the upper halves of what every table and list is full of are NUL."""
    if len(head) < 4 or b"\x00" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half // 10 and odd > 10 * even:
        return "utf-16-le"
    if even > half // 10 and even > 10 * odd:
        return "utf-16-be"
    return None


def _declared(head: bytes) -> str | None:
    """Give the encoding that an XML document or a list of a player's names, if it is one that we know."""
    found = _DECLARED.search(head[:1_024])
    # Nothing else looks like UTF-8 by accident.
    if found is None or (not head.isascii() and _is_utf8(head)):
        return None
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii", "replace")).name
    except LookupError:
        return None
    is_text = getattr(codecs.lookup(name), "_is_text_encoding", True)
    # UTF-16 that could be read as bytes is none.
    return None if not is_text or name.startswith(("utf-16", "utf-32", "utf-7", "ascii")) else name


def _fallback(head: bytes) -> str:
    """Give the encoding of lines that are not UTF-8.

    Windows-1252, its siblings and MacRoman are told apart by where their letters stand. Scripts other than
    Latin fill words with high bytes: those are a detector's affair.
    """
    wrong = (line for line in re.split(rb"[\r\n]+", head) if len(line) <= _LONG_LINE and not _is_utf8(line))
    lines = b"\n".join(wrong)[:65_536]
    high, latin = len(_HIGH.findall(lines)), len(_LATIN.findall(lines))
    runs = sum(len(run) for run in re.findall(rb"[\x80-\xff]{3,}", lines))
    if high >= 12 and runs > high // 2 and high > latin // 8:
        return _detected(lines) or WESTERN
    for name, signs in _SIBLINGS:
        if signs.search(lines):
            return name
    if len(_TURKISH.findall(lines)) > 1 and not _NOT_TURKISH.search(lines):
        return "cp1254"
    mac, western = len(_MAC_LETTERS.findall(lines)), len(_WESTERN_LETTERS.findall(lines))
    return _MAC if mac > western else WESTERN


def _detected(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few files need it

    # Short lists of names are little for a detector; kana are no accident.
    for name in ("shift_jis", "euc_jp"):
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        foreign = sum(not sign.isascii() for sign in text)
        if len(_KANA.findall(text)) * 25 >= foreign and len(_HALF_KANA.findall(text)) * 10 < foreign:
            return name
    best = from_bytes(sample, cp_isolation=_OTHER_SCRIPTS, preemptive_behaviour=False).best()
    return None if best is None else best.encoding


def _is_utf8(line: bytes) -> bool:
    try:
        codecs.utf_8_decode(line, "strict", False)
    except UnicodeDecodeError:
        return False
    return True


def _is_cr_only(head: bytes) -> bool:
    alone = head.count(b"\r") - head.count(b"\r\n") - (1 if head.endswith(b"\r") else 0)
    alone = max(alone, 1) if head.endswith(b"\r") and b"\n" not in head else alone
    return (alone > 0 and head.count(b"\n") * 10 < alone) or (alone > 0 and b"\n" not in head)


def _is_binary(head: bytes) -> bool:
    """Tell what is no text: signs that texts do not have, more than a few."""
    begin = head[:4_096]
    wrong = len(begin) - len(begin.translate(None, _NO_TEXT))
    return wrong * 50 > len(begin) and (wrong > 3 or wrong * 4 > len(begin))


_BY_FALLBACK: Final = {name: _register(name) for name in (WESTERN, _MAC, "iso8859_2", *_OTHER_SCRIPTS)}
"""Names of error handlers, by encoding."""
