"""Rows of a source's entries, and telling its states apart."""

from collections.abc import Sequence

import pytest

from musicconnect.migrations.engine.stages.read import rows_of, version_of
from musicconnect.music.model import ItemKind, Playlist, PlaylistItem, Track


def items(*tracks: Track) -> Sequence[PlaylistItem]:
    # Positions as a provider gives them that leaves entries out.
    return [PlaylistItem(position=7 * index, track=track) for index, track in enumerate(tracks)]


def test_every_place_is_taken_down_with_its_position_and_duplicates() -> None:
    track = Track(provider="spotify", id="a", title="A", artists=("X", "Y"))
    rows = rows_of(items(track, track), 50)
    assert [(row["position"], row["source_track_id"], row["status"]) for row in rows] == [
        (50, "a", "pending"),
        (51, "a", "pending"),
    ]
    assert rows[0]["source_artist"] == "X, Y"


@pytest.mark.parametrize(
    ("kind", "code"),
    [(ItemKind.LOCAL, "local-file"), (ItemKind.EPISODE, "episode"), (ItemKind.UNAVAILABLE, "unavailable")],
)
def test_what_cannot_be_moved_says_why_at_once(kind: ItemKind, code: str) -> None:
    (row,) = rows_of(items(Track(provider="spotify", id="", title="T", kind=kind)), 0)
    assert (row["status"], row["outcome"], row["source_track_id"]) == ("failed", "not_transferable", None)
    assert row["error_code"] == code
    assert row["error_message"]


def test_a_track_without_an_id_is_unavailable() -> None:
    (row,) = rows_of(items(Track(provider="spotify", id="", title="T")), 0)
    assert (row["source_kind"], row["status"]) == ("unavailable", "failed")


def test_videos_are_looked_for() -> None:
    (row,) = rows_of(items(Track(provider="youtube", id="v", title="T", kind=ItemKind.VIDEO)), 0)
    assert row["status"] == "pending"


def test_without_a_version_the_size_tells_states_apart() -> None:
    one = Playlist(provider="spotify", id="liked", name="Liked", track_count=3)
    two = Playlist(provider="spotify", id="liked", name="Liked", track_count=4)
    assert version_of(one) != version_of(two)
    assert version_of(Playlist(provider="s", id="p", name="P", track_count=3, version="v1")) == "v1"
