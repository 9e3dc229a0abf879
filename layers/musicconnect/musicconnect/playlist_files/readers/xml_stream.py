"""XML read as a stream: no entities, no DTD unless it is asked for, in constant memory."""

import re
from collections.abc import Iterator
from typing import Any, Final, cast
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException, EntitiesForbidden
from defusedxml.ElementTree import DefusedXMLParser

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files.readers.source import CHUNK_SIZE, Source

MAX_DEPTH: Final = 50
"""Elements one in another."""
_BARE: Final = re.compile(rb"&(?!#\d{1,7};|#x[0-9A-Fa-f]{1,6};|[A-Za-z_:][\w:.-]{0,60};)")
_REFERENCE_BYTES: Final = 64
"""Of the longest reference: what may go on in the next piece."""


def feed(source: Source, target: Any, *, forbid_dtd: bool = True) -> Iterator[None]:
    """Feed a document to a target (`xml.etree.ElementTree.XMLParser`), a piece a step.

    Raises:
        UnreadableError: it is no XML, with line and column, or has what it may not have.
    """
    # It comes as UTF-8, whatever the document says of itself.
    parser = cast("Any", DefusedXMLParser(target=target, encoding="utf-8", forbid_dtd=forbid_dtd))
    with source.open() as stream:
        try:
            for data in _mended(iter(lambda: stream.read(CHUNK_SIZE), b"")):
                parser.feed(data)
                yield
            parser.close()
        except (ParseError, LookupError, ValueError) as error:
            raise UnreadableError(f"The XML cannot be read: {_why(error)}.") from error
    yield


def _why(error: Exception) -> str:
    if isinstance(error, EntitiesForbidden):
        return "it defines entities"
    return "it has a DTD" if isinstance(error, DefusedXmlException) else str(error)


def _mended(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Escape every ``&`` that begins no reference: players write addresses as they are."""
    held = b""
    for chunk in chunks:
        data = held + chunk
        cut = data.rfind(b"&", -_REFERENCE_BYTES)
        data, held = (data[:cut], data[cut:]) if cut >= 0 else (data, b"")
        yield _BARE.sub(b"&amp;", data) if b"&" in data else data
    yield _BARE.sub(b"&amp;", held)
