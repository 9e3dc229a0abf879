"""What an open catalogue lacks: said in words, by a code, and looked for again, since people can add it."""

import pytest

from tests.integration.migrations.everywhere import ids, known, musicbrainz
from tests.integration.migrations.scenario import well_known
from tests.integration.sync.pairs import Pairs
from tests.integration.sync.repairs import Repairs

PAST_EVERY_MISS_S = 8 * 86_400.0
WORDS = "not in MusicBrainz, where you can add it"
to_listenbrainz = pytest.mark.parametrize("pairs", [("spotify", "listenbrainz")], indirect=True)


def lacking() -> str:
    """A track of Spotify's that nobody has entered yet, though any matcher would find it."""
    return next(id_ for one in well_known(200) if (id_ := one.tracks[0].id) in musicbrainz().lacking)


@to_listenbrainz
def test_a_pair_says_what_is_lacking_and_takes_it_once_it_is_there(pairs: Pairs) -> None:
    scenario, missing = pairs.scenario, lacking()
    left = scenario.playlist("spotify", [*pairs.ids("spotify", "A"), missing, *pairs.ids("spotify", "B")])
    right = pairs.playlist("listenbrainz", "AB")
    pair_id = pairs.make(("spotify", left), ("listenbrainz", right))
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()

    for _ in range(2):  # A later run does not forget it.
        pair = pairs.run(pair_id)
        assert pair["code"] == "in-step", pair
        assert f"1 song is {WORDS}." in pair["message"]
        path = f"/v1/pairs/{pair_id}/tracks?only=without_counterpart"
        (track,) = scenario.person.call("GET", path).json["items"]
        assert track["missing"] == {
            "code": "not-in-catalogue", "params": {"catalogue": "MusicBrainz"}, "message": f"It is {WORDS}.",
        }  # fmt: skip
        assert (track["left_track_id"], track["right"]) == (missing, "no_counterpart")

    made = scenario.control("listenbrainz", "POST", "/recordings", {"spotify": missing})["id"]
    scenario.pass_time(PAST_EVERY_MISS_S)
    pairs.run(pair_id)

    a, b = pairs.ids("listenbrainz", "AB")
    assert scenario.contents("listenbrainz", right) == [a, made, b]
    tracks = scenario.person.call("GET", f"/v1/pairs/{pair_id}/tracks").json["items"]
    assert [one["missing"] for one in tracks] == [None, None, None]


@to_listenbrainz
def test_a_repair_says_that_what_is_gone_is_not_there_under_another_id(pairs: Pairs) -> None:
    repairs, scenario = Repairs(pairs.scenario, pairs), pairs.scenario
    source = scenario.playlist("spotify", ids("spotify", known()[:3]))
    migration_id = scenario.start("spotify", "listenbrainz", [source])
    assert scenario.finish(migration_id)["status"] == "completed"
    playlist = scenario.moved(migration_id)[0]["target_playlist_id"]
    gone = scenario.contents("listenbrainz", playlist)[1]
    assert repairs.checked("listenbrainz", playlist)["code"] == "nothing-dead"
    scenario.control("listenbrainz", "DELETE", f"/recordings/{gone}")

    repair = repairs.checked("listenbrainz", playlist)

    (entry,) = repairs.entries(repair["id"])
    assert (entry["position"], entry["known_by"], entry["proposal"]) == (1, "migration", None)
    assert entry["state"] == "not_in_catalogue"
    assert entry["message"] == f"MusicBrainz has nothing under its id. What it was is {WORDS}."
    assert scenario.contents("listenbrainz", playlist)[1] == gone, "a check writes nothing"
