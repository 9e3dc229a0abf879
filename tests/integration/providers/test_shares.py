"""Playlists that their owners show to whoever has the address, and the pages that show them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import batched

import pytest

from musicconnect.core import rate_limits
from musicconnect.music.codec import decode
from musicconnect.music.model import Track
from musicconnect.platform import clock
from tests.integration.migrations.scenario import ids_on
from tests.integration.providers.conftest import Act
from tests.integration.providers.helpers import slug
from tests.integration.providers.match_store.test_store import finding
from tests.integration.providers.strangers import known_playlist, visit
from tests.integration.providers.test_links_of_strangers import remember
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator

MARKUP = '<script>alert("&amp;")</script>'
LOCAL = {"local": {"artist": "Me", "album": "Tape", "title": "Demo", "duration_s": 60}}


@pytest.fixture(autouse=True)
def _switched_on(harness: FunctionRunner) -> Iterator[None]:
    harness.environment["PLAYLIST_PAGES_ENABLED"] = "true"
    sql(harness.database_url, "DELETE FROM core.sign_in_limits")
    yield
    del harness.environment["PLAYLIST_PAGES_ENABLED"]


@pytest.fixture
def playlist_id(harness: FunctionRunner, spotify: Simulator, person: Person) -> int:
    """A playlist of the person's, of three tracks and a local file."""
    link(person, "spotify")
    made = spotify.playlist(name=MARKUP, items=[*ids_on("spotify", 3), LOCAL])
    return known_playlist(harness, person, made)


def _path(answer_url: str) -> str:
    return "/p/" + answer_url.rpartition("/p/")[2]


def test_it_is_off_until_its_owner_shares_it_and_gone_when_they_say_so(
    harness: FunctionRunner, spotify: Simulator, person: Person, playlist_id: int
) -> None:
    share = f"/v1/playlists/{playlist_id}/share"
    assert person.call("GET", share).json == {"is_offered": True, "share": None}

    shared = person.call("POST", share, {"shared_by": "Noor"}).json

    assert (shared["shown"], shared["total"], shared["left_out"]) == (3, 3, 1)
    assert person.call("GET", share).json["share"] == shared
    spotify.clear_calls()
    page = visit(harness, _path(shared["url"]))
    assert page.status == 200
    assert spotify.calls() == {}, "no provider is called for strangers"
    assert page.heading == MARKUP
    assert "script" not in page.tags
    assert len(page.lines) == 3
    assert "A playlist from Noor. 3 tracks" in page.html
    assert page.meta["og:title"] == MARKUP
    assert page.meta["og:url"] == shared["url"]
    assert page.meta["og:image"].endswith("/docs/card.png")
    assert page.headers["cache-control"] == "public, max-age=60"
    assert page.headers["x-robots-tag"] == "noindex"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.address_of("Content from Spotify").startswith("https://open.spotify.com/track/")
    unchanged = visit(harness, _path(shared["url"]), **{"if-none-match": page.headers["etag"]})
    assert (unchanged.status, unchanged.html) == (304, "")

    assert person.call("DELETE", share).status == 204
    assert person.call("DELETE", share).status == 204

    assert visit(harness, _path(shared["url"])).status == 404
    assert person.call("GET", share).json["share"] is None
    again = person.call("POST", share, {}).json
    assert again["url"] != shared["url"], "who had the address has it no longer"
    assert "A playlist from" not in visit(harness, _path(again["url"])).html


def test_sharing_again_shows_what_it_holds_by_now_at_the_same_address(
    harness: FunctionRunner, spotify: Simulator, person: Person, act: Act
) -> None:
    link(person, "spotify")
    first, *some = ids_on("spotify", 26)
    made = spotify.playlist(name="Long", items=[first])
    share = f"/v1/playlists/{known_playlist(harness, person, made)}/share"
    before = person.call("POST", share, {}).json
    assert len(visit(harness, _path(before["url"])).lines) == 1
    writer = act(person, "spotify", "write")
    for batch in batched(some * 4, writer.limits.add_batch, strict=False):
        writer.add_items(made, batch)

    shared = person.call("POST", share, {}).json

    assert shared["url"] == before["url"]
    start = visit(harness, _path(shared["url"]))
    assert len(start.lines) == 100
    rest = visit(harness, start.address_of("Further"))
    assert len(rest.lines) == 1
    assert 'start="101"' in rest.html
    assert rest.address_of("Before").endswith("?page=1")
    assert visit(harness, f"{_path(shared['url'])}?page=3").status == 404


def test_another_services_list_is_in_its_own_words_and_stands_by_itself(
    harness: FunctionRunner, spotify: Simulator, person: Person, playlist_id: int
) -> None:
    shared = person.call("POST", f"/v1/playlists/{playlist_id}/share", {}).json
    ((entries,),) = sql(harness.database_url, "SELECT entries FROM providers.shares")
    first = decode("spotify", entries[0])
    upload = Track(
        provider="youtube", id="AAAAAAAAAAA", title=f"Upload {MARKUP}", channel="Topic", duration_ms=201_000
    )
    remember(harness, finding(first, upload))

    page = visit(harness, f"{_path(shared['url'])}?at=youtube")

    assert page.lines == [f"Upload {MARKUP}Topic · 3:21", "Not known at YouTube", "Not known at YouTube"]
    assert first.title not in page.html
    assert page.address_of(f"Upload {MARKUP}") == "https://www.youtube.com/watch?v=AAAAAAAAAAA"
    assert "Content from YouTube" in page.html
    assert "Content from Spotify" not in page.html
    assert visit(harness, f"{_path(shared['url'])}?at=nobody").status == 404
    sql(
        harness.database_url,
        "UPDATE providers.match_store SET fetched_at = %s, confirmed_by = 'person', score = 99",
        clock.now() - timedelta(days=29),
    )
    old = visit(harness, f"{_path(shared['url'])}?at=youtube")
    assert old.lines[0] == "Open at YouTube", "YouTube's facts are told for 29 days"


def test_it_goes_with_its_account_with_suspension_and_after_28_days(
    harness: FunctionRunner, person: Person, playlist_id: int, later: Callable[[float], None]
) -> None:
    share = f"/v1/playlists/{playlist_id}/share"
    path = _path(person.call("POST", share, {}).json["url"])
    sql(harness.database_url, "UPDATE core.users SET is_active = false WHERE id = %s", person.id)
    assert visit(harness, path).status == 404
    sql(harness.database_url, "UPDATE core.users SET is_active = true WHERE id = %s", person.id)
    assert visit(harness, path).status == 200

    later(28 * 86_400.0)

    assert visit(harness, path).status == 404
    harness.invoke("maintenance", {"tasks": ["shares"]})
    assert sql(harness.database_url, "SELECT count(*) FROM providers.shares") == [(0,)]


def test_unlinking_takes_it_away_at_once(harness: FunctionRunner, person: Person, playlist_id: int) -> None:
    path = _path(person.call("POST", f"/v1/playlists/{playlist_id}/share", {}).json["url"])
    assert person.call("DELETE", "/v1/providers/spotify").status == 200
    assert visit(harness, path).status == 404


def test_likes_and_what_others_own_are_not_shared(
    harness: FunctionRunner, person: Person, playlist_id: int
) -> None:
    for column in ("is_liked", "NOT is_own"):
        setting = "is_own = false" if column == "NOT is_own" else "is_liked = true"
        sql(harness.database_url, f"UPDATE providers.playlist_snapshots SET {setting}")
        refused = person.call("POST", f"/v1/playlists/{playlist_id}/share", {})
        assert (refused.status, slug(refused)) == (409, "not-shareable")
        sql(harness.database_url, "UPDATE providers.playlist_snapshots SET is_own = true, is_liked = false")


def test_where_the_deployer_has_not_switched_it_on_nothing_is_shared_and_nothing_shown(
    harness: FunctionRunner, person: Person, playlist_id: int
) -> None:
    share = f"/v1/playlists/{playlist_id}/share"
    path = _path(person.call("POST", share, {}).json["url"])
    harness.environment["PLAYLIST_PAGES_ENABLED"] = "false"

    assert visit(harness, path).status == 404
    assert person.call("GET", share).json == {"is_offered": False, "share": None}
    refused = person.call("POST", share, {})
    assert (refused.status, slug(refused)) == (409, "sharing-off")
    assert person.call("DELETE", share).status == 204, "it can be withdrawn all the same"


def test_a_source_that_asks_for_too_many_pages_waits(
    harness: FunctionRunner, person: Person, playlist_id: int
) -> None:
    path = _path(person.call("POST", f"/v1/playlists/{playlist_id}/share", {}).json["url"])
    assert visit(harness, path).status == 200
    left = sql(harness.database_url, "SELECT tokens FROM core.sign_in_limits WHERE starts_with(key, 'page:')")
    assert left == [(rate_limits.PAGE.capacity - 1,)]
    # Nothing comes back for an hour, however long the machine takes.
    spent = "UPDATE core.sign_in_limits SET tokens = 0, updated_at = updated_at + interval '1 hour'"
    sql(harness.database_url, spent)
    refused = visit(harness, path)
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) > 0
    assert refused.heading == "Too many pages at once"
    assert visit(harness, path, source_ip="198.51.100.8").status == 200


@pytest.mark.parametrize(
    "path", ["/p/short", "/p/AAAAAAAAAAAAAAAAAAAAAA", "/p/" + "A" * 22 + "?page=0", "/p/%00"]
)
def test_what_is_no_address_is_a_page_that_says_so(harness: FunctionRunner, path: str) -> None:
    page = visit(harness, path)
    assert page.status in {404, 422}
    assert page.heading in {"There is nothing here", "The address is not right"}
    assert page.headers["cache-control"] == "no-store"
