"""What open data names and artists' channels list is looked up for pairs, too, before any search."""

from tests.integration.migrations.scenario import catalogue, track_ids, video_ids
from tests.integration.migrations.test_channels import LIST, of_one_artist
from tests.integration.migrations.test_seeds import LOOKUP, SEARCH, seed
from tests.integration.sync.pairs import Pairs


def test_what_open_data_names_costs_a_pair_no_search(pairs: Pairs) -> None:
    seed(pairs.scenario, pairs.ids("youtube", "ABC"))
    left, right = pairs.playlist("spotify", "ABC"), pairs.playlist("youtube", "")
    pair_id = pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    pairs.scenario.clear_calls()
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.shows("youtube", right) == "ABC"
    calls = pairs.scenario.calls("youtube")
    assert SEARCH not in calls
    assert calls[LOOKUP] == 1


def test_what_open_data_names_wrongly_is_searched_for(pairs: Pairs) -> None:
    pairs.scenario.control("youtube", "PUT", "/videos/deadVideo01", {"privacy": "deleted"})
    seed(pairs.scenario, ["deadVideo01"])
    left, right = pairs.playlist("spotify", "A"), pairs.playlist("youtube", "")
    pair_id = pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.shows("youtube", right) == "A"
    assert pairs.scenario.calls("youtube")[SEARCH] == 1


def test_of_an_artists_tracks_a_pair_searches_for_one(pairs: Pairs) -> None:
    recordings = of_one_artist()
    scenario = pairs.scenario
    left, right = scenario.playlist("spotify", track_ids(recordings)), pairs.playlist("youtube", "")
    pair_id = pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    scenario.clear_calls()
    pairs.work()
    assert scenario.calls("youtube")[SEARCH] == 1
    assert pairs.runs(pair_id)[0]["cost"]["youtube"]["search"] == 1
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert scenario.contents("youtube", right) == video_ids(recordings)
    assert scenario.calls("youtube")[SEARCH] == 1


def test_what_a_pair_listed_spares_a_migration_its_search(pairs: Pairs) -> None:
    first, *others = of_one_artist()
    scenario = pairs.scenario
    left, right = scenario.playlist("spotify", track_ids([first, others[0]])), pairs.playlist("youtube", "")
    pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    pairs.work()
    scenario.sql("TRUNCATE providers.match_store")
    scenario.clear_calls()
    source = scenario.playlist("spotify", track_ids(others[1:]))
    migration_id = scenario.start("spotify", "youtube", [source])
    assert scenario.finish(migration_id)["status"] == "completed"
    assert SEARCH not in scenario.calls("youtube")


def test_a_channel_that_gives_nothing_out_leaves_a_pair_its_searches(pairs: Pairs) -> None:
    recordings = of_one_artist()
    scenario = pairs.scenario
    left, right = scenario.playlist("spotify", track_ids(recordings)), pairs.playlist("youtube", "")
    pair_id = pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    reason = {"reason": "playlistItemsNotAccessible", "domain": "youtube"}
    error = {"error": {"code": 403, "message": "No.", "errors": [reason]}}
    # The first list that is read is the pair's own.
    scenario.fault("youtube", LIST, status=403, body=error, skip=1, times=1)
    scenario.clear_calls()
    pairs.work()
    assert scenario.calls("youtube")[SEARCH] == 3
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    found = zip(track_ids(recordings), scenario.contents("youtube", right), strict=True)
    assert all(catalogue().is_right_match(track, video) for track, video in found)


def test_a_pair_whose_searches_are_spent_finds_the_others_on_the_channel_tomorrow(pairs: Pairs) -> None:
    """What was found before the searches ended is not searched for again."""
    scenario = pairs.scenario
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "2"
    recordings = of_one_artist()
    others = pairs.ids("spotify", "ABC")
    ids = [*track_ids(recordings), *(one for one in others if one not in track_ids(recordings))]
    left, right = scenario.playlist("spotify", ids), pairs.playlist("youtube", "")
    pairs.make(("spotify", left), ("youtube", right), mode="mirror")
    scenario.clear_calls()
    for _ in range(4):
        pairs.work()
        scenario.pass_time(86_400)
    pairs.work()
    artists = 1 + len(ids) - len(recordings)
    assert scenario.calls("youtube")[SEARCH] <= artists
