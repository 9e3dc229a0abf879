"""What a migration matches teaches about names, and what was learned counts in it."""

from musicconnect.matching.learned_names import name_key
from tests.integration.migrations.scenario import MigrationScenario, catalogue

RECORDINGS = {recording.key: recording for recording in catalogue().recordings}
RECORDING = RECORDINGS["Лада Ветрова / Ты не в сети"]
OWN = next(upload for upload in RECORDING.uploads if upload.kind == "official_video")
"""On a channel that bears the artist's name in other letters."""
OTHER = next(
    upload for upload in RECORDINGS["Mira Vonn / Low Battery Love"].uploads if upload.kind == "lyric_video"
)


def migrate(scenario: MigrationScenario, video_id: str) -> dict[str, float]:
    """Migrate a video, and give the parts of the score of what was found."""
    playlist = scenario.playlist("youtube", [video_id])
    migration_id = scenario.start("youtube", "spotify", [playlist], order={"as_copy": True})
    assert scenario.finish(migration_id)["progress"]["tracks"]["matched"] == 1
    ((parts,),) = scenario.sql("SELECT match_parts FROM migrations.tracks ORDER BY id DESC LIMIT 1")
    return dict(parts)


def test_a_match_is_reported_under_its_person(scenario: MigrationScenario) -> None:
    migrate(scenario, OWN.video_id)
    rows = scenario.sql("SELECT user_id, kind, subject, artist FROM providers.name_reports")
    artist = RECORDING.tracks[0].artists[0].name
    assert rows == [(scenario.person.id, "channel", OWN.channel_id, name_key(artist))]


def test_what_was_learned_counts_in_a_migration(scenario: MigrationScenario) -> None:
    assert "channel" not in migrate(scenario, OTHER.video_id)
    scenario.clear_matches()
    scenario.sql(
        "INSERT INTO providers.learned_names VALUES ('channel', %s, %s, now(), now())",
        OTHER.channel_id,
        name_key("Mira Vonn"),
    )
    assert migrate(scenario, OTHER.video_id)["channel"] > 50
