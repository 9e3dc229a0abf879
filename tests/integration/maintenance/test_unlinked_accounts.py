"""Accounts that were unlinked take everything along, and providers are told until they have heard it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.maintenance.runner import MaintenanceRunner
from tests.support.functions import Person, new_person
from tests.support.oauth import link

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def person(maintenance: MaintenanceRunner) -> Person:
    return new_person(maintenance.harness)


def brought(maintenance: MaintenanceRunner, person: Person, provider: str) -> int:
    """How many rows of a person name a provider."""
    ((count,),) = maintenance.sql(
        """
        SELECT (SELECT count(*) FROM migrations.jobs
                WHERE user_id = %(user)s AND %(provider)s IN (source_provider, target_provider))
             + (SELECT count(*) FROM migrations.rules
                WHERE user_id = %(user)s AND %(provider)s IN (source_provider, target_provider))
             + (SELECT count(*) FROM search.pinned_items WHERE user_id = %(user)s AND provider = %(provider)s)
             + (SELECT count(*) FROM providers.accounts WHERE user_id = %(user)s AND provider = %(provider)s)
             + (SELECT count(*) FROM trends.plays WHERE user_id = %(user)s AND provider = %(provider)s
                AND source = 'spotify_api')""".replace("%(user)s", str(person.id)).replace(
            "%(provider)s", f"'{provider}'"
        )
    )
    return int(count)


def fill(maintenance: MaintenanceRunner, person: Person) -> None:
    """What accounts bring: migrations, a choice, pins, plays that the API told of. And one other play."""
    user = person.id
    for source, target in (("spotify", "youtube"), ("youtube", "spotify")):
        maintenance.sql(
            "INSERT INTO migrations.jobs (user_id, source_provider, target_provider) VALUES (%s, %s, %s)",
            user, source, target,
        )  # fmt: skip
    maintenance.sql(
        "INSERT INTO migrations.rules (user_id, source_provider, source_id, target_provider) "
        "VALUES (%s, 'spotify', 'a', 'youtube')", user,
    )  # fmt: skip
    for provider in ("spotify", "youtube"):
        maintenance.sql(
            "INSERT INTO search.pinned_items (user_id, provider, item_type, provider_item_id, title) "
            "VALUES (%s, %s, 'playlist', 'a', 'A')", user, provider,
        )  # fmt: skip
    for minute, source in enumerate(("spotify_api", "spotify_api", "listenbrainz")):
        play(maintenance, person, source, minute)


def play(maintenance: MaintenanceRunner, person: Person, source: str, minute: int) -> None:
    maintenance.sql(
        "INSERT INTO trends.plays (user_id, played_at, track_key, artist_key, inserted_at, kind, source, "
        "provider, provider_track_id, title, artist) "
        "VALUES (%s, %s - make_interval(mins => %s), 1, 1, now(), 'play', %s, 'spotify', 'x', 'T', 'A')",
        person.id, maintenance.started, minute + 5, source,
    )  # fmt: skip


def test_everything_goes_at_once_and_maintenance_sees_to_it(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    other = new_person(maintenance.harness)
    for one in (person, other):
        link(one, "spotify")
        link(one, "youtube")
        fill(maintenance, one)
    others = brought(maintenance, other, "spotify")

    assert person.call("DELETE", "/v1/providers/spotify").status == 200

    # Plays that the API told of are many and take their time; all else is gone with the answer.
    assert brought(maintenance, person, "spotify") == 2
    assert brought(maintenance, person, "youtube") == 2  # account and pin; both migrations had a Spotify side
    maintenance.at(timedelta(minutes=20))
    maintenance.run("unlinked_accounts")
    assert brought(maintenance, person, "spotify") == 0
    assert maintenance.sql("SELECT count(*) FROM trends.plays WHERE user_id = %s", person.id) == [(1,)]
    assert maintenance.sql("SELECT count(*) FROM trends.tombstones") == [(0,)]
    assert maintenance.sql("SELECT count(*) FROM providers.unlinked_accounts") == [(1,)]

    # The second look finds what a late worker wrote.
    play(maintenance, person, "spotify_api", 40)
    maintenance.at(2 * HOUR)
    maintenance.run("unlinked_accounts")
    assert brought(maintenance, person, "spotify") == 0
    assert maintenance.sql("SELECT count(*) FROM providers.unlinked_accounts") == [(1,)]
    maintenance.at(4 * HOUR)
    maintenance.run("unlinked_accounts", "retention_audit")
    assert maintenance.sql("SELECT count(*) FROM providers.unlinked_accounts") == [(0,)]
    assert brought(maintenance, other, "spotify") == others


def test_what_comes_after_linking_again_stays(maintenance: MaintenanceRunner, person: Person) -> None:
    link(person, "spotify")
    assert person.call("DELETE", "/v1/providers/spotify").status == 200
    maintenance.at(timedelta(minutes=5))
    link(person, "spotify")
    maintenance.sql(
        "INSERT INTO migrations.jobs (user_id, source_provider, target_provider, created_at) "
        "VALUES (%s, 'spotify', 'youtube', %s)", person.id, maintenance.now,
    )  # fmt: skip
    for hours in (1, 3, 5):
        maintenance.at(hours * HOUR)
        maintenance.run("unlinked_accounts")
    assert brought(maintenance, person, "spotify") == 2
    assert maintenance.sql("SELECT count(*) FROM providers.unlinked_accounts") == [(0,)]


def test_another_account_of_the_same_provider_replaces_all_of_the_first(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    maintenance.spotify.control("POST", "/users", {"id": "eve", "display_name": "Eve"})
    link(person, "spotify", login="ada")
    fill(maintenance, person)
    link(person, "spotify", login="eve")
    assert brought(maintenance, person, "spotify") == 3  # the account, and two plays that still have to go
    maintenance.at(HOUR)
    maintenance.run("unlinked_accounts")
    assert brought(maintenance, person, "spotify") == 1


def test_a_message_about_a_migration_that_went_with_its_account_is_harmless(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    link(person, "spotify")
    link(person, "youtube")
    playlist = maintenance.spotify.playlist("ada", name="Short", items=[])
    harness = maintenance.harness
    body = {"source_provider": "spotify", "target_provider": "youtube", "playlists": [playlist]}
    started = person.call("POST", "/v1/migrations", body)
    assert started.status == 202, started.text
    records = harness.messages("MIGRATIONS_QUEUE_URL")
    assert person.call("DELETE", "/v1/providers/youtube").status == 200
    assert harness.invoke("migrations_worker", {"Records": records}) == {"batchItemFailures": []}
    assert brought(maintenance, person, "youtube") == 0


def test_a_provider_is_told_again_until_it_has_heard(maintenance: MaintenanceRunner, person: Person) -> None:
    link(person, "youtube")
    maintenance.youtube.fault("POST /revoke", status=503, times=3)
    assert person.call("DELETE", "/v1/providers/youtube").json["revocation"] == "failed"
    told: list[Any] = []
    for hours in range(1, 8):
        maintenance.at(hours * HOUR)
        maintenance.run("revocations")
        told.append(maintenance.youtube.calls().get("POST /revoke"))
    assert told[-1] == 4  # at first, twice more in vain, and once heard
    assert maintenance.sql("SELECT count(*) FROM providers.revocations") == [(0,)]


def test_a_token_that_cannot_be_given_back_is_not_kept_for_ever(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    link(person, "youtube")
    maintenance.youtube.fault("POST /revoke", status=503, times=None)
    person.call("DELETE", "/v1/providers/youtube")
    maintenance.at(4 * DAY + 23 * HOUR)
    maintenance.run("revocations")
    assert maintenance.sql("SELECT count(*) FROM providers.revocations") == [(1,)]
    maintenance.at(5 * DAY + HOUR)
    maintenance.run("revocations")
    assert maintenance.sql("SELECT count(*) FROM providers.revocations") == [(0,)]
