"""Pages that say where else a track is, out of the match store alone."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from musicconnect.music.model import Track
from musicconnect.platform import clock
from musicconnect.providers.match_store import service
from musicconnect.providers.match_store.model import Finding
from tests.integration.providers.match_store.test_store import finding
from tests.integration.providers.strangers import visit
from tests.support.functions import FunctionRunner
from tests.support.postgres import sql, url_for
from tests.support.simulator import Simulator

SPOTIFY_ID = "4uLU6hMCjMI75M1A2tKUQC"
SONG = Track(
    provider="spotify", id=SPOTIFY_ID, title='"Salt" <b>& Signal', artists=("Kestrel Parade",),
    duration_ms=201_000,
)  # fmt: skip
VIDEO = Track(
    provider="youtube", id="AAAAAAAAAAA", title='"Salt" <b>& Signal', channel="Kestrel Parade - Topic",
    duration_ms=201_000,
)  # fmt: skip
PAGE = f"/l/spotify/{SPOTIFY_ID}"


def remember(harness: FunctionRunner, found: Finding) -> None:
    """Store what a search found out."""
    with psycopg.connect(url_for(harness.database_url, role="mc_search")) as connection:
        service.upsert(connection, [found], clock.now())


@pytest.fixture(autouse=True)
def _switched_on(harness: FunctionRunner) -> Iterator[None]:
    harness.environment["LINK_PAGES_ENABLED"] = "true"
    sql(harness.database_url, "DELETE FROM core.sign_in_limits")
    sql(harness.database_url, "DELETE FROM providers.match_store")
    yield
    del harness.environment["LINK_PAGES_ENABLED"]


def test_a_page_shows_one_services_words_and_a_way_to_each(
    harness: FunctionRunner, spotify: Simulator, youtube: Simulator
) -> None:
    remember(harness, finding(SONG, VIDEO))
    spotify.clear_calls()
    youtube.clear_calls()

    page = visit(harness, PAGE)

    assert page.status == 200
    assert page.heading == SONG.title
    assert "Topic" not in page.html
    assert page.address_of("Listen at Spotify") == f"https://open.spotify.com/track/{SPOTIFY_ID}"
    assert page.address_of("Listen at YouTube") == "https://www.youtube.com/watch?v=AAAAAAAAAAA"
    assert page.address_of("Content from Spotify") == f"https://open.spotify.com/track/{SPOTIFY_ID}"
    assert page.meta["og:title"] == f"{SONG.title} – Kestrel Parade"
    assert page.meta["og:description"] == "Listen at Spotify or YouTube."
    assert page.headers["cache-control"] == "public, max-age=3600"
    assert (spotify.calls(), youtube.calls()) == ({}, {})
    assert sql(harness.database_url, "SELECT count(*) FROM search.queries WHERE user_id IS NULL") == [(0,)]


def test_what_nobody_has_looked_for_and_what_a_person_disputes_is_not_told(harness: FunctionRunner) -> None:
    unknown = visit(harness, PAGE)
    assert (unknown.status, unknown.heading) == (404, "Nothing is known of this track yet")
    assert unknown.address_of("Listen at Spotify").endswith(SPOTIFY_ID)

    remember(harness, finding(SONG, VIDEO))
    sql(
        harness.database_url,
        "INSERT INTO providers.match_disputes (source_provider, source_id, target_provider, target_id, "
        "disputed_at) VALUES ('spotify', %s, 'youtube', %s, now())",
        SPOTIFY_ID,
        VIDEO.id,
    )
    assert visit(harness, PAGE).status == 404


def test_a_private_upload_is_nobodys_business(harness: FunctionRunner) -> None:
    remember(harness, finding(SONG, replace(VIDEO, is_public=False)))
    assert visit(harness, PAGE).status == 404


@pytest.mark.parametrize(
    ("link", "status", "where"),
    [
        (f"https%3A%2F%2Fopen.spotify.com%2Ftrack%2F{SPOTIFY_ID}%3Fsi%3D1", 303, PAGE),
        ("https%3A%2F%2Fyoutu.be%2FAAAAAAAAAAA", 303, "/l/youtube/AAAAAAAAAAA"),
        ("https%3A%2F%2Fexample.org%2Fx", 422, None),
        (f"spotify%3Aalbum%3A{SPOTIFY_ID}", 422, None),
        ("%3Cscript%3E", 422, None),
        ("", 200, None),
    ],
)
def test_a_pasted_link_leads_to_its_page_or_is_asked_for_again(
    harness: FunctionRunner, link: str, status: int, where: str | None
) -> None:
    page = visit(harness, f"/l?url={link}")
    assert page.status == status
    assert page.headers.get("location") == where
    if status != 303:
        assert "form" in page.tags
        assert "script" not in page.tags


@pytest.mark.parametrize(
    "path", ["/l/nobody/x", "/l/spotify/short", "/l/spotify/..", "/l/youtube/@handle", "/l/tidal/x"]
)
def test_what_is_no_track_is_not_there(harness: FunctionRunner, path: str) -> None:
    assert visit(harness, path).status == 404


@pytest.mark.parametrize("path", ["/l", f"/l?url=spotify%3Atrack%3A{SPOTIFY_ID}", PAGE])
def test_where_the_deployer_has_not_switched_it_on_there_is_nothing(
    harness: FunctionRunner, path: str
) -> None:
    remember(harness, finding(SONG, VIDEO))
    harness.environment["LINK_PAGES_ENABLED"] = "false"
    page = visit(harness, path)
    assert (page.status, page.heading) == (404, "There is nothing here")
