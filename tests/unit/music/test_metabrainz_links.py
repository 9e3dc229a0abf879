"""Links of ListenBrainz and of MusicBrainz' recordings."""

import pytest

from musicconnect.music import links
from musicconnect.music.model import ItemType

ID = "8f3471b5-7e6a-48da-86a9-c1c07a0f47ae"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"https://listenbrainz.org/playlist/{ID}/", ItemType.PLAYLIST),
        (f"listenbrainz.org/track/{ID.upper()}", ItemType.TRACK),
        (f"https://musicbrainz.org/recording/{ID}?tport=8000", ItemType.TRACK),
    ],
)
def test_what_is_recognised(text: str, kind: ItemType) -> None:
    found = links.parse(text)
    assert (found.provider, found.type, found.id) == ("listenbrainz", kind, ID)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"https://musicbrainz.org/artist/{ID}", "not-music"),
        ("https://listenbrainz.org/playlist/none", "bad-id"),
        ("https://listenbrainz.org/", "not-music"),
    ],
)
def test_what_is_not(text: str, reason: str) -> None:
    with pytest.raises(links.LinkError) as refused:
        links.parse(text)
    assert refused.value.reason == reason
