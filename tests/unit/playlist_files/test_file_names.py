"""A file's name brings the playlist's name back, on every usual system."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.playlist_files import file_names


@given(st.text(max_size=60) | st.text(st.sampled_from('./\\~% :*?"<>|aé歌'), max_size=30))
def test_the_name_comes_back(name: str) -> None:
    assert file_names.playlist_name(file_names.file_name(name, "csv"), is_ours=True) == name


@given(st.text() | st.text(st.sampled_from('./\\~% :*?"<>|aCONPRN歌'), max_size=300))
def test_every_usual_system_takes_it(name: str) -> None:
    file_name = file_names.file_name(name, "csv")
    stem = file_name.removesuffix(".csv")
    assert not re.search(r'[\x00-\x1f/\\:*?"<>|]', file_name)
    assert stem
    assert stem[0] not in " .-"
    assert stem[-1] not in " ."
    assert len(file_name.encode()) <= 200


def test_playlists_of_one_name_get_files_of_their_own_and_keep_the_name() -> None:
    taken: set[str] = set()
    for _ in range(3):
        taken.add(file_names.file_name("Mix", "csv", taken).lower())
    assert taken == {"mix.csv", "mix ~2.csv", "mix ~3.csv"}
    assert {file_names.playlist_name(name, is_ours=True) for name in taken} == {"mix"}
    assert file_names.file_name("MIX", "csv", taken) == "MIX ~4.csv"


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "aux.old"])
def test_names_that_windows_keeps_for_itself_are_changed(name: str) -> None:
    assert file_names.file_name(name, "csv").startswith("%")
    assert file_names.playlist_name(file_names.file_name(name, "csv"), is_ours=True) == name


def test_of_a_file_of_others_only_folder_and_extension_go() -> None:
    assert file_names.playlist_name("my lists/50%25 off ~2.csv", is_ours=False) == "50%25 off ~2"
    assert file_names.playlist_name("C:\\music\\road.trip.M3U8", is_ours=False) == "road.trip"
    assert file_names.playlist_name("plain", is_ours=False) == "plain"
