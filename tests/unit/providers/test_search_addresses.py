"""The address of a provider's own page for a search, whatever the words are."""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.music.model import ItemType
from musicconnect.providers import registry

PROVIDERS = list(registry.PROVIDERS.values())
WORDS = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in {".", ".."})


def words_in(address: str, page: str) -> str:
    """The words that a page reads out of an address, as browsers and servers do."""
    parts, wanted = urlsplit(address), urlsplit(page)
    if "{query}" in wanted.query:
        name = next(key for key, value in parse_qsl(wanted.query) if value == "{query}")
        found = parse_qsl(parts.query, strict_parsing=True)
        assert len(found) == len(parse_qsl(wanted.query))
        return dict(found)[name]
    at = wanted.path.split("/").index("{query}")
    steps = parts.path.split("/")
    assert len(steps) == len(wanted.path.split("/"))
    return unquote(steps[at])


@pytest.mark.parametrize("entry", PROVIDERS, ids=lambda entry: str(entry.name))
@given(words=WORDS)
def test_the_words_arrive_as_they_were_typed(entry: registry.Provider, words: str) -> None:
    address = entry.search_address(words, (ItemType.TRACK,))
    assert address is not None
    assert entry.search_page is not None
    assert urlsplit(address).hostname == urlsplit(entry.search_page).hostname
    assert not urlsplit(address).fragment
    assert words_in(address, entry.search_page_of.get(ItemType.TRACK, entry.search_page)) == words


def test_one_type_has_a_page_of_its_own_where_there_is_one() -> None:
    spotify, youtube = registry.get("spotify"), registry.get("youtube")
    assert (
        spotify.search_address("a/b & c?", (ItemType.ALBUM,))
        == "https://open.spotify.com/search/a%2Fb%20%26%20c%3F/albums"
    )
    assert (
        spotify.search_address("x", (ItemType.TRACK, ItemType.ALBUM)) == "https://open.spotify.com/search/x"
    )
    assert spotify.search_address("x", (ItemType.VIDEO,)) == "https://open.spotify.com/search/x"
    assert (
        youtube.search_address("a+b", (ItemType.PLAYLIST,))
        == "https://www.youtube.com/results?search_query=a%2Bb"
    )


@pytest.mark.parametrize("step", [".", ".."])
def test_what_browsers_take_for_steps_of_a_path_is_no_address(step: str) -> None:
    assert registry.get("spotify").search_address(step, (ItemType.TRACK,)) is None
    assert registry.get("youtube").search_address(step, (ItemType.TRACK,)) == (
        f"https://www.youtube.com/results?search_query={step}"
    )
