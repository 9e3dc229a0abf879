"""The bounded memories of this package, and how to empty them."""

from musicconnect.matching.artists import read_channel, read_name
from musicconnect.matching.keys import read_keys
from musicconnect.matching.normalization import canonical
from musicconnect.matching.titles.parsing import read_known, read_text
from musicconnect.matching.titles.youtube import parse_upload, read_description

_CACHED = (
    read_text, read_known, read_name, read_channel, canonical, parse_upload, read_description, read_keys
)  # fmt: skip


def forget() -> None:
    """Empty every cache, so that a measurement starts cold."""
    for cached in _CACHED:
        cached.cache_clear()
