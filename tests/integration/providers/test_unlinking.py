"""Unlinking accounts: what is given back, what is forgotten."""

from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.accounts import unlinking
from tests.integration.providers.helpers import next_step, slug
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator


def test_unlinking_forgets_everything(
    provider: str, simulator: Simulator, person: Person, harness: FunctionRunner
) -> None:
    account = link(person, provider)
    harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")

    answer = person.call("DELETE", f"/v1/providers/{provider}")

    assert answer.status == 200
    assert answer.json["revocation"] == "revoked" if provider == "youtube" else "not_offered"
    if provider != "youtube":
        assert registry.get(provider).apps_page in answer.json["message"]
    assert next_step(person, provider) == "not-linked"
    assert person.call("GET", "/v1/playlists").json["items"] == []
    for table in ("tokens", "playlist_snapshots", "snapshot_syncs"):
        query = f"SELECT 1 FROM providers.{table} WHERE account_id = %s"
        assert sql(harness.database_url, query, account["account_id"]) == []
    again = person.call("DELETE", f"/v1/providers/{provider}")
    assert (again.status, slug(again)) == (404, "not-found")


def test_unlinking_goes_through_when_google_does_not_answer(person: Person, youtube: Simulator) -> None:
    link(person, "youtube")
    youtube.fault("POST /revoke", status=503)
    answer = person.call("DELETE", "/v1/providers/youtube")
    assert (answer.status, answer.json["revocation"]) == (200, "failed")
    assert "https://myaccount.google.com/permissions" in answer.json["message"]
    assert next_step(person, "youtube") == "not-linked"


def test_access_that_ended_before_counts_as_given_back(person: Person, youtube: Simulator) -> None:
    link(person, "youtube")
    youtube.fault("POST /revoke", status=400, body={"error": "invalid_token"})
    assert person.call("DELETE", "/v1/providers/youtube").json["revocation"] == "revoked"


def test_deleting_a_person_gives_the_tokens_back(
    person: Person, harness: FunctionRunner, spotify: Simulator, youtube: Simulator
) -> None:
    link(person, "spotify")
    link(person, "youtube")
    youtube.clear_calls()
    with harness.environment_of("core_api"):
        database = Database(DatabaseSettings.from_environment())
        try:
            results = unlinking.revoke_all(database, person.id)
        finally:
            database.close()
    given = [(one.entry.name, one.revocation, one.left) for one in results]
    assert given == [("spotify", "not_offered", None), ("youtube", "revoked", None)]
    assert youtube.calls() == {"POST /revoke": 1}


def test_unlinking_when_nothing_can_be_revoked(
    person: Person, harness: FunctionRunner, youtube: Simulator
) -> None:
    account = link(person, "youtube")
    broken = "UPDATE providers.tokens SET refresh_token = 'k0.AAAA' WHERE account_id = %s"
    sql(harness.database_url, broken, account["account_id"])
    assert person.call("DELETE", "/v1/providers/youtube").json["revocation"] == "failed"
    account = link(person, "youtube")
    sql(harness.database_url, "DELETE FROM providers.tokens WHERE account_id = %s", account["account_id"])
    answer = person.call("DELETE", "/v1/providers/youtube").json
    assert answer["revocation"] == "nothing_to_revoke"
    assert "ended before" in answer["message"]
