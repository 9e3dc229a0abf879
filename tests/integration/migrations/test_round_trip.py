"""Given playlists that were exported, when the very files are imported, then they are there again."""

import pytest

from musicconnect.playlist_files import exportify
from tests.integration.exports.factories import download, export, table, unzipped
from tests.integration.migrations.scenario import MigrationScenario, track_ids, video_ids, well_known
from tests.integration.migrations.uploads import moved

KINDS = ("playlists_csv", "playlists_json", "playlists_xspf", "playlists_jspf", "playlists_m3u8")


@pytest.mark.parametrize("provider", ["spotify", "youtube"])
def test_playlists_come_back_in_order_with_their_names_and_duplicates(
    scenario: MigrationScenario, provider: str
) -> None:
    known = well_known(4)
    ids = track_ids(known) if provider == "spotify" else video_ids(known)
    wanted = {
        '=Road "trip" / 愛': [ids[0], ids[1], ids[0], ids[2], ids[2]],
        "Mix": [ids[3]],
        "mix": [ids[1], ids[0]],
    }
    scenario.lift_quotas()
    filters = {
        "provider": provider,
        "playlists": [scenario.playlist(provider, items, name) for name, items in wanted.items()],
    }
    for kind in KINDS:
        found = export(scenario.person, kind, filters=filters)
        content = download(scenario.person, found)
        migration_id = moved(scenario, content, found["files"][0]["name"], provider, as_copy=True)
        back = {
            playlist["source_name"]: scenario.contents(provider, playlist["target_playlist_id"])
            for playlist in scenario.moved(migration_id)
        }
        assert back == wanted, kind


def test_an_archive_of_everything_brings_every_playlist_back_once(scenario: MigrationScenario) -> None:
    items = track_ids(well_known(2))
    scenario.playlist("spotify", items, "Archived")
    found = export(scenario.person, "account_archive")
    content = download(scenario.person, found)
    migration_id = moved(scenario, content, found["files"][0]["name"], "spotify", dry_run=True)
    names = [playlist["source_name"] for playlist in scenario.moved(migration_id)]
    assert names.count("Archived") == 1
    assert len(names) == sum(name.startswith("playlists/json/") for name in unzipped(content))


def test_a_table_fills_the_columns_that_exportify_fills(scenario: MigrationScenario) -> None:
    (recording,) = well_known(1)
    track = recording.tracks[0]
    playlist_id = scenario.playlist("spotify", [track.id])
    filters = {"provider": "spotify", "playlists": [playlist_id]}
    (row,) = table(download(scenario.person, export(scenario.person, "playlists_csv", filters=filters)))
    empty = {name for name in exportify.EXPORTIFY_COLUMNS if not row[name]}
    assert empty == {"Track Preview URL", "Popularity"}  # Spotify gives neither any more
    assert row["Artist URI(s)"] == f"spotify:artist:{track.artists[0].id}"
    assert row["Album URI"] == f"spotify:album:{track.album.id}"
    assert (row["Disc Number"], row["Track Number"]) == (str(track.disc_number), str(track.track_number))
    assert row["Album Image URL"].startswith("https://")
    assert row["Added By"].startswith("spotify:user:")
    assert row["MusicConnect"] == ""
