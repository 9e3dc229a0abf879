"""What the path of a player's file says about the recording, and which way round a title beside it stands."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

SEPARATORS: Final = (" - ", " – ", " — ")
"""Between artist and title."""
SOUNDS: Final = (
    "mp3|m4a|m4b|m4p|flac|ogg|oga|opus|wav|wma|aac|aiff?|alac|ape|wv|mpc|dsf|dff|mka|mp2|mid|mp4|m4v|webm|"
    "mkv|3gp"
)
"""Extensions of what players play."""
_EXTENSION: Final = re.compile(r"\.[a-z0-9]{2,4}$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^(?:\d{1,2}-)?\d{1,3}(?:\s*[.)_-]\s*|\s+)(?=\D)")
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_FILES: Final = {"file", "smb", "nfs", "afp", "ftp", "sftp"}
"""Schemes of addresses that are paths."""
_TELLING_LENGTH: Final = 3
"""Letters of a file's name that can be no accident."""
_MAX_SHOWN: Final = 2_000
"""Characters of a title that is compared with a path, at each of its dashes."""
_MAX_SPLITS: Final = 20
"""Dashes of a title, the first ones."""
_NOT_WORD: Final = re.compile(r"[\W_]+")
_LIBRARIES: Final = {
    "music", "musik", "musique", "musica", "música", "muziek", "muzyka", "музыка", "my music",
    "eigene musik", "itunes music", "itunes", "media.localized", "itunes media", "mp3", "mp3s", "audio",
    "songs", "ミュージック",
}  # fmt: skip
"""Folders in which artists' folders lie."""
_UNKNOWN: Final = {
    "unknown artist",
    "unknown album",
    "various artists",
    "compilations",
    "unbekannter interpret",
}


@dataclass(frozen=True, slots=True)
class PathParts:
    """What a path is made of."""

    folders: tuple[str, ...]
    """Below the library, without the drive."""
    title: str
    """The file's name without number and extension."""
    artist: str | None = None
    """Of a file that is named ``Artist - Title``."""
    stem: str = ""
    """The file's name without number and extension, artist included."""

    @property
    def named_folders(self) -> tuple[str | None, str | None]:
        """Give the folders that are an artist and an album, where there are such."""
        folders = self.folders
        if len(folders) >= 2:
            return _known(folders[-2]), _known(folders[-1])
        return None, None


def split_path(line: str) -> PathParts | None:
    """Split a path, or an address of a file; None for the address of anything else."""
    path, library = line.strip(), False
    if _ADDRESS.match(path) and not _DRIVE.match(path):
        try:
            parts = urlsplit(path)
        except ValueError:
            return None
        if parts.scheme.lower() not in _FILES:
            return None
        path = parts.path
    if "%" in path and " " not in path:  # as in an address
        path = unquote(path)
    *folders, name = [part for part in re.split(r"[\\/]", path) if part not in {"", ".", ".."}] or [""]
    folders = [folder for folder in folders if not folder.endswith(":")]
    for at in range(len(folders) - 1, -1, -1):
        if folders[at].lower() in _LIBRARIES:
            folders, library = folders[at + 1 :], True
            break
    if library and len(folders) == 1:  # the artist's only
        folders = [folders[0], ""]
    title = _NUMBER.sub("", _EXTENSION.sub("", name)).strip()
    artist, rest = split_title(title)
    if artist:
        return PathParts(tuple(folders), _NUMBER.sub("", rest).strip(), artist, title)
    return PathParts(tuple(folders), title, None, title)


def split_title(text: str) -> tuple[str, str]:
    """Split ``Artist - Title`` at the first separator; the artist is empty where there is none."""
    found = [(at, sign) for sign in SEPARATORS if (at := text.find(sign)) > 0]
    if not found:
        return "", text
    at, sign = min(found)
    return text[:at].strip(), text[at + len(sign) :].strip()


def orientation(shown: str, path: PathParts | None) -> tuple[str, str, int] | None:
    """Split a title that a list shows the way that its path tells; None where the path tells nothing.

    iTunes and Music.app write ``Title - Artist``, all others ``Artist - Title``.

    Args:
        shown: What stands in the list.
        path: Of the file.

    Returns:
        Artist, title, and 1 where the artist stands first, -1 where it stands last.
    """
    if path is None or len(shown) > _MAX_SHOWN:
        return None
    folders = {_key(folder) for folder in path.folders if folder} - {""}
    stem, artist = _key(path.stem), _key(path.artist or "")
    told = [folders]  # whose names tell the artist, the surest first
    told += [{artist}] if artist else []
    for names in told:
        for left, right in _splits(shown):
            if _key(left) in names:
                return left, right, 1
            if _key(right) in names:
                return right, left, -1
        for left, right in _splits(shown) if len(stem) >= _TELLING_LENGTH else []:
            if _key(left) == stem != _key(right):
                return right, left, -1
            if _key(right) == stem != _key(left):
                return left, right, 1
    return None


def _splits(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for sign in SEPARATORS:
        at = text.find(sign)
        while at > 0 and len(found) < _MAX_SPLITS:
            found.append((text[:at].strip(), text[at + len(sign) :].strip()))
            at = text.find(sign, at + 1)
    return found


def _key(text: str) -> str:
    return _NOT_WORD.sub("", text.casefold())


def _known(folder: str) -> str | None:
    return folder if folder and folder.lower() not in _UNKNOWN else None
