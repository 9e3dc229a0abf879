"""The simulated search is to be as good, and as bad, as YouTube's: the right upload on top, among noise."""

import pytest

from local.simulators.catalogue import Catalogue, Upload, UploadKind
from local.simulators.youtube.ranking import SearchIndex, words


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> SearchIndex:
    return SearchIndex(catalogue.uploads_by_id.values())


def test_words_fold_case_and_accents_and_split_what_has_no_spaces() -> None:
    assert words("Café del MAR (2019)") == ["cafe", "del", "mar", "2019"]
    assert words("夜の歌 live") == ["夜", "の", "歌", "live"]


def test_most_recordings_are_found_by_artist_and_title(catalogue: Catalogue, index: SearchIndex) -> None:
    wanted = [
        recording
        for recording in catalogue.recordings
        if recording.tracks and any(upload.same_recording for upload in recording.uploads)
    ]
    found = 0
    for recording in wanted:
        track = recording.tracks[0]
        hits = index.search(f"{track.artists[0].name} {track.title}")[:10]
        found += any(catalogue.is_right_match(track.id, hit.video_id) for hit in hits)
    assert found / len(wanted) >= 0.95


def test_noise_comes_up_as_well(catalogue: Catalogue, index: SearchIndex) -> None:
    noisy = 0
    for recording in catalogue.recordings[:100]:
        if recording.tracks:
            track = recording.tracks[0]
            hits = index.search(f"{track.artists[0].name} {track.title}")[:10]
            noisy += any(not catalogue.is_right_match(track.id, hit.video_id) for hit in hits)
    assert noisy > 50


def test_search_is_deterministic_and_obeys_exclusion(catalogue: Catalogue, index: SearchIndex) -> None:
    recording = next(r for r in catalogue.recordings if any(u.kind == "live" for u in r.uploads) and r.tracks)
    query = f"{recording.tracks[0].artists[0].name} {recording.tracks[0].title}"
    assert index.search(query) == index.search(query)
    titles = [catalogue.uploads_by_id[hit.video_id].title for hit in index.search(f"{query} -live")]
    assert titles
    assert not any("live" in words(title) for title in titles)


def test_an_art_track_beats_a_sped_up_copy() -> None:
    def upload(video_id: str, title: str, channel: str, kind: UploadKind, views: int) -> Upload:
        return Upload(
            video_id=video_id,
            title=title,
            channel=channel,
            channel_id="UC",
            duration_s=200,
            description="",
            kind=kind,
            published_at="2020-01-01T00:00:00Z",
            view_count=views,
            category_id="10",
            same_recording=True,
        )

    index = SearchIndex(
        [
            upload("fast", "Low Tide (sped up)", "nightcore hub", "sped_up", 90_000),
            upload("art", "Low Tide", "Marrow Lane - Topic", "art_track", 100_000),
        ]
    )
    assert [hit.video_id for hit in index.search("Marrow Lane Low Tide")] == ["art", "fast"]


@pytest.mark.parametrize("query", ["", "   ", "-", "- -", "qqqqzzzz", "???"])
def test_nothing_is_found_for_nothing(index: SearchIndex, query: str) -> None:
    assert index.search(query) == []
