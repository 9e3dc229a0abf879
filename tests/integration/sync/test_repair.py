"""Repairs over HTTP, the queue and the simulators: checked, proposed, replaced, undone."""

from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests.integration.migrations.fault_injection import Interruption, kill
from tests.integration.sync.repairs import QUEUE, Repairs
from tests.integration.trends.plays.conftest import as_json, import_history, listen


@pytest.mark.parametrize(("privacy", "cause"), [("deleted", "deleted"), ("private", "private")])
def test_what_is_gone_from_youtube_is_named_searched_for_replaced_and_undone(
    repairs: Repairs, privacy: str, cause: str
) -> None:
    playlist = repairs.migrated("ABCD")
    before = repairs.scenario.contents("youtube", playlist)
    repairs.lose(before[1], privacy)

    repair = repairs.checked("youtube", playlist)

    assert (repair["status"], repair["code"]) == ("proposed", "proposed"), repair
    assert repairs.scenario.contents("youtube", playlist) == before  # Nothing is written by a check.
    (entry,) = repairs.entries(repair["id"])
    assert (entry["cause"], entry["position"], entry["known_by"]) == (cause, 1, "migration")
    song = repairs.pairs.songs[1].tracks[0]
    assert (entry["title"], entry["artist"]) == (song.title, song.artists[0].name)
    proposal = entry["proposal"]
    assert proposal is not None
    assert proposal["track_id"] not in before

    done = repairs.apply(repair["id"], {"entries": [1]})

    assert (done["status"], done["counts"]["replaced"]) == ("completed", 1), done
    after = repairs.scenario.contents("youtube", playlist)
    assert after == [before[0], proposal["track_id"], *before[2:]]
    assert repairs.entries(repair["id"])[0]["state"] == "replaced"

    assert repairs.post(repair["id"], "undo").status == 200
    repairs.work()

    undone = repairs.get(repair["id"])
    assert (undone["status"], undone["params"]) == ("undone", {"refused": 1})  # YouTube takes it no longer.
    assert repairs.scenario.contents("youtube", playlist) == [before[0], *before[2:]]


def test_a_blocked_video_gives_way_where_it_is_blocked_and_comes_back_by_an_undo(repairs: Repairs) -> None:
    playlist = repairs.pairs.playlist("youtube", "ABC")
    before = repairs.scenario.contents("youtube", playlist)
    regions = {"regions": {"blocked": ["DE", "FR"]}}
    repairs.scenario.control("youtube", "PUT", f"/videos/{before[0]}", regions)
    repairs.scenario.control("youtube", "PUT", f"/videos/{before[2]}", {"regions": {"allowed": ["US"]}})

    assert repairs.checked("youtube", playlist)["code"] == "nothing-dead"
    assert repairs.checked("youtube", playlist, "GB")["counts"]["dead"] == 1
    repair = repairs.checked("youtube", playlist, "DE")

    found = repairs.entries(repair["id"], limit=1)
    assert [(one["cause"], one["position"], one["known_by"]) for one in found] == [
        ("blocked", 0, "provider"), ("blocked", 2, "provider"),
    ]  # fmt: skip
    assert all(one["proposal"]["track_id"] not in before for one in found if one["proposal"])
    chosen = [one["number"] for one in found if one["proposal"]]
    assert chosen

    done = repairs.apply(repair["id"], {"entries": chosen})

    assert done["counts"]["replaced"] == len(chosen)
    assert done["can_be_undone"]
    assert before[found[0]["position"]] not in repairs.scenario.contents("youtube", playlist)
    repairs.scenario.write("youtube", playlist, repairs.pairs.ids("youtube", "G")[0])
    assert repairs.post(repair["id"], "undo").status == 200
    repairs.work()
    assert repairs.get(repair["id"])["params"] == {"refused": 0}
    assert repairs.scenario.contents("youtube", playlist)[:3] == before
    assert len(repairs.scenario.contents("youtube", playlist)) == 4  # What the person put in stays.
    assert repairs.post(repair["id"], "undo").status == 409


def test_spotify_says_what_it_does_not_play_and_a_place_without_a_track_is_named_by_its_neighbours(
    repairs: Repairs,
) -> None:
    scenario, tracks = repairs.scenario, repairs.pairs.ids("spotify", "ABCD")
    source = repairs.pairs.playlist("youtube", "ABCD")
    migration_id = scenario.start("youtube", "spotify", [source])
    scenario.finish(migration_id)
    playlist = scenario.moved(migration_id)[0]["target_playlist_id"]
    scenario.control("spotify", "PUT", f"/tracks/{tracks[0]}", {"playable": False})
    scenario.control("spotify", "PUT", f"/playlists/{playlist}/withdrawn", {"position": 2})

    repair = repairs.checked("spotify", playlist)

    found = repairs.entries(repair["id"])
    assert [(one["cause"], one["position"], one["track_id"], one["known_by"]) for one in found] == [
        ("unavailable", 0, tracks[0], "provider"), ("unavailable", 2, None, "migration"),
    ]  # fmt: skip
    # The upload that it was written for names it: what a video is called, the song's title is part of.
    assert repairs.pairs.songs[2].tracks[0].title in found[1]["title"]
    assert found[1]["proposal"]["track_id"] == tracks[2]

    done = repairs.apply(repair["id"], {"entries": [2]})

    assert (done["counts"]["replaced"], done["counts"]["refused"]) == (1, 1), done
    # Spotify takes nothing out that has no name, so the empty place stays, and is said to.
    assert scenario.contents("spotify", playlist) == [tracks[0], tracks[1], None, tracks[2], tracks[3]]
    assert repairs.entries(repair["id"])[1]["error"]


def test_without_a_word_only_what_is_sure_is_replaced(repairs: Repairs) -> None:
    playlist = repairs.migrated("ABCD")
    before = repairs.scenario.contents("youtube", playlist)
    for video in before:
        repairs.lose(video)
    repair = repairs.checked("youtube", playlist)
    sure = {
        one["position"] for one in repairs.entries(repair["id"]) if (one["proposal"] or {}).get("is_sure")
    }
    assert len(sure) == repair["counts"]["sure"]
    assert repair["price"] == 100 * len(sure)

    answer = repairs.post(repair["id"], "apply", {})
    repairs.work()

    assert answer.status == (200 if sure else 409)
    after = repairs.scenario.contents("youtube", playlist)
    assert {position for position, video in enumerate(before) if after[position] != video} == sure
    assert repairs.post(repair["id"], "apply", {"entries": [99]}).status in (409, 422)


def test_a_dead_match_is_dropped_for_everybody_and_the_new_one_is_found_by_others(repairs: Repairs) -> None:
    scenario = repairs.scenario
    playlist = repairs.migrated("AB")
    dead = scenario.contents("youtube", playlist)[0]
    repairs.lose(dead)
    query = "SELECT count(*) FROM providers.match_store WHERE target_id = %s OR source_id = %s"
    assert scenario.sql(query, dead, dead)[0][0] > 0

    repair = repairs.checked("youtube", playlist)

    assert scenario.sql(query, dead, dead) == [(0,)]
    (entry,) = repairs.entries(repair["id"])
    source = repairs.pairs.ids("spotify", "A")[0]
    query = "SELECT count(*) FROM providers.match_store WHERE source_id = %s AND target_provider = 'youtube'"
    assert scenario.sql(query, source)[0][0] == 1, entry


def test_nobody_knows_what_a_deleted_video_was(repairs: Repairs) -> None:
    playlist = repairs.scenario.playlist(
        "youtube", [{"deleted": "gone-gone-1"}, *repairs.pairs.ids("youtube", "A")]
    )

    repair = repairs.checked("youtube", playlist)

    (entry,) = repairs.entries(repair["id"])
    assert (entry["state"], entry["title"], entry["proposal"]) == ("unknown", None, None)
    assert repairs.post(repair["id"], "apply", {}).json["type"].endswith("nothing-to-replace")
    assert repairs.post(repair["id"], "apply", {"entries": [1]}).status == 422


def test_what_its_person_played_names_a_deleted_video(repairs: Repairs) -> None:
    track, (kept,) = repairs.pairs.songs[1].tracks[0], repairs.pairs.ids("youtube", "A")
    playlist = repairs.scenario.playlist("youtube", [{"deleted": "gone-gone-2"}, kept])
    played = listen(
        1_700_000_000, track.artists[0].name, track.title,
        origin_url="https://www.youtube.com/watch?v=gone-gone-2",
    )  # fmt: skip
    import_history(repairs.scenario.person, as_json([played]))

    repair = repairs.checked("youtube", playlist)

    (entry,) = repairs.entries(repair["id"])
    assert (entry["known_by"], entry["title"], entry["artist"]) == (
        "plays", track.title, track.artists[0].name,
    )  # fmt: skip
    assert entry["state"] == "proposed"
    stranger = repairs.scenario.playlist("youtube", [{"deleted": "gone-gone-3"}, kept], "Another")
    assert repairs.entries(repairs.checked("youtube", stranger)["id"])[0]["known_by"] is None


def test_nothing_found_is_said(repairs: Repairs) -> None:
    playlist = repairs.migrated("AB")
    repairs.lose(repairs.scenario.contents("youtube", playlist)[0])
    repairs.scenario.clear_matches()
    nothing = {"kind": "youtube#searchListResponse", "items": [], "pageInfo": {"totalResults": 0}}
    repairs.scenario.fault("youtube", "GET /youtube/v3/search", status=200, body=nothing, times=None)

    repair = repairs.checked("youtube", playlist)

    (entry,) = repairs.entries(repair["id"])
    assert (entry["state"], entry["proposal"]) == ("nothing_found", None)
    assert "nothing was found" in repair["message"]


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_anywhere_replaces_once(
    repairs: Repairs, interruption: Interruption, after: bool
) -> None:
    scenario = repairs.scenario
    for call in range(1, 9):
        playlist = repairs.migrated("ABC")
        before = scenario.contents("youtube", playlist)
        repairs.lose(before[1])
        for step in ("check", "apply"):
            if step == "check":
                repair_id = repairs.check("youtube", playlist)
            else:
                assert repairs.post(repair_id, "apply", {"entries": [1]}).status == 200
            records = scenario.harness.messages(QUEUE)
            interruption.at(call, kill, after=after)
            try:
                scenario.harness.invoke("sync_worker", {"Records": records * 2})
            except BaseException as error:  # noqa: BLE001 - the kill itself
                assert type(error).__name__ == "Killed", error  # noqa: PT017
            interruption.at(0, kill, after=after)
            scenario.pass_time(600)
            repairs.work()
        (entry,) = repairs.entries(repair_id)
        done = repairs.get(repair_id)
        assert (done["status"], done["counts"]["replaced"]) == ("completed", 1), done
        assert scenario.contents("youtube", playlist) == [before[0], entry["proposal"]["track_id"], before[2]]
        repairs.lose(before[1], "public")


def test_a_playlist_that_is_gone_is_said_to_be(repairs: Repairs) -> None:
    playlist = repairs.migrated("AB")
    repairs.lose(repairs.scenario.contents("youtube", playlist)[0])
    repair = repairs.checked("youtube", playlist)
    repairs.scenario.delete_playlist(playlist)

    assert repairs.apply(repair["id"], {"entries": [1]})["code"] == "playlist-gone"
    assert repairs.checked("youtube", playlist)["code"] == "playlist-gone"


def test_a_refusal_is_told_as_the_provider_words_it(repairs: Repairs) -> None:
    playlist = repairs.pairs.playlist("youtube", "AB")
    reason = {"reason": "accessNotConfigured", "domain": "usageLimits"}
    body = {"error": {"code": 403, "message": "No.", "errors": [reason]}}
    repairs.scenario.fault("youtube", "GET /youtube/v3/playlistItems", status=403, body=body, times=None)
    repair = repairs.checked("youtube", playlist)
    repairs.scenario.clear_faults()
    assert (repair["status"], repair["code"]) == ("failed", "refused-by-provider"), repair
    assert repair["message"].startswith("YouTube refused: The YouTube Data API is not switched on")


def test_an_account_that_is_unlinked_takes_its_repairs_along(repairs: Repairs) -> None:
    person = repairs.scenario.person
    repair_id = repairs.check("youtube", repairs.pairs.playlist("youtube", "AB"))
    assert person.call("DELETE", "/v1/providers/youtube").status == 200
    repairs.work()

    assert person.call("GET", f"/v1/repairs/{repair_id}").status == 404
    assert person.call("GET", "/v1/repairs").json["items"] == []
    body = {"provider": "youtube", "playlist_id": "PLx"}
    assert person.call("POST", "/v1/repairs", body).json["type"].endswith("not-linked")


def test_a_spent_day_is_waited_for(repairs: Repairs) -> None:
    playlist = repairs.migrated("AB")
    repairs.lose(repairs.scenario.contents("youtube", playlist)[0])
    repairs.scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "1"

    waiting = repairs.checked("youtube", playlist)

    assert (waiting["status"], waiting["code"]) == ("checking", "waiting-for-quota"), waiting
    repairs.scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "1000000"
    repairs.scenario.pass_time(26 * 3600)
    repairs.work()
    assert repairs.get(waiting["id"])["status"] == "proposed"


def test_somebody_elses_repair_is_not_there_and_a_key_makes_one(repairs: Repairs) -> None:
    playlist = repairs.pairs.playlist("youtube", "AB")
    repair_id = repairs.check("youtube", playlist, headers={"Idempotency-Key": "one"})
    assert repairs.check("youtube", playlist, headers={"Idempotency-Key": "one"}) == repair_id
    body = {"provider": "youtube", "playlist_id": playlist}
    assert repairs.scenario.person.call("POST", "/v1/repairs", body).json["type"].endswith("repair-open")
    repairs.work()
    other = repairs.scenario.harness.sign_up()

    for method, path in (("GET", ""), ("GET", "/entries"), ("POST", "/apply"), ("POST", "/undo")):
        given = {} if path == "/apply" else None
        assert other.call(method, f"/v1/repairs/{repair_id}{path}", given).status == 404
    assert other.call("GET", "/v1/repairs").json["items"] == []
    assert [one["id"] for one in repairs.scenario.person.call("GET", "/v1/repairs").json["items"]] == [
        repair_id
    ]


def test_repairs_go_when_they_can_no_longer_be_undone(repairs: Repairs) -> None:
    repair = repairs.checked("youtube", repairs.pairs.playlist("youtube", "AB"))
    repairs.scenario.pass_time(28 * 86_400 + 60)

    repairs.scenario.harness.invoke("maintenance", {"task": "repairs"})

    assert repairs.scenario.person.call("GET", f"/v1/repairs/{repair['id']}").status == 404


def test_a_pair_takes_a_repair_of_one_side_for_the_same_song(repairs: Repairs) -> None:
    pairs = repairs.pairs
    pair_id, left, right = pairs.begin("ABC")
    before = repairs.scenario.contents("youtube", right)
    repairs.lose(before[1])
    repair = repairs.checked("youtube", right)
    (entry,) = repairs.entries(repair["id"])
    assert entry["known_by"] in {"match_store", "pair"}
    assert entry["proposal"] is not None
    assert repairs.apply(repair["id"], {"entries": [1]})["counts"]["replaced"] == 1
    after = repairs.scenario.contents("youtube", right)

    for _ in range(3):
        pair = pairs.run(pair_id)
        assert pair["code"] == "in-step", pair

    assert pairs.shows("spotify", left) == "ABC"
    assert repairs.scenario.contents("youtube", right) == after

    assert repairs.post(repair["id"], "undo").status == 200
    repairs.work()
    for _ in range(3):
        pairs.run(pair_id)

    # What YouTube takes no longer is gone there, and nobody has taken it out.
    assert pairs.shows("spotify", left) == "ABC"


def test_a_provider_that_fails_now_and_then_is_waited_for_no_longer_after_each_entry(
    repairs: Repairs,
) -> None:
    playlist, scenario = repairs.migrated("ABCDEFGH"), repairs.scenario
    for video in scenario.contents("youtube", playlist):
        repairs.lose(video)
    repair = repairs.checked("youtube", playlist)
    chosen = [one["number"] for one in repairs.entries(repair["id"]) if one["proposal"]]
    assert len(chosen) >= 4
    repairs.post(repair["id"], "apply", {"entries": chosen})
    waits = []
    for _ in chosen[1:]:
        # One entry is replaced, the next one is not.
        scenario.fault("youtube", "POST /youtube/v3/playlistItems", skip=1, **{"as": "server_error"})
        scenario.harness.drain(QUEUE, "sync_worker")
        if repairs.get(repair["id"])["code"] != "waiting-for-provider":
            break
        ((due_at,),) = scenario.sql("SELECT due_at FROM sync.repairs WHERE id = %s", repair["id"])
        waits.append((due_at - scenario.now()).total_seconds())
        scenario.pass_time(max(waits[-1], 0) + 130)
        scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    assert len(waits) >= 3
    assert max(waits) <= 60, waits
    scenario.clear_faults()
    repairs.work()
    assert repairs.get(repair["id"])["counts"]["replaced"] == len(chosen)


def listed_as_checked(repairs: Repairs, provider: str = "youtube", **query: Any) -> list[Any]:
    """Every playlist that was checked, read in pages of one."""
    found: list[Any] = []
    cursor = None
    while True:
        wanted = urlencode(
            {"provider": provider, "limit": 1, **query, **({"cursor": cursor} if cursor else {})}
        )
        page = repairs.scenario.person.call("GET", f"/v1/checked-playlists?{wanted}").json
        assert len(page["items"]) <= 1
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_playlists_that_were_checked_are_listed_with_what_cannot_be_played_now(repairs: Repairs) -> None:
    assert listed_as_checked(repairs) == []
    mended = repairs.migrated("ABCD")
    alive, waiting = (repairs.pairs.playlist("youtube", letters) for letters in ("EF", "GH"))
    for video in repairs.scenario.contents("youtube", mended)[1:3]:
        repairs.lose(video)
    first, second = repairs.checked("youtube", mended), repairs.checked("youtube", alive)
    open_check = repairs.check("youtube", waiting)

    by_id = {one["playlist_id"]: one for one in listed_as_checked(repairs)}

    assert list(by_id) == sorted([mended, alive, waiting])
    told = {name: (one["repair_id"], one["dead"], one["is_being_checked"]) for name, one in by_id.items()}
    assert told == {
        mended: (first["id"], 2, False), alive: (second["id"], 0, False), waiting: (open_check, None, True),
    }  # fmt: skip
    assert by_id[waiting]["checked_at"] is None
    assert by_id[mended]["checked_at"] == first["created_at"]
    assert [one["playlist_id"] for one in listed_as_checked(repairs, with_dead="true")] == [mended]
    assert listed_as_checked(repairs, "spotify") == []
    repairs.work()

    done = repairs.apply(first["id"], {"entries": [1]})
    assert done["counts"]["replaced"] == 1
    assert [one["dead"] for one in listed_as_checked(repairs, with_dead="true")] == [1]
    # While it is checked again, what is known stays.
    again = repairs.check("youtube", mended)
    (one,) = listed_as_checked(repairs, with_dead="true")
    assert (one["repair_id"], one["dead"], one["is_being_checked"]) == (first["id"], 1, True)
    repairs.work()
    (one,) = listed_as_checked(repairs, with_dead="true")
    assert (one["repair_id"], one["dead"], one["is_being_checked"]) == (again, 1, False)


def test_what_was_taken_back_cannot_be_played_again(repairs: Repairs) -> None:
    playlist = repairs.pairs.playlist("youtube", "ABC")
    video = repairs.scenario.contents("youtube", playlist)[0]
    repairs.scenario.control("youtube", "PUT", f"/videos/{video}", {"regions": {"blocked": ["DE"]}})
    repair = repairs.checked("youtube", playlist, "DE")
    repairs.apply(repair["id"], {"entries": [1]})
    assert listed_as_checked(repairs, with_dead="true") == []
    repairs.post(repair["id"], "undo")
    repairs.work()
    assert [one["dead"] for one in listed_as_checked(repairs, with_dead="true")] == [1]


def test_a_check_that_found_no_playlist_is_listed_as_none_that_ended(repairs: Repairs) -> None:
    playlist = repairs.pairs.playlist("youtube", "ABC")
    repair_id = repairs.check("youtube", playlist)
    repairs.scenario.delete_playlist(playlist)
    repairs.work()
    assert repairs.get(repair_id)["status"] == "failed"
    (one,) = listed_as_checked(repairs)
    assert (one["dead"], one["checked_at"], one["is_being_checked"]) == (None, None, False)


def test_ten_thousand_checked_playlists_are_read_page_by_page(repairs: Repairs) -> None:
    scenario = repairs.scenario
    with psycopg.connect(scenario.harness.database_url) as connection:
        connection.execute(
            """
            INSERT INTO sync.repairs (user_id, provider, playlist_id, status, counts, created_at, expires_at)
            SELECT %(person)s, 'youtube', 'PL' || n, 'completed',
                   jsonb_build_object('dead', (n %% 100 = 0)::int), %(now)s, %(now)s + interval '28 days'
            FROM generate_series(1, 10000) n""",
            {"person": scenario.person.id, "now": scenario.now()},
        )
    seen: list[str] = []
    path = "/v1/checked-playlists?provider=youtube&with_dead=true&limit=40"
    cursor = ""
    while True:
        page = scenario.person.call("GET", f"{path}{cursor}").json
        seen += [one["playlist_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == sorted(f"PL{n}" for n in range(100, 10_001, 100))
    answer = scenario.person.call("GET", f"{path}&cursor=x")
    assert (answer.status, answer.json["type"].rpartition(":")[2]) == (400, "invalid-cursor")
