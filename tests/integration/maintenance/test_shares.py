"""Shares over months: read again in time, or paused, and their owners told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import PROVIDERS
from tests.integration.maintenance.runner import MaintenanceRunner
from tests.integration.migrations.scenario import ids_on
from tests.integration.providers.strangers import Page, known_playlist, visit
from tests.support.functions import Person, new_person
from tests.support.oauth import link

DAY = timedelta(days=1)
ITEMS = "GET /v1/playlists/{playlist_id}/items"


@pytest.fixture(autouse=True)
def _switched_on(maintenance: MaintenanceRunner) -> Iterator[None]:
    maintenance.harness.environment["PLAYLIST_PAGES_ENABLED"] = "true"
    maintenance.sql("DELETE FROM core.sign_in_limits")
    yield
    del maintenance.harness.environment["PLAYLIST_PAGES_ENABLED"]


class Sharing:
    """A person who shares a playlist of three tracks."""

    def __init__(self, maintenance: MaintenanceRunner) -> None:
        self.maintenance = maintenance
        self.person: Person = new_person(maintenance.harness)
        link(self.person, "spotify")
        self.made = maintenance.spotify.playlist(name="Road trip", items=ids_on("spotify", 3))
        self.playlist_id = known_playlist(maintenance.harness, self.person, self.made)
        self.first = self.share().json
        maintenance.spotify.clear_calls()

    def share(self) -> Any:
        return self.person.call("POST", f"/v1/playlists/{self.playlist_id}/share", {"shared_by": "Noor"})

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.person.call("GET", f"/v1/playlists/{self.playlist_id}/share").json[
            "share"
        ]
        return found

    def page(self) -> Page:
        return visit(self.maintenance.harness, "/p/" + self.first["url"].rpartition("/p/")[2])

    def read_items(self) -> int:
        return self.maintenance.spotify.calls().get(ITEMS, 0)

    def told(self) -> list[tuple[str, str]]:
        for _ in range(2):
            self.maintenance.harness.invoke("notices_dispatcher", {})
        found = self.person.call("GET", "/v1/notices?limit=100").json["items"]
        return [(one["params"]["reason"], one["message"]) for one in found if one["code"] == "share-paused"]

    def refresh(self) -> None:
        self.maintenance.run("shares_refreshed", "shares")


@pytest.fixture
def sharing(maintenance: MaintenanceRunner) -> Sharing:
    return Sharing(maintenance)


def test_it_is_read_again_days_before_it_would_have_to_go(
    maintenance: MaintenanceRunner, sharing: Sharing
) -> None:
    maintenance.at(22 * DAY)
    sharing.refresh()
    assert sharing.read_items() == 0
    maintenance.at(24 * DAY)

    sharing.refresh()

    assert sharing.read_items() == 1
    state = sharing.state()
    assert (state["status"], state["code"], state["shared_by"]) == ("shown", "shown", "Noor")
    assert state["url"] == sharing.first["url"]
    assert state["expires_at"] > sharing.first["expires_at"]
    assert sharing.told() == []
    sharing.refresh()
    assert sharing.read_items() == 1
    maintenance.at(40 * DAY)
    assert sharing.page().status == 200


def test_where_the_consent_has_ended_it_pauses_and_goes_on_at_its_address(
    maintenance: MaintenanceRunner, sharing: Sharing
) -> None:
    maintenance.sql("UPDATE providers.accounts SET status = 'consent_needed'")
    maintenance.at(24 * DAY)

    sharing.refresh()

    assert sharing.page().status == 404
    state = sharing.state()
    assert (state["status"], state["code"], state["shown"]) == ("paused", "share-paused-account", 0)
    assert "has to be linked again" in state["message"]
    ((reason, message),) = sharing.told()
    assert reason == "account"
    assert "your account at Spotify has to be linked again" in message
    assert maintenance.sql("SELECT name, entries, address FROM providers.shares") == [("", [], None)]
    maintenance.at(40 * DAY)
    sharing.refresh()
    assert len(sharing.told()) == 1

    link(sharing.person, "spotify")
    maintenance.sql("UPDATE providers.playlist_snapshots SET last_synced_at = %s", maintenance.now)
    assert sharing.share().json["url"] == sharing.first["url"]
    assert sharing.page().status == 200


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 404, "body": {"error": {"status": 404, "message": "Not found"}}}, "playlist-gone"),
        ({"status": 403, "body": {"error": {"status": 403, "message": "Forbidden"}}}, "not-readable"),
    ],
)
def test_what_cannot_be_read_any_more_pauses(
    maintenance: MaintenanceRunner, sharing: Sharing, fault: dict[str, Any], reason: str
) -> None:
    maintenance.at(24 * DAY)
    maintenance.spotify.fault(ITEMS, **fault, times=None)
    sharing.refresh()
    assert sharing.page().status == 404
    assert [code for code, _ in sharing.told()] == [reason]


def test_an_outage_is_waited_out_and_ends_it_only_when_the_time_is_over(
    maintenance: MaintenanceRunner, sharing: Sharing
) -> None:
    maintenance.spotify.fault(ITEMS, status=503, times=None)
    maintenance.at(24 * DAY)
    sharing.refresh()
    tried = sharing.read_items()
    assert tried > 0
    sharing.refresh()
    assert sharing.read_items() == tried, "not before some hours"
    assert sharing.state()["status"] == "shown"
    maintenance.at(25 * DAY)
    sharing.refresh()
    assert sharing.read_items() > tried
    assert sharing.page().status == 200

    maintenance.at(28 * DAY + timedelta(minutes=1))
    sharing.refresh()

    assert [code for code, _ in sharing.told()] == ["not-read-in-time"]
    assert sharing.state()["status"] == "paused"


def test_peoples_own_orders_come_first(maintenance: MaintenanceRunner, sharing: Sharing) -> None:
    person = sharing.person
    link(person, "youtube")
    made = maintenance.youtube.playlist(name="Videos", items=ids_on("youtube", 2))
    playlist_id = known_playlist(maintenance.harness, person, made)
    assert person.call("POST", f"/v1/playlists/{playlist_id}/share", {}).status == 200
    maintenance.youtube.clear_calls()
    maintenance.at(24 * DAY)
    day = ledger.day_of(PROVIDERS["youtube"], maintenance.now)
    maintenance.sql(
        "INSERT INTO core.maintenance_cursors (name, day, spent) VALUES ('shares_refreshed:youtube', %s, 50)",
        day,
    )
    sharing.refresh()
    assert maintenance.youtube.calls() == {}
    maintenance.at(25 * DAY + timedelta(hours=1))
    sharing.refresh()
    assert sum(maintenance.youtube.calls().values()) > 0


def test_of_a_playlist_that_is_gone_its_owner_is_told_at_once(
    maintenance: MaintenanceRunner, sharing: Sharing
) -> None:
    # The simulator's own lists come back, and this one does not.
    maintenance.spotify.control("POST", "/reset")
    link(sharing.person, "spotify")
    maintenance.at(DAY + timedelta(hours=1))
    assert sharing.person.call("POST", "/v1/playlists/sync", {"provider": "spotify"}).status == 202
    maintenance.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    assert sharing.page().status == 404
    ((reason, message),) = sharing.told()
    assert reason == "playlist-gone"
    assert message.endswith("it is gone at Spotify.")


def test_where_pages_are_switched_off_nothing_is_read(
    maintenance: MaintenanceRunner, sharing: Sharing
) -> None:
    maintenance.harness.environment["PLAYLIST_PAGES_ENABLED"] = "false"
    maintenance.at(24 * DAY)
    sharing.refresh()
    assert sharing.read_items() == 0
