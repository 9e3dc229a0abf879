"""Saved albums and followed artists, as the simulators have them: pages, scopes, refusals."""

from typing import Any

import pytest
import requests

from local.simulators.catalogue import Catalogue
from tests.integration.local.simulators.spotify_factories import Spotify
from tests.integration.local.simulators.youtube_factories import YouTube


@pytest.fixture
def artist_ids(catalogue: Catalogue) -> list[str]:
    """Ids of Spotify's artists, each once."""
    tracks = catalogue.tracks_by_id.values()
    return list(dict.fromkeys(artist.id for track in tracks for artist in track.artists))


def test_spotify_pages_followed_artists_by_the_last_id(spotify: Spotify, artist_ids: list[str]) -> None:
    followed = artist_ids[:7]
    spotify.control("POST", "users", {"id": "fan", "following": followed})
    token = spotify.grant("fan")
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(len(followed)):
        page = spotify.get("me/following", token, type="artist", limit=3, **after)["artists"]
        assert page["total"] == 7
        seen += [one["id"] for one in page["items"]]
        if page["cursors"]["after"] is None:
            break
        after = {"after": page["cursors"]["after"]}
    assert sorted(seen) == sorted(followed)


def test_spotify_asks_for_a_scope_of_its_own_and_lets_new_applications_follow_nobody(
    spotify: Spotify, artist_ids: list[str]
) -> None:
    artist, token = artist_ids[0], spotify.grant()
    narrow = spotify.grant(scopes=["user-library-read"])
    refused = spotify.call("GET", "me/following", narrow, type="artist")
    assert (refused.status_code, refused.json()["error"]["message"]) == (403, "Insufficient client scope")
    gone = spotify.call("PUT", "me/following", token, type="artist", ids=artist)
    assert (gone.status_code, gone.json()["error"]["message"]) == (403, "Forbidden")
    other = spotify.call("PUT", "me/library", token, uris=f"spotify:artist:{artist}")
    assert other.status_code == 400

    spotify.settings(mode="extended")
    done = spotify.call("PUT", "me/following", token, type="artist", ids=artist)
    assert done.status_code == 204
    users = spotify.control("GET", "users")["users"]
    assert next(user for user in users if user["id"] == "ada")["following"] == [artist]


def test_spotify_lists_saved_albums_with_their_codes(spotify: Spotify) -> None:
    token = spotify.grant()
    found = spotify.get("search", token, q="a", type="album", limit=2)
    ids = [one["id"] for one in found["albums"]["items"]]
    uris = ",".join(f"spotify:album:{one}" for one in ids)
    spotify.call("PUT", "me/library", token, uris=uris).raise_for_status()
    saved = spotify.get("me/albums", token)
    assert sorted(one["album"]["id"] for one in saved["items"]) == sorted(ids)
    assert all("external_ids" in one["album"] for one in saved["items"])


def test_spotify_takes_albums_by_its_own_codes_forty_at_a_time(
    spotify: Spotify, catalogue: Catalogue
) -> None:
    albums = list({track.album.id: track.album for track in catalogue.tracks_by_id.values()}.values())
    spotify.control("POST", "users", {"id": "fan"})
    token = spotify.grant("fan")
    uris = [f"spotify:album:{one.id}" for one in albums[:41]]
    refused = spotify.call("PUT", "me/library", token, uris=",".join(uris))
    assert refused.status_code == 400
    spotify.call("PUT", "me/library", token, uris=",".join(uris[:40])).raise_for_status()
    page = spotify.get("me/albums", token, limit=30)
    assert (page["total"], len(page["items"]), page["next"] is not None) == (40, 30, True)
    assert page["items"][0]["album"]["id"] == albums[39].id
    spotify.call("DELETE", "me/library", token, uris=",".join(uris[:39])).raise_for_status()
    held = spotify.get("me/library/contains", token, uris=",".join(uris[38:40]))
    assert held == [False, True]
    gone = spotify.call("PUT", "me/albums", token, ids=albums[0].id)
    assert (gone.status_code, gone.json()["error"]["message"]) == (403, "Forbidden")
    narrow = spotify.grant("fan", scopes=["user-library-read"])
    assert spotify.call("PUT", "me/library", narrow, uris=uris[0]).status_code == 403


def test_spotify_finds_an_album_by_its_barcode_and_keeps_the_place_of_one_that_is_gone(
    spotify: Spotify, catalogue: Catalogue
) -> None:
    album = next(track.album for track in catalogue.tracks_by_id.values())
    spotify.control("POST", "users", {"id": "fan", "albums": [album.id]})
    token = spotify.grant("fan")
    found = spotify.get("search", token, q=f"upc:{album.upc}", type="album")["albums"]["items"]
    assert [one["id"] for one in found] == [album.id]
    assert all("external_ids" not in one for one in found)
    spotify.control("POST", f"albums/{album.id}/withdraw", {})
    (saved,) = spotify.get("me/albums", token)["items"]
    assert saved["album"] is None
    assert spotify.call("PUT", "me/library", token, uris=f"spotify:album:{album.id}").status_code == 404


def test_youtube_subscribes_once_and_says_why_not(youtube: YouTube, catalogue: Catalogue) -> None:
    youtube.control("POST", "users", {"id": "fan", "display_name": "Fan"})
    token = str(youtube.grant(login="fan")["access_token"])
    channel = next(iter(catalogue.uploads_by_id.values())).channel_id

    def subscribe(channel_id: str) -> requests.Response:
        body: dict[str, Any] = {
            "snippet": {"resourceId": {"kind": "youtube#channel", "channelId": channel_id}}
        }
        return youtube.call("POST", "subscriptions", token, body=body, part="snippet")

    def reason(answer: requests.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["error"]["errors"][0]["reason"]

    used = youtube.used()
    made = subscribe(channel)
    assert made.status_code == 200
    assert youtube.used() == used + 50
    assert reason(subscribe(channel)) == (400, "subscriptionDuplicate")
    assert reason(subscribe("UCnobody")) == (404, "publisherNotFound")
    own = next(user for user in youtube.control("GET", "users")["users"] if user["id"] == "fan")
    assert reason(subscribe(own["channel_id"])) == (400, "subscriptionForbidden")

    listed = youtube.call("GET", "subscriptions", token, part="snippet", mine="true").json()
    assert [one["snippet"]["resourceId"]["channelId"] for one in listed["items"]] == [channel]
    gone = youtube.call("DELETE", "subscriptions", token, id=made.json()["id"])
    assert gone.status_code == 204
    again = youtube.call("DELETE", "subscriptions", token, id=made.json()["id"])
    assert reason(again) == (404, "subscriptionNotFound")
