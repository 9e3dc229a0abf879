"""Ids, codes and dice that depend on nothing but a name."""

import hashlib
import random
import string
from collections.abc import Sequence

_BASE62 = string.digits + string.ascii_lowercase + string.ascii_uppercase
_BASE64 = string.ascii_letters + string.digits + "-_"


def _digits(name: str, alphabet: str, length: int) -> str:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest())
    text = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        text.append(alphabet[digit])
    return "".join(text)


def spotify_id(name: str) -> str:
    """22 characters of base 62 that stand for 128 bits, so that the first is never above 7."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16])
    text = ""
    for _ in range(22):
        number, digit = divmod(number, 62)
        text = _BASE62[digit] + text
    return text


def video_id(name: str) -> str:
    """11 characters, as YouTube's."""
    return _digits("video " + name, _BASE64, 11)


def channel_id(name: str) -> str:
    """``UC`` and 22 characters."""
    return "UC" + _digits("channel " + name, _BASE64, 22)


def playlist_id(name: str) -> str:
    """``PL`` and 32 characters, as YouTube's."""
    return "PL" + _digits("playlist " + name, _BASE64, 32)


def isrc(name: str, year: int) -> str:
    """An ISRC under ``ZZ``, which is nobody's country."""
    registrant = _digits("registrant " + name, string.ascii_uppercase, 3)
    return f"ZZ{registrant}{year % 100:02d}{_digits('isrc ' + name, string.digits, 5)}"


def upc(name: str) -> str:
    """13 digits."""
    return "0" + _digits("upc " + name, string.digits, 12)


class Dice(random.Random):
    """Random numbers that depend on a name only."""

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def pick(self, options: Sequence[str]) -> str:
        """One of them."""
        return options[int(self.random() * len(options))]
